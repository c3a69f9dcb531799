// SPDX-License-Identifier: GPL-2.0-only
/*
 * Saving: the device fills buffers, and a user reads them in that order.
 *
 * In pre-copy a fill begins when the user asks how much there is and has read
 * all there was; in STOP_COPY the next one begins as soon as there is a buffer,
 * so that the device and the user work at the same time.
 */
#include <linux/fs.h>
#include <linux/poll.h>
#include <linux/uaccess.h>

#include "migration.h"
#include "vfio_pci_unaligned.h"

/*
 * Called with the lock held. Returns the largest free buffer, or NULL. The spare one
 * is not made larger: it is to be of use to the next session, too.
 */
static struct vfio_pci_mig_buf *vfio_pci_mig_free_buf(struct vfio_pci_mig_file *file,
						      size_t size)
{
	struct vfio_pci_mig_buf *buf, *best = NULL;

	list_for_each_entry(buf, &file->pool, link) {
		if (buf == file->spare && buf->size < size)
			continue;
		if (!best || buf->size > best->size)
			best = buf;
	}
	return best;
}

/* Called with the lock held. Bytes that the next fill is to have room for. */
static size_t vfio_pci_mig_next(struct vfio_pci_mig_file *file)
{
	return max(file->next, file->unit);
}

/* In turn, and nobody else takes from the pool. */
static struct vfio_pci_mig_buf *vfio_pci_mig_take(struct vfio_pci_mig_file *file,
						  size_t size)
{
	struct vfio_pci_mig *mig = file->mig;
	struct vfio_pci_mig_buf *buf;

	spin_lock_irq(&mig->lock);
	buf = vfio_pci_mig_free_buf(file, size);
	if (!buf || buf->size < size)
		buf = vfio_pci_mig_spare_take(file, size) ?: buf;
	if (buf)
		list_del_init(&buf->link);
	spin_unlock_irq(&mig->lock);

	return buf ?: vfio_pci_mig_buf_new(file);
}

/* Called with the lock held. There is more data, no fill, and a buffer. */
static bool vfio_pci_mig_can_refill(struct vfio_pci_mig_file *file)
{
	return file->next && !file->filling && !file->revoked &&
	       (vfio_pci_mig_free_buf(file, vfio_pci_mig_next(file)) ||
		file->nr_bufs < VFIO_PCI_MIG_STOP_COPY_BUFS);
}

/* Called with the lock held. */
static void vfio_pci_mig_kick(struct vfio_pci_mig_file *file)
{
	if (vfio_pci_mig_can_refill(file))
		queue_work(file->mig->wq, &file->mig->refill);
}

/* A fill that ended while nobody had a buffer for the next one waits for this. */
static void vfio_pci_mig_give_back(struct vfio_pci_mig_file *file,
				   struct vfio_pci_mig_buf *buf)
{
	struct vfio_pci_mig *mig = file->mig;

	spin_lock_irq(&mig->lock);
	list_add(&buf->link, &file->pool);
	vfio_pci_mig_kick(file);
	spin_unlock_irq(&mig->lock);
}

/* A buffer that the device knows, with memory for @size bytes, or an ERR_PTR. */
static struct vfio_pci_mig_buf *vfio_pci_mig_prepare(struct vfio_pci_mig_file *file,
						     size_t size)
{
	struct vfio_pci_mig *mig = file->mig;
	struct vfio_pci_mig_buf *buf;
	int ret;

	if (size > mig->ops->format->max_image)
		return ERR_PTR(-EFBIG);

	size = max_t(size_t, size, 1);
	buf = vfio_pci_mig_take(file, size);
	if (!buf)
		return ERR_PTR(-ENOMEM);

	ret = vfio_pci_mig_buf_grow(mig, buf, size, size);
	if (!ret)
		ret = vfio_pci_mig_buf_attach(mig, buf);
	if (!ret)
		return buf;

	vfio_pci_mig_give_back(file, buf);
	return ERR_PTR(ret);
}

/*
 * Readers are to wait from the first moment on, in which nothing is said any more
 * of pre-copy, and not to take what is not there yet for the end.
 */
