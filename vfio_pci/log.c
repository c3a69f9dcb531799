// SPDX-License-Identifier: GPL-2.0-only
/*
 * Why a device got the vendor ops that it has: kept as long as it is bound, and
 * told once in the kernel log.
 */
#include <linux/device.h>
#include <linux/seq_buf.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "vfio_pci.h"

/* Room for the rows that can match one function, with their reasons. */
#define VFIO_PCI_LOG_MAX	2048

struct vfio_pci_log_buf {
	struct seq_buf seq;
	char data[VFIO_PCI_LOG_MAX];
};

static struct vfio_pci_log_buf *vfio_pci_log_buf_alloc(void)
{
	struct vfio_pci_log_buf *buf = kmalloc(sizeof(*buf), GFP_KERNEL);

	if (buf)
		seq_buf_init(&buf->seq, buf->data, sizeof(buf->data));
	return buf;
}

static int vfio_pci_log_alloc(struct vfio_pci_vendor_log *log)
{
	if (!log->text)
		log->text = vfio_pci_log_buf_alloc();
	if (!log->message)
		log->message = vfio_pci_log_buf_alloc();

	return log->text && log->message ? 0 : -ENOMEM;
}

int vfio_pci_vendor_decline(struct vfio_pci_vendor_log *log,
			    const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vscnprintf(log->reason, sizeof(log->reason), fmt, args);
	va_end(args);

	return -ENODEV;
}

void vfio_pci_vendor_note(struct vfio_pci_vendor_log *log,
			  const char *fmt, ...)
{
	size_t len = strlen(log->reason);
	va_list args;

	if (len)
		len += scnprintf(log->reason + len, sizeof(log->reason) - len,
				 "; ");

	va_start(args, fmt);
	vscnprintf(log->reason + len, sizeof(log->reason) - len, fmt, args);
	va_end(args);
}

static void vfio_pci_log_append(struct vfio_pci_log_buf *buf,
				const char *separator, const char *name,
				const char *verdict, const char *reason)
{
	seq_buf_printf(&buf->seq, "%s%s: %s%s%s",
		       buf->seq.len ? separator : "", name, verdict,
		       *reason ? ": " : "", reason);
}

/**
 * vfio_pci_log_candidate() - record what became of a candidate
 * @log: the log of this bind
 * @name: name of the candidate
 * @verdict: "selected", "declined" or "disabled"
 *
 * Appends the candidate's own words from @log->reason, and clears them.
 *
 * Return: 0, or -ENOMEM.
 */
int vfio_pci_log_candidate(struct vfio_pci_vendor_log *log, const char *name,
			   const char *verdict)
{
	int ret;

	ret = vfio_pci_log_alloc(log);
	if (ret)
		return ret;

	vfio_pci_log_append(log->text, "\n", name, verdict, log->reason);
	vfio_pci_log_append(log->message, "; ", name, verdict, log->reason);
	log->reason[0] = '\0';
	return 0;
}

/* The type of the device resource; there is nothing to undo. */
static void vfio_pci_log_text_release(struct device *dev, void *text)
{
}

/**
 * vfio_pci_log_publish() - make a log readable until the function is unbound
 * @log: the log of this bind, complete
 * @pdev: the function, during its probe
 * @announce: also write the kernel message
 *
 * Return: 0, or -ENOMEM.
 */
int vfio_pci_log_publish(struct vfio_pci_vendor_log *log, struct pci_dev *pdev,
			 bool announce)
{
	size_t size;
	char *text;

	if (!log->text)
		return 0;

	size = strlen(log->text->data) + 1;
	text = devres_alloc(vfio_pci_log_text_release, size, GFP_KERNEL);
	if (!text)
		return -ENOMEM;

	strscpy(text, log->text->data, size);
	devres_add(&pdev->dev, text);

	if (announce)
		pci_info(pdev, "vendor ops: %s\n", log->message->data);
	return 0;
}

/**
 * vfio_pci_log_release() - free what composing a log took
 * @log: the log of this bind
 */
void vfio_pci_log_release(struct vfio_pci_vendor_log *log)
{
	kfree(log->message);
	kfree(log->text);
}

/**
 * vfio_pci_log_of() - the published log of a bound function
 * @dev: the function
 *
 * Return: the text, valid until unbind; NULL if there was nothing to tell.
 */
const char *vfio_pci_log_of(struct device *dev)
{
	return devres_find(dev, vfio_pci_log_text_release, NULL, NULL);
}
