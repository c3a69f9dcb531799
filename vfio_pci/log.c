// SPDX-License-Identifier: GPL-2.0-only
/*
 * Why a device got the vendor ops that it has: kept as long as it is bound, and
 * told once in the kernel log.
 */
#include <linux/device.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "vfio_pci.h"

__printf(2, 0)
static void vfio_pci_log_reason(struct vfio_pci_vendor_log *log,
				const char *fmt, va_list args)
{
	log->len += vscnprintf(log->reason + log->len,
			       sizeof(log->reason) - log->len, fmt, args);
}

int vfio_pci_vendor_decline(struct vfio_pci_vendor_log *log,
			    const char *fmt, ...)
{
	va_list args;

	log->len = 0;
	va_start(args, fmt);
	vfio_pci_log_reason(log, fmt, args);
	va_end(args);

	return -ENODEV;
}

void vfio_pci_vendor_note(struct vfio_pci_vendor_log *log,
			  const char *fmt, ...)
{
	va_list args;

	if (log->len)
		log->len += scnprintf(log->reason + log->len,
				      sizeof(log->reason) - log->len, "; ");

	va_start(args, fmt);
	vfio_pci_log_reason(log, fmt, args);
	va_end(args);
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
	char *before = log->text;

	log->text = kasprintf(GFP_KERNEL, "%s%s%s: %s%s%s",
			      before ?: "", before ? "\n" : "", name, verdict,
			      log->len ? ": " : "", log->reason);
	kfree(before);
	log->reason[0] = '\0';
	log->len = 0;

	return log->text ? 0 : -ENOMEM;
}

/* The type of the device resource; there is nothing to undo. */
static void vfio_pci_log_text_release(struct device *dev, void *text)
{
}

/**
 * vfio_pci_log_publish() - make a log readable until the function is unbound
 * @log: the log of this bind, complete
 * @pdev: the function, during its probe
 *
 * Return: 0, or -ENOMEM.
 */
int vfio_pci_log_publish(struct vfio_pci_vendor_log *log, struct pci_dev *pdev)
{
	size_t size;
	char *text;

	if (!log->text)
		return 0;

	size = strlen(log->text) + 1;
	text = devres_alloc(vfio_pci_log_text_release, size, GFP_KERNEL);
	if (!text)
		return -ENOMEM;

	memcpy(text, log->text, size);
	devres_add(&pdev->dev, text);
	return 0;
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

/**
 * vfio_pci_log_announce() - write the published log to the kernel log
 * @pdev: the function, once nothing can fail its bind any more
 *
 * One message with all lines, if there are any.
 */
void vfio_pci_log_announce(struct pci_dev *pdev)
{
	const char *text = vfio_pci_log_of(&pdev->dev);
	char *message, *to;

	if (!text)
		return;

	message = kmalloc(2 * strlen(text) + 1, GFP_KERNEL);
	if (!message)
		return;

	for (to = message; *text; text++) {
		if (*text == '\n') {
			*to++ = ';';
			*to++ = ' ';
		} else {
			*to++ = *text;
		}
	}
	*to = '\0';

	pci_info(pdev, "vendor ops: %s\n", message);
	kfree(message);
}