static void vfio_pci_mig_fill_begin(struct vfio_pci_mig_file *file,
				    unsigned int flags)
{
	struct vfio_pci_mig *mig = file->mig;

	spin_lock_irq(&mig->lock);
	file->flags = flags;
	file->filling = true;
	file->next = 0;
	if (flags & VFIO_PCI_MIG_TRACK && (mig->resetting || mig->reset))
		mig->untrack = true;
	if (!(flags & (VFIO_PCI_MIG_TRACK | VFIO_PCI_MIG_ABANDON))) {
		file->precopy = false;
		file->initial = false;
	}
	spin_unlock_irq(&mig->lock);
}

/*
 * The error comes first: without either, a read would find the end. What is dropped
 * by a fill that ends pre-copy, no reader waits for.
 */
static void vfio_pci_mig_fill_failed(struct vfio_pci_mig_file *file)
{
	struct vfio_pci_mig *mig = file->mig;

	if (!(file->flags & VFIO_PCI_MIG_ABANDON))
		vfio_pci_mig_file_fail(file, -EIO);
	spin_lock_irq(&mig->lock);
	file->fill = NULL;
	file->filling = false;
	spin_unlock_irq(&mig->lock);
}

/* In turn, after vfio_pci_mig_fill_begin(). @buf is attached. */
static int vfio_pci_mig_fill_buf(struct vfio_pci_mig_file *file,
				 struct vfio_pci_mig_buf *buf,
				 unsigned int flags)
{
	struct vfio_pci_mig *mig = file->mig;
	int ret;

	vfio_pci_mig_buf_sync(mig, buf);
	buf->len = 0;
	buf->nr_synced = 0;

	/* It may be done before the callback returns. */
	spin_lock_irq(&mig->lock);
	file->fill = buf;
	spin_unlock_irq(&mig->lock);

	ret = mig->ops->fill(mig->device, buf, flags);
	if (ret) {
		vfio_pci_mig_fill_failed(file);
		vfio_pci_mig_give_back(file, buf);
	}
	return ret;
}

/* In turn. If it fails, reads of the file return -EIO. */
static int vfio_pci_mig_fill(struct vfio_pci_mig_file *file, size_t size,
			     unsigned int flags)
{
	struct vfio_pci_mig_buf *buf;

	vfio_pci_mig_fill_begin(file, flags);
	buf = vfio_pci_mig_prepare(file, size);
	if (IS_ERR(buf)) {
		vfio_pci_mig_fill_failed(file);
		return PTR_ERR(buf);
	}

	return vfio_pci_mig_fill_buf(file, buf, flags);
}

/* Called with the lock held. */
static void vfio_pci_mig_queue(struct vfio_pci_mig_file *file,
			       struct vfio_pci_mig_buf *buf, size_t len)
{
	const struct vfio_pci_mig_format *format = file->mig->ops->format;
	u8 *head = buf->head;

	if (file->hint) {
		vfio_pci_mig_header_write(head, VFIO_PCI_MIG_HINT_SIZE,
					  VFIO_PCI_MIG_FLAG_OPTIONAL,
					  format->hint_tag);
		head += VFIO_PCI_MIG_HEADER_SIZE;
		put_unaligned_le64(file->hint, head);
		head += VFIO_PCI_MIG_HINT_SIZE;
		file->hint = 0;
	}
	if (format->framed) {
		vfio_pci_mig_header_write(head, len, 0, format->image_tag);
		head += VFIO_PCI_MIG_HEADER_SIZE;
	}

	buf->head_len = head - buf->head;
	buf->len = len;
	buf->pos = 0;
	vfio_pci_mig_buf_rewind(buf);
	list_add_tail(&buf->link, &file->ready);

	file->produced += buf->head_len + len;
	if (file->initial)
		file->initial_end = file->produced;
}

