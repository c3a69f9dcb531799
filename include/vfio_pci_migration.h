/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The contract between the migration service and the vendors that use it.
 *
 * The service owns what is the same for every device: the states of the VFIO
 * migration protocol v2 (uapi/linux/vfio.h) and who may change them, the data
 * files and their users, the accounting of pre-copy, buffers and their DMA
 * mapping, errors, resets, and the plumbing of dirty-page logs. A vendor tells
 * its device to stop and go, to write its state to a buffer and to take it from
 * one.
 *
 * How vendors map onto it: mlx5 fills asynchronously, in images that are framed
 * as records. virtio fills synchronously, in images of the same frame, and stops
 * entirely on the way to RUNNING_P2P, so that its @run has nothing to do beyond.
 * Devices with one opaque image are unframed; they see it in @load, when
 * the stream ends.
 */
#ifndef VFIO_PCI_MIGRATION_H
#define VFIO_PCI_MIGRATION_H

#include <linux/dma-mapping.h>
#include <linux/list.h>
#include <linux/rbtree.h>
#include <linux/types.h>
#include <linux/vfio_pci_core.h>

#include "vfio_pci_mig_format.h"

struct vfio_pci_mig;
struct vfio_pci_mig_dirty;

/**
 * struct vfio_pci_mig_device - a device that can be migrated
 * @core: what vfio-pci-core keeps
 * @mig: what the service keeps; NULL until vfio_pci_mig_init()
 *
 * Comes first in the vendor's structure. Without vfio_pci_mig_init(), the device
 * is opened, closed and reset as a plain one.
 */
struct vfio_pci_mig_device {
	struct vfio_pci_core_device core;
	struct vfio_pci_mig *mig;
};

/**
 * enum vfio_pci_mig_run - what a device may do of its own
 * @VFIO_PCI_MIG_RUNNING: everything
 * @VFIO_PCI_MIG_P2P: it answers, but begins no DMA
 * @VFIO_PCI_MIG_STOPPED: nothing; its state does not change
 */
enum vfio_pci_mig_run {
	VFIO_PCI_MIG_RUNNING,
	VFIO_PCI_MIG_P2P,
	VFIO_PCI_MIG_STOPPED,
};

/* What a query or a fill is about; 0: the entire state, once. */
#define VFIO_PCI_MIG_INCREMENTAL	BIT(0)	/* what changed, or is left */
#define VFIO_PCI_MIG_TRACK		BIT(1)	/* then track changes: pre-copy */
#define VFIO_PCI_MIG_ABANDON		BIT(2)	/* end tracking; data is dropped */

/**
 * struct vfio_pci_mig_size - what a device has to save
 * @next: bytes that the buffer of the next fill must have at least; 0: nothing
 * @total: bytes of all fills together, as an estimate
 * @reinit: in pre-copy: the data is a new initial state, not changes to one
 */
struct vfio_pci_mig_size {
	size_t next;
	u64 total;
	bool reinit;
};

/**
 * struct vfio_pci_mig_chunk - memory without gaps
 * @page: its first page
 * @dma: where the device sees it, while it is mapped
 * @order: its pages, as a power of 2
 */
struct vfio_pci_mig_chunk {
	struct page *page;
	dma_addr_t dma;
	unsigned int order;
};

/**
 * struct vfio_pci_mig_buf - memory for an image
 * @size: bytes there are
 * @len: bytes of the image in it
 * @page_shift: the size of the smallest chunk, as a power of 2; every chunk is
 *	a multiple of it, in length and in DMA address
 * @nr_chunks: how many there are
 * @chunks: the memory, in its order
 * @handle: for the vendor, from attach to detach
 * @dir: %DMA_FROM_DEVICE for saving, %DMA_TO_DEVICE for loading; with
 *	vfio_pci_mig_preallocate() %DMA_BIDIRECTIONAL, too
 *
 * The rest belongs to the service.
 */
