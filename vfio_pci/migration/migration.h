/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the parts of the migration service share.
 *
 * Whoever changes the device, or what hangs on it, has the turn: it is taken
 * with vfio_pci_mig_enter() and given back with vfio_pci_mig_leave(). It is no
 * lock but a flag, so that nothing is locked while the device is at work and
 * everybody who waits for it, except for close and detach, can be interrupted.
 * Nobody touches memory of a user, or waits for one, while having it. A reset
 * does not even wait: see vfio_pci_mig_reset_done().
 *
 * The mutex of a file, on the other hand, is held while its user's memory is
 * copied, which a user can stretch at will. So nobody who has the turn waits
 * for that mutex.
 */
#ifndef VFIO_PCI_MIGRATION_SERVICE_H
#define VFIO_PCI_MIGRATION_SERVICE_H

#include <linux/kref.h>
#include <linux/mutex.h>
#include <linux/spinlock.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

#include "stream.h"
#include "vfio_pci_compat.h"
#include "vfio_pci_migration.h"

/* More are not needed to overlap filling and reading. */
#define VFIO_PCI_MIG_STOP_COPY_BUFS	2
#define VFIO_PCI_MIG_MAX_BUFS		4

/**
 * struct vfio_pci_mig - the migration of a device; outlives it in a data file
 * @ref: the device and its files
 * @lock: guards what follows, up to @ops
 * @wait: the turn is free, or a data file has changed
 * @busy: somebody has the turn
 * @reset: a reset is to be followed up by whoever has the turn, or has it next
 * @detached: the vendor can not reach the device
 * @log_active: writes to memory are tracked
 * @stopping: a command that stops the device is in flight
 * @resetting: a reset is in progress
 * @unsettled: a reset overlapped with a command that stops the device, so the
 *	device may be stopped after the reset
 * @untrack: a reset overlapped with a fill that begins to track changes, so the
 *	device may track them after the reset
 * @state: enum vfio_device_mig_state; changes in turn
 * @file: the session's data file, or NULL; changes in turn
 * @spare: buffer for a small image, which the device knows, or NULL: a session has
 *	it, or there is none; changes in turn
 * @ops: callbacks
 * @caps: what the device can do
 * @max_chunk: bytes that a chunk may have, so that it can be mapped
 * @device: the device; only for those with the turn and a file not revoked
 * @refill: begins the next fill of an image that takes several
 * @after_reset: takes the turn, if nobody else does, to end a session
 * @wq: where both run
 */
struct vfio_pci_mig {
	struct kref ref;
	spinlock_t lock; /* see above */
	wait_queue_head_t wait;
	bool busy;
	bool reset;
	bool detached;
	bool log_active;
	bool stopping;
	bool resetting;
	bool unsettled;
	bool untrack;
	u32 state;
	struct vfio_pci_mig_file *file;
	struct vfio_pci_mig_buf *spare;

	const struct vfio_pci_mig_ops *ops;
	struct vfio_pci_mig_caps caps;
	size_t max_chunk;
	struct vfio_pci_mig_device *device;
	struct work_struct refill;
	struct work_struct after_reset;
	struct workqueue_struct *wq;
};

/**
 * struct vfio_pci_mig_file - a data file and its session
 * @ref: the session and the struct file
 * @mig: the migration
 * @io: serialises users that read or write
 * @dma: held while memory that is mapped is synced for a reader; @revoked is set
 *	before the memory is unmapped, with this taken in between
 * @saving: a file to read, else to write
 * @revoked: the session is over
 * @error: errno that users get; 0 for none
 * @bufs: all buffers; changes in turn
 * @nr_bufs: how many there are, or were, beside @spare
 * @first: one of them, made with the file
 * @spare: another, which is that of the device, or NULL; changes in turn
 *
 * Of a file to read, guarded by @mig->lock:
 * @precopy: the device runs
 * @filling: a fill is in progress
 * @initial: it is for the initial state
 * @tracked: the device tracks changes
 * @untracked: it lost track of them
 * @flags: of the fill
 * @fill: its buffer
 * @next: bytes of the next fill, 0 for none
 * @unit: bytes worth filling at a time
 * @hint: bytes to announce in a hint; 0: it is sent, or the format has none
 * @ready: buffers to be read
 * @pool: buffers free
 * @produced: bytes of the stream so far
 * @consumed: bytes read of it
 * @initial_end: where in the stream the initial state ends
 *
 * Of a file to write, guarded by @io:
 * @stream: the reader of the stream
 * @pending: an image is complete and not loaded yet
 */
struct vfio_pci_mig_file {
	struct kref ref;
	struct vfio_pci_mig *mig;
	struct mutex io; /* see above */
	struct mutex dma; /* see above */
	bool saving;
	bool revoked;
	int error;
	struct list_head bufs;
	unsigned int nr_bufs;
	struct vfio_pci_mig_buf first;
	struct vfio_pci_mig_buf *spare;