/* Called with the lock held. Returns what the device got wrong, or NULL. */
static const char *vfio_pci_mig_take_fill(struct vfio_pci_mig_file *file,
					  struct vfio_pci_mig_buf *buf,
					  int status, size_t len, size_t next)
{
	if (status == -ESTALE && file->flags & VFIO_PCI_MIG_TRACK) {
		file->tracked = true;
		file->untracked = true;
		return NULL;
	}
	if (file->flags & VFIO_PCI_MIG_ABANDON) {
		/* -ESTALE: the device does not track changes any longer. */
		if (!status || status == -ESTALE)
			file->tracked = false;
		return NULL;
	}
	if (!status && len > buf->size)
		status = -EMSGSIZE;
	if (status) {
		file->error = -EIO;
		return status == -EMSGSIZE ?
		       "the device claims to have filled more than there is" :
		       "saving the state failed";
	}

	/* Only what follows at once: in pre-copy the user asks for more. */
	if (!file->precopy)
		file->next = next;
	file->tracked = file->flags & VFIO_PCI_MIG_TRACK;
	if (len)
		vfio_pci_mig_queue(file, buf, len);
	file->initial = false;
	return NULL;
}

void vfio_pci_mig_fill_done(struct vfio_pci_mig_device *device, int status,
			    size_t len, size_t next)
{
	struct vfio_pci_mig *mig = device->mig;
	struct vfio_pci_mig_file *file;
	struct vfio_pci_mig_buf *buf;
	const char *fault;
	unsigned long flags;

	spin_lock_irqsave(&mig->lock, flags);
	file = mig->file;
	buf = file->fill;
	buf->len = min(len, buf->size);
	fault = vfio_pci_mig_take_fill(file, buf, status, len, next);
	if (list_empty(&buf->link))
		list_add(&buf->link, &file->pool);
	file->fill = NULL;
	file->filling = false;
	vfio_pci_mig_kick(file);
	spin_unlock_irqrestore(&mig->lock, flags);

	if (fault)
		dev_err(vfio_pci_mig_dev(mig), "migration: %s: error %d\n",
			fault, status);
	vfio_pci_mig_wake(mig);
}

/* In turn: begin the next fill of an image that takes several. */
static void vfio_pci_mig_fill_next(struct vfio_pci_mig *mig)
{
	struct vfio_pci_mig_file *file;
	size_t next = 0;
	int ret = 0;

	spin_lock_irq(&mig->lock);
	file = mig->file;
	if (file && vfio_pci_mig_can_refill(file))
		next = vfio_pci_mig_next(file);
	spin_unlock_irq(&mig->lock);

	if (next)
		ret = vfio_pci_mig_fill(file, next, VFIO_PCI_MIG_INCREMENTAL);
	if (ret)
		dev_err(vfio_pci_mig_dev(mig),
			"migration: saving can not go on: error %d\n", ret);
}

/**
 * vfio_pci_mig_refill() - begin the next fill, for whoever can not
 * @work: in struct vfio_pci_mig
 */
void vfio_pci_mig_refill(struct work_struct *work)
{
	struct vfio_pci_mig *mig = container_of(work, struct vfio_pci_mig,
						refill);

	vfio_pci_mig_enter_always(mig, true);
	vfio_pci_mig_fill_next(mig);
	vfio_pci_mig_leave(mig);
}

/*
 * With a second buffer, the device and the user work at the same time. Make it here,
 * where it is charged to the user, and not in the worker that may begin the next
 * fill. Without it, each waits for the other.
 */
static void vfio_pci_mig_second_buf(struct vfio_pci_mig_file *file,
				    unsigned int flags)
{
	struct vfio_pci_mig *mig = file->mig;
	struct vfio_pci_mig_buf *buf;

	if (file->nr_bufs >= VFIO_PCI_MIG_STOP_COPY_BUFS)
		return;

	buf = vfio_pci_mig_buf_new(file);
	if (!buf)
		return;

	if (!vfio_pci_mig_buf_grow(mig, buf, file->unit, file->unit) &&
	    flags & VFIO_PCI_MIG_TRACK)
		vfio_pci_mig_buf_attach(mig, buf);
	vfio_pci_mig_give_back(file, buf);
}

/*
 * Begin to fill what there is, at once or in several fills. In pre-copy, also make
 * the second buffer of STOP_COPY ready, which then waits for no memory and no command.
 */
