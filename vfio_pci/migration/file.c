// SPDX-License-Identifier: GPL-2.0-only
/*
 * Data files: what a user reads the state of a device from, or writes it to.
 *
 * A file belongs to a session of its device, and outlives it when its user does
 * not close it. It is revoked when the session ends, and knows the device no
 * longer; it keeps the module loaded, through its file_operations.
 */
#include <linux/anon_inodes.h>
#include <linux/err.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/module.h>
#include <linux/poll.h>
#include <linux/slab.h>

#include "migration.h"

static void vfio_pci_mig_file_empty(struct vfio_pci_mig_file *file)
{
	struct vfio_pci_mig_buf *buf, *tmp;

	list_for_each_entry_safe(buf, tmp, &file->bufs, all) {
		vfio_pci_mig_buf_free(buf);
		if (buf != &file->first)
			kfree(buf);
	}
	file->spare = NULL;
	INIT_LIST_HEAD(&file->ready);
	INIT_LIST_HEAD(&file->pool);
}

static void vfio_pci_mig_file_free(struct kref *ref)
{
	struct vfio_pci_mig_file *file =
		container_of(ref, struct vfio_pci_mig_file, ref);

	vfio_pci_mig_file_empty(file);
	vfio_pci_mig_put(file->mig);
	mutex_destroy(&file->dma);
	mutex_destroy(&file->io);
	kfree(file);
}

static int vfio_pci_mig_file_release(struct inode *inode, struct file *filp)
{
	struct vfio_pci_mig_file *file = filp->private_data;

	kref_put(&file->ref, vfio_pci_mig_file_free);
	return 0;
}

static __poll_t vfio_pci_mig_poll(struct file *filp, poll_table *wait)
{
	struct vfio_pci_mig_file *file = filp->private_data;
	__poll_t events = 0;
	unsigned long flags;

	poll_wait(filp, &file->mig->wait, wait);

	spin_lock_irqsave(&file->mig->lock, flags);
	if (file->saving)
		events = vfio_pci_mig_save_poll(file);
	else if (file->revoked || file->error)
		events = EPOLLOUT | EPOLLWRNORM | EPOLLERR;
	else
		events = EPOLLOUT | EPOLLWRNORM;
	spin_unlock_irqrestore(&file->mig->lock, flags);
	return events;
}

static const struct file_operations vfio_pci_mig_save_fops = {
	.owner		= THIS_MODULE,
	.read		= vfio_pci_mig_read,
	.poll		= vfio_pci_mig_poll,
	.unlocked_ioctl	= vfio_pci_mig_ioctl,
	.compat_ioctl	= compat_ptr_ioctl,
	.release	= vfio_pci_mig_file_release,
};

static const struct file_operations vfio_pci_mig_load_fops = {
	.owner		= THIS_MODULE,
	.write		= vfio_pci_mig_write,
	.poll		= vfio_pci_mig_poll,
	.release	= vfio_pci_mig_file_release,
};

static struct vfio_pci_mig_file *vfio_pci_mig_file_new(struct vfio_pci_mig *mig,
						       bool saving)
{
	struct vfio_pci_mig_file *file;

	file = kzalloc(sizeof(*file), GFP_KERNEL_ACCOUNT);
	if (!file)
		return NULL;

	kref_init(&file->ref);
	kref_get(&mig->ref);
	file->mig = mig;
	file->saving = saving;
	mutex_init(&file->io);
	mutex_init(&file->dma);
	INIT_LIST_HEAD(&file->bufs);
	INIT_LIST_HEAD(&file->ready);
	INIT_LIST_HEAD(&file->pool);
	vfio_pci_mig_buf_init(&file->first,
			      saving ? DMA_FROM_DEVICE : DMA_TO_DEVICE);
	list_add(&file->first.all, &file->bufs);
	list_add(&file->first.link, &file->pool);
	file->nr_bufs = 1;
	return file;
}

