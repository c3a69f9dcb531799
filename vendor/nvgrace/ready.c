// SPDX-License-Identifier: GPL-2.0-only
/*
 * Is the memory of the GPU ready? After power on and after a reset, the link is
 * trained first, and on Blackwell the memory too. An access before that time
 * ends in logged hardware errors.
 */
#include <linux/bitfield.h>
#include <linux/io.h>
#include <linux/jiffies.h>
#include <linux/minmax.h>
#include <linux/sched.h>
#include <linux/time64.h>

#include "nvgrace.h"

/* Registers in BAR 0, and what they read when done. */
#define NVGRACE_C2C_STATUS	0x1498
#define NVGRACE_HBM_STATUS	0x200bc
#define NVGRACE_READY		0xff
#define NVGRACE_REGS_END	(NVGRACE_HBM_STATUS + sizeof(u32))
#define NVGRACE_LIMIT_MS	(30 * MSEC_PER_SEC)

/* CXL 3.1, 8.1.3 "PCIe DVSEC for CXL Devices", Range 1 Size Low. */
#define NVGRACE_CXL_VENDOR		0x1e98
#define NVGRACE_CXL_DVSEC		0
#define NVGRACE_CXL_RANGE		0x1c
#define NVGRACE_CXL_INFO_VALID		BIT(0)
#define NVGRACE_CXL_ACTIVE		BIT(1)
#define NVGRACE_CXL_TIMEOUT		GENMASK(15, 13)
#define NVGRACE_CXL_TIMEOUT_MAX		4

/* The first look comes soon, and the next ones further and further apart. */
#define NVGRACE_POLL_MIN_MS	10
#define NVGRACE_POLL_MAX_MS	1000

static int nvgrace_look_regs(struct nvgrace_device *nvgrace,
			     unsigned int *limit)
{
	*limit = NVGRACE_LIMIT_MS;
	if (ioread32(nvgrace->regs + NVGRACE_C2C_STATUS) == NVGRACE_READY &&
	    ioread32(nvgrace->regs + NVGRACE_HBM_STATUS) == NVGRACE_READY)
		return 0;

	return -EAGAIN;
}

/* A second for the range to be valid; it then says how long it may take. */
static int nvgrace_look_cxl(struct nvgrace_device *nvgrace,
			    unsigned int *limit)
{
	u32 range, code;

	if (pci_read_config_dword(nvgrace->core.pdev,
				  nvgrace->cxl + NVGRACE_CXL_RANGE, &range) ||
	    range == U32_MAX)
		return -ENODEV;

	*limit = MSEC_PER_SEC;
	if (!(range & NVGRACE_CXL_INFO_VALID))
		return -EAGAIN;
	if (range & NVGRACE_CXL_ACTIVE)
		return 0;

	code = min_t(u32, FIELD_GET(NVGRACE_CXL_TIMEOUT, range),
		     NVGRACE_CXL_TIMEOUT_MAX);
	*limit = MSEC_PER_SEC << (2 * code);
	return -EAGAIN;
}

/*
 * With memory_lock held. @limit: milliseconds that it may take in this phase.
 * The result is kept for the epoch in which the look began: a reset may begin
 * during the look. While the user has engaged low power, the function can lose
 * power between two accesses: then nothing is kept.
 */
static int nvgrace_look(struct nvgrace_device *nvgrace, unsigned int *limit)
{
	int epoch = atomic_read_acquire(&nvgrace->epoch);
	int ret;

	ret = nvgrace->cxl ? nvgrace_look_cxl(nvgrace, limit) :
			     nvgrace_look_regs(nvgrace, limit);
	if (!ret && !nvgrace->core.pm_runtime_engaged)
		WRITE_ONCE(nvgrace->ready_epoch, epoch);
	return ret;
}