static int vfio_pci_mig_save(struct vfio_pci_mig_file *file,
			     const struct vfio_pci_mig_size *size,
			     unsigned int flags)
{
	size_t first = max(size->next, file->unit);
	int ret;

	ret = vfio_pci_mig_fill(file, first, flags);
	if (!ret && size->total > first)
		vfio_pci_mig_second_buf(file, flags);
	return ret;
}

/**
 * vfio_pci_mig_save_begin() - begin to save
 * @mig: the migration, with a new data file
 * @precopy: the device runs
 *
 * Context: In turn.
 * Return: 0, -ENOMEM, or the errno of the vendor.
 */
int vfio_pci_mig_save_begin(struct vfio_pci_mig *mig, bool precopy)
{
	const struct vfio_pci_mig_format *format = mig->ops->format;
	struct vfio_pci_mig_file *file = mig->file;
	struct vfio_pci_mig_size size;
	int ret;

	ret = mig->ops->query(mig->device, 0, &size);
	if (ret)
		return ret;

	file->precopy = precopy;
	file->initial = precopy;
	file->unit = min_t(u64, size.total, mig->caps.chunk);
	if (format->hint_tag != format->image_tag)
		file->hint = PAGE_ALIGN(max(size.next, file->unit));

	return vfio_pci_mig_save(file, &size, precopy ? VFIO_PCI_MIG_TRACK : 0);
}

static int vfio_pci_mig_save_rest(struct vfio_pci_mig_file *file)
{
	unsigned int flags = file->untracked ? 0 : VFIO_PCI_MIG_INCREMENTAL;
	struct vfio_pci_mig *mig = file->mig;
	struct vfio_pci_mig_size size;
	int ret;

	ret = mig->ops->query(mig->device, flags, &size);
	if (ret)
		return ret;

	return vfio_pci_mig_save(file, &size, flags);
}

/**
 * vfio_pci_mig_save_final() - save what is left, after pre-copy
 * @mig: the migration; the device is stopped
 *
 * Should that fail, the user learns it from the data file: the device itself is
 * well, and can go on.
 *
 * Context: In turn.
 */
void vfio_pci_mig_save_final(struct vfio_pci_mig *mig)
{
	struct vfio_pci_mig_file *file = mig->file;
	int ret;

	if (READ_ONCE(file->error))
		return;

	ret = vfio_pci_mig_save_rest(file);
	if (ret) {
		dev_err(vfio_pci_mig_dev(mig),
			"migration: the rest can not be saved: error %d\n", ret);
		vfio_pci_mig_file_fail(file, -EIO);
	}
}

/*
 * Take the largest image that nobody has read. The stream has a gap then, so reads
 * of it return -EIO.
 */
static struct vfio_pci_mig_buf *vfio_pci_mig_take_unread(struct vfio_pci_mig_file *file,
							 size_t size)
{
	struct vfio_pci_mig *mig = file->mig;
	struct vfio_pci_mig_buf *buf, *best = NULL;

	/* A reader may be copying from the first of them. */
	if (!mutex_trylock(&file->io))
		return NULL;

	spin_lock_irq(&mig->lock);
	list_for_each_entry(buf, &file->ready, link) {
		if (buf->attached && buf->size >= size &&
		    (!best || buf->size > best->size))
			best = buf;
	}
	if (best) {
		list_del_init(&best->link);
		file->error = file->error ?: -EIO;
	}
	spin_unlock_irq(&mig->lock);
	mutex_unlock(&file->io);
	return best;
}

/* A buffer for data that is dropped: memory that is there before new memory. */
static struct vfio_pci_mig_buf *vfio_pci_mig_abandon_buf(struct vfio_pci_mig_file *file,
							 size_t size)
{
	struct vfio_pci_mig *mig = file->mig;
	struct vfio_pci_mig_buf *buf = NULL;
	bool free;

	spin_lock_irq(&mig->lock);
	free = vfio_pci_mig_free_buf(file, size) &&
	       vfio_pci_mig_free_buf(file, size)->size >= size;
	spin_unlock_irq(&mig->lock);

	if (!free)
		buf = vfio_pci_mig_take_unread(file, size);
	return buf ?: vfio_pci_mig_prepare(file, size);
}