struct vfio_pci_mig_buf {
	size_t size;
	size_t len;
	unsigned int page_shift;
	unsigned int nr_chunks;
	struct vfio_pci_mig_chunk *chunks;
	u32 handle;
	enum dma_data_direction dir;

	/* private: */
	struct vfio_pci_mig_chunk few[4];
	unsigned int max_chunks;
	unsigned int nr_mapped;
	unsigned int nr_single;
	unsigned int nr_synced;
	struct list_head maps;
	unsigned int chunk;
	bool attached;
	bool known;
	u8 head_len;
	struct list_head all;
	struct list_head link;
	size_t chunk_pos;
	size_t pos;
	u8 head[40];
};

/**
 * struct vfio_pci_mig_ops - what a vendor does for the service
 *
 * Guarantees, for all of them:
 *	- Process context; may sleep. No lock of the service is held.
 *	- One at a time for a device, @fill's completion excepted: they need no
 *	  lock against each other.
 *	- Not called after vfio_pci_mig_detach() until vfio_pci_mig_attach().
 *	- They wait for the device only, never for a user: whoever is waiting in
 *	  a system call meanwhile can be interrupted, but close, unbind and reset
 *	  wait for them.
 *
 * @format: Mandatory.
 *
 * @run: Mandatory. Take the device from one level of activity to another.
 *
 *	Guarantees:
 *	- @from is where the last successful call left the device, or RUNNING
 *	  after open and reset. Without %VFIO_MIGRATION_P2P, P2P is skipped.
 *	- No fill is in progress.
 *	- After a reset that overlapped with a call that stops the device, calls
 *	  follow that start it, and may find it running.
 *
 *	Returns 0, or an errno. The device does what it did before then, unless
 *	@unknown is set: a command got no answer, so nobody knows what the device
 *	does, and it is in ERROR until it is reset.
 *
 * @open: Optional. A data file was made: take what @attach, @fill and @load
 *	need. Returns 0, or an errno that the user sees; the state is kept.
 *
 * @close: Optional. Give it back.
 *
 *	Guarantees:
 *	- Called once for each @open that succeeded, when the session ends: by a
 *	  change of state, by close, reset or detach.
 *	- No fill is in progress, and nothing is attached but what
 *	  vfio_pci_mig_preallocate() has attached.
 *
 * @close_device: Optional. Give back what @open and @attach took and the vendor
 *	keeps between sessions.
 *
 *	Guarantees:
 *	- Called within close_device and vfio_pci_mig_detach(), after @close.
 *	- Nothing is attached.
 *
 * @attach: Optional. Make a buffer known to the device.
 *
 *	Guarantees:
 *	- Every chunk is mapped for @dma_dev of the capabilities.
 *	- @detach is called before a chunk is added or unmapped.
 *	- Without a data file only within vfio_pci_mig_preallocate(); then @detach
 *	  comes within close_device and vfio_pci_mig_detach(), too.
 *
 *	Returns 0, or an errno that the user sees.
 *
 * @detach: Mandatory with @attach.
 *
 * @query: Mandatory. How much is there to save?
 *
 *	Guarantees:
 *	- No fill is in progress.
 *	- %VFIO_PCI_MIG_INCREMENTAL only after a fill with %VFIO_PCI_MIG_TRACK.
 *	- %VFIO_PCI_MIG_TRACK, with that, while pre-copy goes on: 0 bytes if it is
 *	  too early to read again.
 *	- %VFIO_PCI_MIG_ABANDON only for a fill with that, which follows.
 *	- Without a data file, for a user who asks how much there would be.
 *
 *	Returns 0, or an errno.
 *
 * @fill: Mandatory. Begin to write the state to a buffer. Whether it is done
 *	when this returns, or later, vfio_pci_mig_fill_done() reports it.
 *
 *	Guarantees:
 *	- The buffer is attached, and no smaller than the last query, or the last
 *	  completion, asked for.
 *	- The device is STOPPED, unless %VFIO_PCI_MIG_TRACK or
 *	  %VFIO_PCI_MIG_ABANDON is given.
 *	- One fill at a time.
 *
 *	Returns 0, and vfio_pci_mig_fill_done() was or will be called; or an
 *	errno, and it will not.
 *
 * @cancel: Mandatory with an asynchronous @fill, and only with that, which then
 *	does not wait for the device. Return when no completion can come any more:
 *	one that is outstanding has come, or never will.
 *
 * @load: Mandatory. Give an image to the device, which is STOPPED.
 *
 *	Guarantees:
 *	- All bytes that the record announced, or of the unframed stream, are in
 *	  the buffer: at least one, at most @max_image.
 *	- Images come in the order of the stream.
 *
 *	Returns 0, or an errno: the device is then in ERROR until it is reset.
 *
 * @dirty_start: Optional, and the other two with it. Track writes to memory.
 *	@ranges is an interval tree of IOVA ranges, @nr_ranges its size; it may
 *	be changed. @page_size, in bytes, is what the user asked for and returns
 *	what it gets. Returns 0, or an errno.
 *
 * @dirty_stop: Stop that.
 *
 * @dirty_report: Report with vfio_pci_mig_dirty_set() what was written to
 *	within a range since the last report of it. A wait ends at a fatal signal
 *	alone: VFIO asks for a large range in parts, and asks for all of them again
 *	after an interruption, which would lose what was reported. Returns 0, or
 *	an errno.
 */