	bool precopy;
	bool filling;
	bool initial;
	bool tracked;
	bool untracked;
	unsigned int flags;
	struct vfio_pci_mig_buf *fill;
	size_t next;
	size_t unit;
	size_t hint;
	struct list_head ready;
	struct list_head pool;
	u64 produced;
	u64 consumed;
	u64 initial_end;

	struct vfio_pci_mig_stream stream;
	bool pending;
};

static inline struct device *vfio_pci_mig_dev(struct vfio_pci_mig *mig)
{
	return &mig->device->core.pdev->dev;
}

/* state.c */

void vfio_pci_mig_wake(struct vfio_pci_mig *mig);
bool vfio_pci_mig_try_enter(struct vfio_pci_mig *mig, bool idle);
int vfio_pci_mig_enter(struct vfio_pci_mig *mig, bool idle);
int vfio_pci_mig_enter_killable(struct vfio_pci_mig *mig);
void vfio_pci_mig_enter_always(struct vfio_pci_mig *mig, bool idle);
void vfio_pci_mig_leave(struct vfio_pci_mig *mig);
void vfio_pci_mig_error(struct vfio_pci_mig *mig, const char *what, int error);
void vfio_pci_mig_put(struct vfio_pci_mig *mig);

/* file.c */

int vfio_pci_mig_file_lock(struct vfio_pci_mig_file *file, bool block);
struct file *vfio_pci_mig_session_begin(struct vfio_pci_mig *mig, bool saving);
void vfio_pci_mig_session_end(struct vfio_pci_mig *mig);
void vfio_pci_mig_file_fail(struct vfio_pci_mig_file *file, int error);

/* save.c */

ssize_t vfio_pci_mig_read(struct file *filp, char __user *buf, size_t len,
			  loff_t *pos);
long vfio_pci_mig_ioctl(struct file *filp, unsigned int cmd,
			unsigned long arg);
__poll_t vfio_pci_mig_save_poll(struct vfio_pci_mig_file *file);
int vfio_pci_mig_save_begin(struct vfio_pci_mig *mig, bool precopy);
void vfio_pci_mig_save_final(struct vfio_pci_mig *mig);
int vfio_pci_mig_save_abandon(struct vfio_pci_mig *mig);
void vfio_pci_mig_refill(struct work_struct *work);

/* load.c */

ssize_t vfio_pci_mig_write(struct file *filp, const char __user *buf,
			   size_t len, loff_t *pos);
void vfio_pci_mig_load_begin(struct vfio_pci_mig *mig);
int vfio_pci_mig_load_commit(struct vfio_pci_mig *mig);

/* buffer.c */

void vfio_pci_mig_buf_init(struct vfio_pci_mig_buf *buf,
			   enum dma_data_direction dir);
struct vfio_pci_mig_buf *vfio_pci_mig_buf_new(struct vfio_pci_mig_file *file);
void vfio_pci_mig_buf_free(struct vfio_pci_mig_buf *buf);
int vfio_pci_mig_buf_grow(struct vfio_pci_mig *mig,
			  struct vfio_pci_mig_buf *buf, size_t size, u64 hint);
int vfio_pci_mig_buf_attach(struct vfio_pci_mig *mig,
			    struct vfio_pci_mig_buf *buf);
void vfio_pci_mig_buf_detach(struct vfio_pci_mig *mig,
			     struct vfio_pci_mig_buf *buf);
void vfio_pci_mig_buf_unmap(struct vfio_pci_mig *mig,
			    struct vfio_pci_mig_buf *buf);
void vfio_pci_mig_buf_sync(struct vfio_pci_mig *mig,
			   struct vfio_pci_mig_buf *buf);
bool vfio_pci_mig_buf_sync_here(struct vfio_pci_mig_file *file,
				struct vfio_pci_mig_buf *buf);
void vfio_pci_mig_buf_rewind(struct vfio_pci_mig_buf *buf);
void *vfio_pci_mig_buf_here(struct vfio_pci_mig_buf *buf, size_t *bytes);
void vfio_pci_mig_buf_skip(struct vfio_pci_mig_buf *buf, size_t bytes);

/* spare.c */

bool vfio_pci_mig_spare_fits(struct vfio_pci_mig *mig, u64 size);
struct vfio_pci_mig_buf *vfio_pci_mig_spare_take(struct vfio_pci_mig_file *file,
						 u64 size);
void vfio_pci_mig_spare_keep(struct vfio_pci_mig_file *file);
void vfio_pci_mig_spare_free(struct vfio_pci_mig *mig);

/* dirty.c */

extern const struct vfio_log_ops vfio_pci_mig_log_ops;

void vfio_pci_mig_dirty_end(struct vfio_pci_mig *mig);

#endif /* VFIO_PCI_MIGRATION_SERVICE_H */