/**
 * vfio_pci_mig_save_abandon() - end the tracking of changes, and drop what it found
 * @mig: the migration; the device runs, or it is stopped and its last image could
 *	not be saved
 *
 * Context: In turn.
 * Return: 0, or an errno: the device goes on to track changes, and this can be tried
 * again.
 */
int vfio_pci_mig_save_abandon(struct vfio_pci_mig *mig)
{
	struct vfio_pci_mig_file *file = mig->file;
	unsigned int flags = VFIO_PCI_MIG_ABANDON;
	struct vfio_pci_mig_size size;
	struct vfio_pci_mig_buf *buf;
	int ret;

	if (!file->tracked)
		return 0;

	ret = mig->ops->query(mig->device, VFIO_PCI_MIG_INCREMENTAL |
			      VFIO_PCI_MIG_ABANDON, &size);
	/* A device that lost track of changes refuses, and has nothing to end. */
	if (ret)
		return file->untracked ? 0 : ret;

	buf = vfio_pci_mig_abandon_buf(file, size.next);
	if (IS_ERR(buf))
		return PTR_ERR(buf);

	/* All that a stopped device has left is what changed. */
	if (mig->state == VFIO_DEVICE_STATE_STOP_COPY)
		flags |= VFIO_PCI_MIG_INCREMENTAL;
	vfio_pci_mig_fill_begin(file, flags);
	ret = vfio_pci_mig_fill_buf(file, buf, flags);
	if (ret)
		return ret;

	if (mig->ops->cancel)
		mig->ops->cancel(mig->device);
	return file->tracked ? -EIO : 0;
}

/* What a read finds when there is nothing to read. Called with the lock held. */
static int vfio_pci_mig_read_status(struct vfio_pci_mig_file *file)
{
	if (file->revoked)
		return -ENODEV;
	if (file->error)
		return file->error;
	if (file->filling || file->next)
		return -EAGAIN;
	if (file->precopy)
		return -ENOMSG;
	return 0;
}

/* The buffer to read, NULL at the end, or an ERR_PTR. */
static struct vfio_pci_mig_buf *vfio_pci_mig_peek(struct vfio_pci_mig_file *file)
{
	struct vfio_pci_mig *mig = file->mig;
	struct vfio_pci_mig_buf *buf;

	spin_lock_irq(&mig->lock);
	buf = list_first_entry_or_null(&file->ready, struct vfio_pci_mig_buf,
				       link);
	if (!buf || file->revoked || file->error)
		buf = ERR_PTR(vfio_pci_mig_read_status(file));
	spin_unlock_irq(&mig->lock);
	return buf;
}

/*
 * Called with the lock held. Is the next fill, into a buffer that was read, but a
 * command to send? Then its reader is sooner than a worker, which would have to
 * wait for a CPU; else it is better that the two work at the same time.
 */
static bool vfio_pci_mig_fills_at_once(struct vfio_pci_mig_file *file,
				       struct vfio_pci_mig_buf *buf)
{
	return file->mig->ops->cancel && vfio_pci_mig_can_refill(file) &&
	       buf->attached && buf->size >= vfio_pci_mig_next(file);
}

static void vfio_pci_mig_fill_at_once(struct vfio_pci_mig_file *file)
{
	struct vfio_pci_mig *mig = file->mig;

	if (vfio_pci_mig_try_enter(mig, true)) {
		vfio_pci_mig_fill_next(mig);
		vfio_pci_mig_leave(mig);
		return;
	}

	spin_lock_irq(&mig->lock);
	vfio_pci_mig_kick(file);
	spin_unlock_irq(&mig->lock);
}

static void vfio_pci_mig_consumed(struct vfio_pci_mig_file *file,
				  struct vfio_pci_mig_buf *buf, size_t bytes)
{
	struct vfio_pci_mig *mig = file->mig;
	bool at_once = false;

