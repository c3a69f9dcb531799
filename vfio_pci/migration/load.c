// SPDX-License-Identifier: GPL-2.0-only
/*
 * Loading: a user writes a stream, and the device takes the images in it.
 *
 * An image is kept until it is complete. Memory for it is allocated as its bytes
 * come, whatever the stream announces.
 */
#include <linux/fs.h>
#include <linux/minmax.h>
#include <linux/uaccess.h>

#include "migration.h"

/* The buffer that images come to. */
static struct vfio_pci_mig_buf *vfio_pci_mig_image(struct vfio_pci_mig_file *file)
{
	return file->spare ?: &file->first;
}

/* In turn. */
static int vfio_pci_mig_load_image(struct vfio_pci_mig_file *file)
{
	struct vfio_pci_mig_buf *buf = vfio_pci_mig_image(file);
	struct vfio_pci_mig *mig = file->mig;
	int ret;

	/* Memory may be there at the next attempt; what else failed, is final. */
	ret = vfio_pci_mig_buf_attach(mig, buf);
	if (ret) {
		file->pending = ret == -ENOMEM;
		return ret;
	}

	vfio_pci_mig_buf_sync(mig, buf);
	ret = mig->ops->load(mig->device, buf);
	/* A device that gave no answer may still be at it. */
	if (ret)
		vfio_pci_mig_buf_detach(mig, buf);
	file->pending = false;
	buf->len = 0;
	vfio_pci_mig_buf_rewind(buf);
	return ret;
}

/* Take the turn for a file whose session may be over. */
static int vfio_pci_mig_load_enter(struct vfio_pci_mig_file *file)
{
	int ret;

	ret = vfio_pci_mig_enter(file->mig, false);
	if (ret)
		return ret;
	if (!file->revoked)
		return 0;

	vfio_pci_mig_leave(file->mig);
	return -ENODEV;
}

static int vfio_pci_mig_load_pending(struct vfio_pci_mig_file *file)
{
	int ret;

	ret = vfio_pci_mig_load_enter(file);
	if (ret)
		return ret;

	ret = vfio_pci_mig_load_image(file);
	if (ret && !file->pending)
		vfio_pci_mig_error(file->mig, "the device refused a state",
				   ret);
	vfio_pci_mig_leave(file->mig);
	return ret;
}

static int vfio_pci_mig_load_grow(struct vfio_pci_mig_file *file, size_t len)
{
	struct vfio_pci_mig_buf *buf = vfio_pci_mig_image(file);
	u64 hint = file->stream.size;
	int ret;

	/* Without a frame, go by what has come. */
	if (!file->mig->ops->format->framed)
		hint = buf->size + max(buf->size, len);

	/* Until it is attached for the first time, nobody else looks at it. */
	if (!buf->known && !vfio_pci_mig_spare_fits(file->mig, hint))
		return vfio_pci_mig_buf_grow(file->mig, buf, buf->len + 1, hint);

	ret = vfio_pci_mig_load_enter(file);
	if (ret)
		return ret;

	if (buf->size || !vfio_pci_mig_spare_take(file, hint))
		ret = vfio_pci_mig_buf_grow(file->mig, buf, buf->len + 1, hint);
	vfio_pci_mig_leave(file->mig);
	return ret;
}

/* Take a part of an image that has no gap. Returns how much, or an errno. */
static ssize_t vfio_pci_mig_copy_in(struct vfio_pci_mig_file *file,
				    const char __user *from, size_t len)
{
	struct vfio_pci_mig_buf *buf = vfio_pci_mig_image(file);
	size_t bytes;
	void *to;
	int ret;

	if (buf->len == buf->size) {
		ret = vfio_pci_mig_load_grow(file, len);
		if (ret)
			return ret;
		buf = vfio_pci_mig_image(file);
	}

	to = vfio_pci_mig_buf_here(buf, &bytes);
	bytes = min(bytes, len);
	bytes -= copy_from_user(to, from, bytes);
	if (!bytes)
		return -EFAULT;

	vfio_pci_mig_buf_skip(buf, bytes);
	buf->len += bytes;
	return bytes;
}

