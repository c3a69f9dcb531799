// SPDX-License-Identifier: GPL-2.0-only
/*
 * The spare buffer of a device, which is ready before there is a session.
 *
 * A small image costs less than what is done for it: memory, its mapping, and the
 * commands that make it known to the device and unknown again. All that is done
 * when the device is opened and closed, and not while a guest stands still.
 */
#include <linux/mm.h>
#include <linux/sizes.h>
#include <linux/slab.h>

#include "migration.h"

#define VFIO_PCI_MIG_SPARE_SIZE	PAGE_ALIGN(SZ_8K)

static void vfio_pci_mig_spare_drop(struct vfio_pci_mig *mig,
				    struct vfio_pci_mig_buf *buf)
{
	vfio_pci_mig_buf_detach(mig, buf);
	vfio_pci_mig_buf_unmap(mig, buf);
	vfio_pci_mig_buf_free(buf);
	kfree(buf);
}

static struct vfio_pci_mig_buf *vfio_pci_mig_spare_new(struct vfio_pci_mig *mig)
{
	struct vfio_pci_mig_buf *buf;
	int ret;

	buf = kzalloc(sizeof(*buf), GFP_KERNEL_ACCOUNT);
	if (!buf)
		return NULL;

	vfio_pci_mig_buf_init(buf, DMA_BIDIRECTIONAL);
	ret = vfio_pci_mig_buf_grow(mig, buf, VFIO_PCI_MIG_SPARE_SIZE,
				    VFIO_PCI_MIG_SPARE_SIZE);
	if (!ret)
		ret = vfio_pci_mig_buf_attach(mig, buf);
	if (!ret)
		return buf;

	vfio_pci_mig_spare_drop(mig, buf);
	return NULL;
}

void vfio_pci_mig_preallocate(struct vfio_pci_mig_device *device)
{
	struct vfio_pci_mig *mig = device->mig;

	vfio_pci_mig_enter_always(mig, false);
	if (!mig->detached && !mig->spare)
		WRITE_ONCE(mig->spare, vfio_pci_mig_spare_new(mig));
	vfio_pci_mig_leave(mig);
}

/**
 * vfio_pci_mig_spare_fits() - is it worth taking the turn to ask for it?
 * @mig: the migration
 * @size: bytes of the image
 *
 * Context: Any.
 * Return: whether there may be a spare buffer for it.
 */
bool vfio_pci_mig_spare_fits(struct vfio_pci_mig *mig, u64 size)
{
	return size <= VFIO_PCI_MIG_SPARE_SIZE && READ_ONCE(mig->spare);
}

/**
 * vfio_pci_mig_spare_take() - have the spare buffer for an image
 * @file: the file
 * @size: bytes of the image
 *
 * Context: In turn.
 * Return: the buffer, attached, or NULL if there is none or it is too small.
 */
struct vfio_pci_mig_buf *vfio_pci_mig_spare_take(struct vfio_pci_mig_file *file,
						 u64 size)
{
	struct vfio_pci_mig *mig = file->mig;
	struct vfio_pci_mig_buf *buf = mig->spare;

	if (!buf || size > buf->size)
		return NULL;

	WRITE_ONCE(mig->spare, NULL);
	file->spare = buf;
	list_add(&buf->all, &file->bufs);
	return buf;
}

/**
 * vfio_pci_mig_spare_keep() - have it back for the next session, if a file has it
 * @file: the file, revoked
 *
 * Context: In turn, and no fill is in progress.
 */
void vfio_pci_mig_spare_keep(struct vfio_pci_mig_file *file)
{
	struct vfio_pci_mig_buf *buf = file->spare;
	struct vfio_pci_mig *mig = file->mig;

	/* Where a command failed, the device may still be at it. */
	if (!buf || !buf->attached || file->error)
		return;
	/* Another image may have been larger. */
	if (buf->size > VFIO_PCI_MIG_SPARE_SIZE)
		return;
	/* Who is copying keeps it; nobody comes to a revoked file after that. */
	if (!mutex_trylock(&file->io))
		return;

	spin_lock_irq(&mig->lock);
	list_del_init(&buf->link);
	spin_unlock_irq(&mig->lock);
	list_del_init(&buf->all);

	/* Bytes that were never loaded must not come after what is saved next. */
	buf->len = buf->size;
	vfio_pci_mig_buf_sync(mig, buf);
	buf->len = 0;
	vfio_pci_mig_buf_rewind(buf);
	file->spare = NULL;
	WRITE_ONCE(mig->spare, buf);
	mutex_unlock(&file->io);
}

/**
 * vfio_pci_mig_spare_free() - free the spare buffer, if there is one
 * @mig: the migration, without a session
 *
 * Context: In turn.
 */
void vfio_pci_mig_spare_free(struct vfio_pci_mig *mig)
{
	if (mig->spare)
		vfio_pci_mig_spare_drop(mig, mig->spare);
	WRITE_ONCE(mig->spare, NULL);
}