	spin_lock_irq(&mig->lock);
	buf->pos += bytes;
	file->consumed += bytes;
	if (buf->pos == buf->head_len + buf->len) {
		list_move(&buf->link, &file->pool);
		at_once = vfio_pci_mig_fills_at_once(file, buf);
		if (!at_once)
			vfio_pci_mig_kick(file);
	}
	spin_unlock_irq(&mig->lock);

	if (at_once)
		vfio_pci_mig_fill_at_once(file);
}

/* Copy out a part that has no gap. Returns how much, or an errno. */
static ssize_t vfio_pci_mig_copy_out(struct vfio_pci_mig_file *file,
				     struct vfio_pci_mig_buf *buf,
				     char __user *to, size_t len)
{
	size_t bytes, left;
	void *from;

	if (buf->pos < buf->head_len) {
		bytes = min(len, buf->head_len - buf->pos);
		bytes -= copy_to_user(to, buf->head + buf->pos, bytes);
		return bytes ?: -EFAULT;
	}

	if (!vfio_pci_mig_buf_sync_here(file, buf))
		return -ENODEV;
	left = buf->head_len + buf->len - buf->pos;
	from = vfio_pci_mig_buf_here(buf, &bytes);
	bytes = min3(bytes, len, left);
	bytes -= copy_to_user(to, from, bytes);
	if (!bytes)
		return -EFAULT;

	vfio_pci_mig_buf_skip(buf, bytes);
	return bytes;
}

static ssize_t vfio_pci_mig_read_ready(struct vfio_pci_mig_file *file,
				       char __user *to, size_t len)
{
	struct vfio_pci_mig_buf *buf;
	size_t done = 0;
	ssize_t bytes;

	while (done < len) {
		buf = vfio_pci_mig_peek(file);
		if (IS_ERR_OR_NULL(buf))
			return done ?: PTR_ERR(buf);

		bytes = vfio_pci_mig_copy_out(file, buf, to + done, len - done);
		if (bytes < 0)
			return done ?: bytes;

		vfio_pci_mig_consumed(file, buf, bytes);
		done += bytes;
		if (fatal_signal_pending(current))
			break;
		cond_resched();
	}

	return done;
}

static bool vfio_pci_mig_would_block(struct vfio_pci_mig_file *file)
{
	return vfio_pci_mig_peek(file) == ERR_PTR(-EAGAIN);
}

/**
 * vfio_pci_mig_read() - read of a data file
 * @filp: the file
 * @buf: where to
 * @len: bytes wanted
 * @pos: NULL, as for any stream
 *
 * Return: bytes read; 0 at the end of the stream; -ENOMSG when there is nothing
 * to read until the device changes, in pre-copy; -EAGAIN when there will be and
 * the file does not block; -EIO when saving failed, -ENODEV when the session is
 * over; -EINTR or -ERESTARTSYS; -EFAULT.
 */
ssize_t vfio_pci_mig_read(struct file *filp, char __user *buf, size_t len,
			  loff_t *pos)
{
	struct vfio_pci_mig_file *file = filp->private_data;
	bool block = !(filp->f_flags & O_NONBLOCK);
	ssize_t done;

	done = vfio_pci_mig_file_lock(file, block);
	if (done)
		return done;

	for (;;) {
		done = vfio_pci_mig_read_ready(file, buf, len);
		if (done != -EAGAIN || !block)
			break;
		if (wait_event_interruptible(file->mig->wait,
					     !vfio_pci_mig_would_block(file))) {
			done = -ERESTARTSYS;
			break;
		}
	}

	mutex_unlock(&file->io);
	return done;
}

/**
 * vfio_pci_mig_save_poll() - what poll has to say
 * @file: a file to read
 *
 * At the end of what pre-copy has, the file is not readable.
 *
 * Context: The lock is held.
 * Return: EPOLL*.
 */
__poll_t vfio_pci_mig_save_poll(struct vfio_pci_mig_file *file)
{
	int status = vfio_pci_mig_read_status(file);

	if (file->revoked || file->error)
		return EPOLLIN | EPOLLRDNORM | EPOLLRDHUP;
	if (!list_empty(&file->ready) || !status)
		return EPOLLIN | EPOLLRDNORM;
	return 0;
}