/* Take some bytes of the stream. Returns how many, or an errno. */
static ssize_t vfio_pci_mig_take(struct vfio_pci_mig_file *file,
				 const char __user *from, size_t len)
{
	struct vfio_pci_mig_stream *stream = &file->stream;
	ssize_t bytes = min_t(u64, len, stream->left);
	u8 header[VFIO_PCI_MIG_HEADER_SIZE];
	int ret;

	/* Of an unframed stream, all that the device could take has come. */
	if (!bytes)
		return -EFBIG;

	switch (stream->want) {
	case VFIO_PCI_MIG_WANT_HEADER:
		/* By way of the stack, which usercopy checks at less cost. */
		bytes -= copy_from_user(header, from, bytes);
		if (!bytes)
			return -EFAULT;
		memcpy(vfio_pci_mig_stream_header(stream), header, bytes);
		break;
	case VFIO_PCI_MIG_WANT_IMAGE:
		bytes = vfio_pci_mig_copy_in(file, from, bytes);
		if (bytes < 0)
			return bytes;
		break;
	case VFIO_PCI_MIG_WANT_SKIP:
		break;
	}

	ret = vfio_pci_mig_stream_got(stream, bytes);
	if (ret < 0) {
		vfio_pci_mig_file_fail(file, ret);
		return ret;
	}

	file->pending = ret;
	return bytes;
}

/* The next thing to do for a write. Returns the bytes it took, or an errno. */
static ssize_t vfio_pci_mig_write_step(struct vfio_pci_mig_file *file,
				       const char __user *from, size_t len)
{
	if (READ_ONCE(file->revoked))
		return -ENODEV;
	if (file->error)
		return file->error;
	/* An image whose loading a signal put off comes first. */
	if (file->pending)
		return vfio_pci_mig_load_pending(file);
	return len ? vfio_pci_mig_take(file, from, len) : 0;
}

static ssize_t vfio_pci_mig_write_some(struct vfio_pci_mig_file *file,
				       const char __user *from, size_t len)
{
	size_t done = 0;
	ssize_t ret;

	do {
		ret = vfio_pci_mig_write_step(file, from + done, len - done);
		if (ret < 0)
			break;

		done += ret;
		if (fatal_signal_pending(current))
			return done ?: -EINTR;
		cond_resched();
	} while (done < len || file->pending);

	if (ret >= 0)
		return done;

	/*
	 * What can be tried again, is: the bytes before it count. Other errors
	 * are final, and the user should know.
	 */
	if (ret == -ERESTARTSYS || ret == -EINTR || ret == -EFAULT ||
	    ret == -ENOMEM)
		return done ?: ret;
	return ret;
}

/**
 * vfio_pci_mig_write() - write of a data file
 * @filp: the file
 * @buf: where from
 * @len: bytes there
 * @pos: NULL, as for any stream
 *
 * Return: bytes taken. -EINVAL, -EOPNOTSUPP or -EFBIG if the stream is not one
 * of this device, for good; the errno of the vendor if the device refused an
 * image, and then it is in ERROR; -ENODEV when the session is over; -EAGAIN if
 * another write is in progress and the file does not block; -ENOMEM, -EFAULT
 * and -ERESTARTSYS may be followed by another attempt.
 */
ssize_t vfio_pci_mig_write(struct file *filp, const char __user *buf,
			   size_t len, loff_t *pos)
{
	struct vfio_pci_mig_file *file = filp->private_data;
	ssize_t ret;

	ret = vfio_pci_mig_file_lock(file, !(filp->f_flags & O_NONBLOCK));
	if (ret)
		return ret;

	ret = vfio_pci_mig_write_some(file, buf, len);
	mutex_unlock(&file->io);
	return ret;
}

/**
 * vfio_pci_mig_load_begin() - begin to load
 * @mig: the migration, with a new data file
 *
 * Context: In turn.
 */
void vfio_pci_mig_load_begin(struct vfio_pci_mig *mig)
{
	vfio_pci_mig_stream_init(&mig->file->stream, mig->ops->format);
}

static int vfio_pci_mig_load_rest(struct vfio_pci_mig_file *file,
				  const char **what)
{
	const char *missing = vfio_pci_mig_stream_missing(&file->stream);

	if (file->error) {
		*what = "the stream was refused";
		return file->error;
	}
	if (missing) {
		*what = missing;
		return -EINVAL;
	}

	*what = "the device refused a state";
	if (file->pending || !file->stream.format->framed)
		return vfio_pci_mig_load_image(file);
	return 0;
}

/**
 * vfio_pci_mig_load_commit() - the stream has ended
 * @mig: the migration
 *
 * Context: In turn.
 * Return: 0 if the device has taken a complete stream, or if nothing was written, so
 * that the device is as it was. -EBUSY while a write is in progress: the session goes
 * on. Otherwise an errno, and the device is in ERROR.
 */
int vfio_pci_mig_load_commit(struct vfio_pci_mig *mig)
{
	struct vfio_pci_mig_file *file = mig->file;
	const char *what;
	int ret;

	if (!mutex_trylock(&file->io))
		return -EBUSY;

	if (vfio_pci_mig_stream_empty(&file->stream)) {
		mutex_unlock(&file->io);
		return 0;
	}

	ret = vfio_pci_mig_load_rest(file, &what);
	mutex_unlock(&file->io);
	if (ret)
		vfio_pci_mig_error(mig, what, ret);
	return ret;
}
