// SPDX-License-Identifier: GPL-2.0-only
/*
 * Dirty-page logs: pass the requests of VFIO on to the vendor, in turn, and
 * gather what it reports, often page by page, into ranges.
 */
#include <linux/iova_bitmap.h>
#include <linux/minmax.h>
#include <linux/module.h>
#include <linux/vfio.h>

#include "migration.h"

/**
 * struct vfio_pci_mig_dirty - a report being made
 * @bitmap: where it goes
 * @first: first address that was asked for
 * @last: the last one
 * @start: start of a range not yet in @bitmap
 * @end: its last address; below @start: there is none
 */
struct vfio_pci_mig_dirty {
	struct iova_bitmap *bitmap;
	unsigned long first;
	unsigned long last;
	unsigned long start;
	unsigned long end;
};

static struct vfio_pci_mig *to_mig(struct vfio_device *core_vdev)
{
	return container_of(core_vdev, struct vfio_pci_mig_device,
			    core.vdev)->mig;
}

static void vfio_pci_mig_dirty_flush(struct vfio_pci_mig_dirty *dirty)
{
	if (dirty->end >= dirty->start)
		iova_bitmap_set(dirty->bitmap, dirty->start,
				dirty->end - dirty->start + 1);
	dirty->start = 1;
	dirty->end = 0;
}

void vfio_pci_mig_dirty_set(struct vfio_pci_mig_dirty *dirty,
			    unsigned long iova, unsigned long length)
{
	unsigned long end;

	if (!length)
		return;
	if (check_add_overflow(iova, length - 1, &end))
		end = ULONG_MAX;

	iova = max(iova, dirty->first);
	end = min(end, dirty->last);
	if (iova > end)
		return;

	if (dirty->end >= dirty->start && dirty->end + 1 == iova) {
		dirty->end = end;
		return;
	}

	vfio_pci_mig_dirty_flush(dirty);
	dirty->start = iova;
	dirty->end = end;
}

/**
 * vfio_pci_mig_dirty_end() - end a log, if there is one
 * @mig: the migration
 *
 * Context: In turn.
 */
void vfio_pci_mig_dirty_end(struct vfio_pci_mig *mig)
{
	if (!mig->log_active)
		return;

	mig->log_active = false;
	mig->ops->dirty_stop(mig->device);
}

static int vfio_pci_mig_log_start(struct vfio_device *core_vdev,
				  struct rb_root_cached *ranges, u32 nr_ranges,
				  u64 *page_size)
{
	struct vfio_pci_mig *mig = to_mig(core_vdev);
	int ret;

	ret = vfio_pci_mig_enter(mig, false);
	if (ret)
		return ret;

	if (mig->detached)
		ret = -ENOTCONN;
	else if (mig->log_active)
		ret = -EINVAL;
	else
		ret = mig->ops->dirty_start(mig->device, ranges, nr_ranges,
					    page_size);
	if (!ret)
		mig->log_active = true;
	vfio_pci_mig_leave(mig);
	return ret;
}

static int vfio_pci_mig_log_stop(struct vfio_device *core_vdev)
{
	struct vfio_pci_mig *mig = to_mig(core_vdev);
	int ret;

	ret = vfio_pci_mig_enter(mig, false);
	if (ret)
		return ret;

	vfio_pci_mig_dirty_end(mig);
	vfio_pci_mig_leave(mig);
	return 0;
}

static int vfio_pci_mig_log_report(struct vfio_device *core_vdev,
				   unsigned long iova, unsigned long length,
				   struct iova_bitmap *bitmap)
{
	struct vfio_pci_mig *mig = to_mig(core_vdev);
	struct vfio_pci_mig_dirty dirty = {
		.bitmap	= bitmap,
		.first	= iova,
		.last	= iova + length - 1,
		.start	= 1,
	};
	int ret;

	ret = vfio_pci_mig_enter_killable(mig);
	if (ret)
		return ret;

	if (mig->detached)
		ret = -ENOTCONN;
	else if (!mig->log_active)
		ret = -EINVAL;
	else
		ret = mig->ops->dirty_report(mig->device, iova, length, &dirty);
	vfio_pci_mig_dirty_flush(&dirty);
	vfio_pci_mig_leave(mig);
	return ret;
}

const struct vfio_log_ops vfio_pci_mig_log_ops = {
	.log_start		= vfio_pci_mig_log_start,
	.log_stop		= vfio_pci_mig_log_stop,
	.log_read_and_clear	= vfio_pci_mig_log_report,
};

VFIO_PCI_COMPAT_IMPORT_IOVA_BITMAP();