struct vfio_pci_mig_ops {
	const struct vfio_pci_mig_format *format;
	int (*run)(struct vfio_pci_mig_device *device,
		   enum vfio_pci_mig_run from, enum vfio_pci_mig_run to,
		   bool *unknown);
	int (*open)(struct vfio_pci_mig_device *device);
	void (*close)(struct vfio_pci_mig_device *device);
	void (*close_device)(struct vfio_pci_mig_device *device);
	int (*attach)(struct vfio_pci_mig_device *device,
		      struct vfio_pci_mig_buf *buf);
	void (*detach)(struct vfio_pci_mig_device *device,
		       struct vfio_pci_mig_buf *buf);
	int (*query)(struct vfio_pci_mig_device *device, unsigned int flags,
		     struct vfio_pci_mig_size *size);
	int (*fill)(struct vfio_pci_mig_device *device,
		    struct vfio_pci_mig_buf *buf, unsigned int flags);
	void (*cancel)(struct vfio_pci_mig_device *device);
	int (*load)(struct vfio_pci_mig_device *device,
		    struct vfio_pci_mig_buf *buf);
	int (*dirty_start)(struct vfio_pci_mig_device *device,
			   struct rb_root_cached *ranges, u32 nr_ranges,
			   u64 *page_size);
	void (*dirty_stop)(struct vfio_pci_mig_device *device);
	int (*dirty_report)(struct vfio_pci_mig_device *device,
			    unsigned long iova, unsigned long length,
			    struct vfio_pci_mig_dirty *dirty);
};

/**
 * struct vfio_pci_mig_caps - what a device can do
 * @flags: VFIO_MIGRATION_*
 * @dma_dev: device that does the DMA to buffers; NULL: buffers are not mapped
 * @max_chunk: bytes that a chunk may have where the vendor maps it; 0: any number.
 *	With @dma_dev, the service finds out itself
 * @chunk: bytes worth saving at a time if the device saves in several fills;
 *	0: it does so in one
 * @dirty_log: it has the dirty callbacks
 */
struct vfio_pci_mig_caps {
	unsigned int flags;
	struct device *dma_dev;
	size_t max_chunk;
	size_t chunk;
	bool dirty_log;
};

/**
 * vfio_pci_mig_init() - let the service run a device
 * @device: the device
 * @ops: callbacks; they and the format outlive the device
 * @caps: copied
 *
 * Context: In the vendor's probe. Undone by vfio_pci_mig_release().
 * Return: 0 or -ENOMEM.
 */