/* Called with the lock held, idle. Returns how much is to be filled, or 0. */
static size_t vfio_pci_mig_account(struct vfio_pci_mig_file *file,
				   struct vfio_pci_mig_size *size,
				   struct vfio_precopy_info *info)
{
	u64 unread = file->produced - file->consumed;
	size_t head = file->mig->ops->format->framed ?
		      VFIO_PCI_MIG_HEADER_SIZE : 0;
	u64 fresh = size->next ? size->next + head : 0;

	if (size->reinit) {
		file->initial_end = file->produced;
		info->initial_bytes = unread + fresh;
		info->dirty_bytes = 0;
	} else {
		info->initial_bytes = file->initial_end > file->consumed ?
				      file->initial_end - file->consumed : 0;
		info->dirty_bytes = unread - info->initial_bytes + fresh;
	}

	if (unread && !size->reinit)
		return 0;
	if (!vfio_pci_mig_free_buf(file, size->next) &&
	    file->nr_bufs >= VFIO_PCI_MIG_MAX_BUFS)
		return 0;

	file->initial = size->reinit;
	return size->next;
}

static int vfio_pci_mig_precopy_info(struct vfio_pci_mig_file *file,
				     struct vfio_precopy_info *info)
{
	struct vfio_pci_mig *mig = file->mig;
	struct vfio_pci_mig_size size = {};
	bool v2;
	int ret;

	if (file->revoked)
		return -ENODEV;
	if (file->error)
		return file->error;
	if (!file->precopy)
		return -EINVAL;

	/* A device that begins no DMA can not be asked to save. */
	if (mig->state == VFIO_DEVICE_STATE_PRE_COPY && !file->untracked) {
		ret = mig->ops->query(mig->device, VFIO_PCI_MIG_INCREMENTAL |
				      VFIO_PCI_MIG_TRACK, &size);
		if (ret)
			return ret;
	}

	v2 = vfio_pci_compat_precopy_v2(&mig->device->core.vdev);
	size.reinit &= v2;
	if (v2)
		info->flags = size.reinit ? VFIO_PRECOPY_INFO_REINIT : 0;

	spin_lock_irq(&mig->lock);
	size.next = vfio_pci_mig_account(file, &size, info);
	spin_unlock_irq(&mig->lock);
	if (!size.next)
		return 0;

	return vfio_pci_mig_fill(file, size.next,
				 VFIO_PCI_MIG_INCREMENTAL | VFIO_PCI_MIG_TRACK);
}

/**
 * vfio_pci_mig_ioctl() - VFIO_MIG_GET_PRECOPY_INFO of a data file
 * @filp: the file
 * @cmd: what
 * @arg: struct vfio_precopy_info of the user
 *
 * Return: 0; -ENOTTY, -EFAULT; -EINVAL for a short structure and outside of
 * pre-copy; -ENODEV when the session is over; -EIO when saving failed;
 * -ERESTARTSYS; or the errno of the vendor.
 */
long vfio_pci_mig_ioctl(struct file *filp, unsigned int cmd, unsigned long arg)
{
	size_t minsz = offsetofend(struct vfio_precopy_info, dirty_bytes);
	struct vfio_pci_mig_file *file = filp->private_data;
	struct vfio_pci_mig *mig = file->mig;
	struct vfio_precopy_info info;
	int ret;

	if (cmd != VFIO_MIG_GET_PRECOPY_INFO ||
	    !(mig->caps.flags & VFIO_MIGRATION_PRE_COPY))
		return -ENOTTY;
	if (copy_from_user(&info, (void __user *)arg, minsz))
		return -EFAULT;
	if (info.argsz < minsz)
		return -EINVAL;

	ret = vfio_pci_mig_enter(mig, true);
	if (ret)
		return ret;
	ret = vfio_pci_mig_precopy_info(file, &info);
	vfio_pci_mig_leave(mig);
	if (ret)
		return ret;

	return copy_to_user((void __user *)arg, &info, minsz) ? -EFAULT : 0;
}