/**
 * vfio_pci_mig_file_lock() - begin to read or write
 * @file: the file
 * @block: wait while somebody else does
 *
 * Return: 0, -EAGAIN, or -ERESTARTSYS when a signal came first.
 */
int vfio_pci_mig_file_lock(struct vfio_pci_mig_file *file, bool block)
{
	if (!block)
		return mutex_trylock(&file->io) ? 0 : -EAGAIN;
	return mutex_lock_interruptible(&file->io) ? -ERESTARTSYS : 0;
}

/**
 * vfio_pci_mig_session_begin() - make a data file
 * @mig: the migration, without one
 * @saving: the file is to be read, else to be written
 *
 * Context: In turn.
 * Return: the open file, or an ERR_PTR: -ENOMEM, or the errno of the vendor or
 * of the VFS.
 */
struct file *vfio_pci_mig_session_begin(struct vfio_pci_mig *mig, bool saving)
{
	struct vfio_pci_mig_file *file;
	struct file *filp;
	int ret;

	file = vfio_pci_mig_file_new(mig, saving);
	if (!file)
		return ERR_PTR(-ENOMEM);

	filp = anon_inode_getfile("vfio-pci-mig", saving ?
				  &vfio_pci_mig_save_fops :
				  &vfio_pci_mig_load_fops, file,
				  saving ? O_RDONLY : O_WRONLY);
	if (IS_ERR(filp)) {
		kref_put(&file->ref, vfio_pci_mig_file_free);
		return filp;
	}
	stream_open(filp->f_inode, filp);

	if (mig->ops->open) {
		ret = mig->ops->open(mig->device);
		if (ret) {
			fput(filp);
			return ERR_PTR(ret);
		}
	}

	kref_get(&file->ref);
	spin_lock_irq(&mig->lock);
	mig->file = file;
	spin_unlock_irq(&mig->lock);
	return filp;
}

/**
 * vfio_pci_mig_session_end() - revoke the data file, if there is one
 * @mig: the migration
 *
 * Context: In turn.
 */
void vfio_pci_mig_session_end(struct vfio_pci_mig *mig)
{
	struct vfio_pci_mig_file *file = mig->file;
	struct vfio_pci_mig_buf *buf;

	if (!file)
		return;

	spin_lock_irq(&mig->lock);
	file->revoked = true;
	spin_unlock_irq(&mig->lock);
	vfio_pci_mig_wake(mig);

	if (file->saving && mig->ops->cancel)
		mig->ops->cancel(mig->device);

	/* A reader that does not see that the file is revoked is through then. */
	mutex_lock(&file->dma);
	mutex_unlock(&file->dma);

	vfio_pci_mig_spare_keep(file);
	list_for_each_entry(buf, &file->bufs, all) {
		vfio_pci_mig_buf_detach(mig, buf);
		vfio_pci_mig_buf_unmap(mig, buf);
	}
	if (mig->ops->close)
		mig->ops->close(mig->device);

	spin_lock_irq(&mig->lock);
	mig->file = NULL;
	spin_unlock_irq(&mig->lock);

	/*
	 * Nobody looks at the buffers of a revoked file any more, except for a
	 * user who is copying: then the memory stays until the file is closed.
	 */
	if (mutex_trylock(&file->io)) {
		vfio_pci_mig_file_empty(file);
		mutex_unlock(&file->io);
	}
	kref_put(&file->ref, vfio_pci_mig_file_free);
}

/**
 * vfio_pci_mig_file_fail() - a file is of no use any more, but its device is
 * @file: the file
 * @error: errno that users get
 *
 * Context: Any.
 */
void vfio_pci_mig_file_fail(struct vfio_pci_mig_file *file, int error)
{
	struct vfio_pci_mig *mig = file->mig;
	unsigned long flags;

	spin_lock_irqsave(&mig->lock, flags);
	file->error = file->error ?: error;
	file->next = 0;
	spin_unlock_irqrestore(&mig->lock, flags);
	vfio_pci_mig_wake(mig);
}