int vfio_pci_mig_init(struct vfio_pci_mig_device *device,
		      const struct vfio_pci_mig_ops *ops,
		      const struct vfio_pci_mig_caps *caps);

/**
 * vfio_pci_mig_release() - give up what vfio_pci_mig_init() took
 * @device: the device, also if vfio_pci_mig_init() was not called or failed
 *
 * Guarantees:
 *	- No callback is running, nor will one be called.
 *
 * Context: In the release of the vendor's device ops, before it frees what the
 * callbacks use. Data files that are still open remain harmless.
 */
void vfio_pci_mig_release(struct vfio_pci_mig_device *device);

/**
 * vfio_pci_mig_open_device() - open_device of the vendor's device ops
 * @core_vdev: the device
 *
 * Return: 0 or the errno of vfio_pci_core_enable().
 */
int vfio_pci_mig_open_device(struct vfio_device *core_vdev);

/**
 * vfio_pci_mig_close_device() - close_device of the vendor's device ops
 * @core_vdev: the device
 */
void vfio_pci_mig_close_device(struct vfio_device *core_vdev);

/**
 * vfio_pci_mig_preallocate() - be ready for a small image
 * @device: the device, open; vfio_pci_mig_init() was called
 *
 * From now on a buffer of 8 KiB, or a page where that is more, is attached: until
 * the device is closed, or vfio_pci_mig_detach(), or it is of no use any more, as a
 * session failed. A reset does not change that. It is charged to who opens the
 * device. What @attach needs must be there without @open. Where this fails, a
 * session attaches what it needs.
 *
 * Context: At the end of open_device of the vendor's device ops. May sleep.
 */
void vfio_pci_mig_preallocate(struct vfio_pci_mig_device *device);

/**
 * vfio_pci_mig_reset_prepare() - reset_prepare of the vendor ops
 * @vdev: the device
 *
 * Context: Process context; waits for nothing.
 */
void vfio_pci_mig_reset_prepare(struct vfio_pci_core_device *vdev);

/**
 * vfio_pci_mig_reset_done() - reset_done of the vendor ops
 * @vdev: the device
 *
 * When this returns, users find the device RUNNING and its data file revoked. It
 * waits for nothing: the callbacks that end the session come later, before any
 * other.
 */
void vfio_pci_mig_reset_done(struct vfio_pci_core_device *vdev);

/**
 * vfio_pci_mig_detach() - the vendor can not reach the device any more
 * @device: the device
 *
 * Ends the session and the dirty log, and detaches what vfio_pci_mig_preallocate()
 * has attached, with callbacks, before it returns. Unless the device is RUNNING, it
 * is in ERROR then.
 *
 * Context: May sleep. Not from a callback.
 */
void vfio_pci_mig_detach(struct vfio_pci_mig_device *device);

/**
 * vfio_pci_mig_attach() - the vendor can reach the device again
 * @device: the device
 */
void vfio_pci_mig_attach(struct vfio_pci_mig_device *device);

/**
 * vfio_pci_mig_fill_done() - a fill has ended
 * @device: the device
 * @status: 0; or -ESTALE if the device lost track of changes during pre-copy,
 *	which costs a full save later but is no error; or another errno, which
 *	the reader sees as -EIO
 * @len: bytes in the buffer; checked
 * @next: bytes that the buffer of the next fill must have, if there is more to
 *	save; 0 if not
 *
 * Context: Any, within @fill too.
 */
void vfio_pci_mig_fill_done(struct vfio_pci_mig_device *device, int status,
			    size_t len, size_t next);

/**
 * vfio_pci_mig_dirty_set() - a range was written to
 * @dirty: what @dirty_report was given
 * @iova: its start
 * @length: its bytes; what is outside of the range asked for is left out
 *
 * Context: Within @dirty_report.
 */
void vfio_pci_mig_dirty_set(struct vfio_pci_mig_dirty *dirty,
			    unsigned long iova, unsigned long length);

#endif /* VFIO_PCI_MIGRATION_H */