static int nvgrace_look_locked(struct nvgrace_device *nvgrace,
			       unsigned int *limit)
{
	struct vfio_pci_core_device *vdev = &nvgrace->core;
	int ret = -EIO;

	down_read(&vdev->memory_lock);
	if (vfio_pci_compat_memory_enabled(vdev))
		ret = nvgrace_look(nvgrace, limit);
	up_read(&vdev->memory_lock);
	return ret;
}

/* The limit only ever rises from one phase to the next: this does end. */
static int nvgrace_wait(struct nvgrace_device *nvgrace)
{
	unsigned int limit = 0, phase = 0, poll = NVGRACE_POLL_MIN_MS;
	unsigned long start = jiffies;
	int ret;

	for (;;) {
		ret = nvgrace_look_locked(nvgrace, &limit);
		if (ret != -EAGAIN)
			return ret;

		if (limit > phase) {
			phase = limit;
			start = jiffies;
		}
		if (time_after(jiffies, start + msecs_to_jiffies(phase)))
			break;

		if (schedule_timeout_killable(msecs_to_jiffies(poll)))
			return -EINTR;
		poll = min(2 * poll, (unsigned int)NVGRACE_POLL_MAX_MS);
	}

	dev_err_ratelimited(&nvgrace->core.pdev->dev,
			    "GPU memory was not ready within %u s: no access to it\n",
			    phase / (unsigned int)MSEC_PER_SEC);
	return -ETIME;
}

/**
 * nvgrace_ready() - &vfio_pci_mem_ready_t of the windows
 * @vdev: the device
 * @wait: wait for it
 *
 * Return: 0 if ready, -EAGAIN if not yet, -ETIME after the time that hardware
 * may take, -EINTR for a task being killed, -EIO while memory is disabled,
 * -ENODEV if the function does not answer.
 */
int nvgrace_ready(struct vfio_pci_core_device *vdev, bool wait)
{
	struct nvgrace_device *nvgrace = to_nvgrace(vdev);
	unsigned int limit;

	if (likely(READ_ONCE(nvgrace->ready_epoch) == atomic_read(&nvgrace->epoch)))
		return 0;

	return wait ? nvgrace_wait(nvgrace) : nvgrace_look(nvgrace, &limit);
}

/**
 * nvgrace_ready_find() - find out where to look
 * @nvgrace: the device, being probed
 * @log: for the reason of a decline
 *
 * Return: 0, or -ENODEV for a decline.
 */
int nvgrace_ready_find(struct nvgrace_device *nvgrace,
		       struct vfio_pci_vendor_log *log)
{
	struct pci_dev *pdev = nvgrace->core.pdev;

	nvgrace->cxl = pci_find_dvsec_capability(pdev, NVGRACE_CXL_VENDOR,
						 NVGRACE_CXL_DVSEC);
	if (nvgrace->cxl)
		return 0;

	if (!(pci_resource_flags(pdev, 0) & IORESOURCE_MEM) ||
	    pci_resource_len(pdev, 0) < NVGRACE_REGS_END)
		return vfio_pci_vendor_decline(log,
					       "BAR 0 is missing or too small to show whether the GPU memory is ready");

	return 0;
}

/**
 * nvgrace_ready_forget() - the memory may not be ready from now on
 * @nvgrace: the device
 *
 * Context: Any.
 */
void nvgrace_ready_forget(struct nvgrace_device *nvgrace)
{
	atomic_inc(&nvgrace->epoch);
}

/**
 * nvgrace_ready_open() - get ready to look
 * @nvgrace: the device, enabled
 *
 * Return: 0, or the errno of mapping BAR 0.
 */
int nvgrace_ready_open(struct nvgrace_device *nvgrace)
{
	nvgrace_ready_forget(nvgrace);
	if (nvgrace->cxl)
		return 0;

	nvgrace->regs = vfio_pci_compat_iomap(&nvgrace->core, 0);
	return PTR_ERR_OR_ZERO((__force void *)nvgrace->regs);
}
