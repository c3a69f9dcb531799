/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory of a device that is not a PCI BAR: a physical window that firmware
 * published, shown to users as a device-specific region or as a 64-bit BAR that
 * the function does not have.
 *
 * Part of the vendor contract; vendors get it through vfio_pci_vendor.h.
 */
#ifndef VFIO_PCI_MEM_WINDOW_H
#define VFIO_PCI_MEM_WINDOW_H

#include <linux/rwsem.h>
#include <linux/types.h>
#include <linux/vfio_pci_core.h>

#include "vfio_pci_compat.h"
#include "vfio_pci_compat_mm.h"

/**
 * enum vfio_pci_mem_type - how the CPU maps a window
 * @VFIO_PCI_MEM_CACHED: coherent memory, cached
 * @VFIO_PCI_MEM_UNCACHED: memory without side effects that must not be cached:
 *	Normal-NC on arm64, write combining elsewhere
 * @VFIO_PCI_MEM_DEVICE: registers; read() and write() make naturally aligned
 *	accesses of at most eight bytes, as wide as position and count allow
 */
enum vfio_pci_mem_type {
	VFIO_PCI_MEM_CACHED,
	VFIO_PCI_MEM_UNCACHED,
	VFIO_PCI_MEM_DEVICE,
};

struct vfio_pci_mem_window;

/**
 * typedef vfio_pci_mem_ready_t - may the memory be accessed?
 * @vdev: the device
 * @wait: wait until it may, for a time that is bounded, and killable
 *
 * Context: Without @wait, called with memory_lock held for read and the
 * function accessible: looks once. With @wait, process context without locks.
 * Return: 0 if it may. -EAGAIN, only without @wait, if it may not yet. Any other
 * errno is what the user gets.
 */
typedef int (*vfio_pci_mem_ready_t)(struct vfio_pci_core_device *vdev,
				    bool wait);

/**
 * struct vfio_pci_mem_window - one physical window
 * @addr: physical address, in bytes
 * @size: bytes of memory; 0: there is no window
 * @span: bytes that users see, at least @size: what is behind the memory reads
 *	as ones and drops writes
 * @type: how it is mapped
 * @transient: keep no kernel mapping between accesses, for memory that must not
 *	be prefetched while nobody uses it
 * @ready: NULL, or asked before each access
 * @vdev: the device, between vfio_pci_mem_window_open() and _close()
 * @map_lock: guards the kernel mapping and @resetting; nests inside memory_lock;
 *	held for read by whoever accesses or maps the memory
 * @resetting: the function is being reset: no access
 * @map: kernel mapping of a part of the window, or NULL
 * @map_start: offset of that part in the window
 * @map_size: its length
 * @claim: what keeps other drivers, and memory hotplug, away
 * @poison: registration for memory failures
 *
 * A vendor fills in @addr to @ready, in its structure and by its probe, and
 * keeps its hands off the rest.
 */
struct vfio_pci_mem_window {
	u64 addr;
	u64 size;
	u64 span;
	enum vfio_pci_mem_type type;
	bool transient;
	vfio_pci_mem_ready_t ready;

	struct vfio_pci_core_device *vdev;
	struct rw_semaphore map_lock;
	bool resetting;
	void *map;
	u64 map_start;
	u64 map_size;
	struct resource *claim;
	struct vfio_pci_compat_poison poison;
};

/**
 * vfio_pci_mem_window_claim() - is a window fit to be shown? Then take it.
 * @window: filled in
 * @fault: receives what is wrong, for a decline: the window is empty, not made
 *	of whole pages, wraps, is wider than the CPU can address or than a VFIO
 *	region can be, contains RAM that the kernel owns, or is in use
 *
 * Nobody else can have the memory until vfio_pci_mem_window_unclaim(): neither
 * another claim, nor a driver that asks for its resources, nor memory hotplug.
 *
 * Context: Process context, within a probe, as the last thing before it claims.
 * Return: 0, -ENODEV with @fault set, or -ENOMEM, which is to fail the bind.
 */
int vfio_pci_mem_window_claim(struct vfio_pci_mem_window *window,
			      const char **fault);

/**
 * vfio_pci_mem_window_unclaim() - give a window back
 * @window: claimed or not, even all zeroes
 *
 * Context: The vendor's release.
 */
void vfio_pci_mem_window_unclaim(struct vfio_pci_mem_window *window);

/**
 * vfio_pci_mem_window_open() - get a window ready for a user
 * @window: claimed; one whose @size is 0 is passed over
 * @vdev: the device
 *
 * Registers the window for memory failures where the kernel offers that, so
 * that the users of a poisoned page get a SIGBUS.
 *
 * Context: open_device, between vfio_pci_core_enable() and
 * vfio_pci_core_finish_enable().
 * Return: 0, or the errno of the registration.
 */
int vfio_pci_mem_window_open(struct vfio_pci_mem_window *window,
			     struct vfio_pci_core_device *vdev);

/**
 * vfio_pci_mem_window_close() - the last user left
 * @window: opened or not
 *
 * Context: close_device, or the release of a region.
 */
void vfio_pci_mem_window_close(struct vfio_pci_mem_window *window);

/**
 * vfio_pci_mem_window_rw() - read from or write to a window
 * @window: opened
 * @buf: memory of the user
 * @count: bytes
 * @ppos: file position; moved on by what was transferred
 * @iswrite: direction
 *
 * Any alignment and length, in bulk. What is beyond @window->span is cut off.
 *
 * Context: Process context, the function resumed; takes memory_lock.
 * Return: bytes transferred, fewer than @count at the end of the span, or when
 * something failed after some were; or else -EINVAL beyond the span, -EIO while
 * memory is disabled or the function is in D3, -EFAULT for bad user memory,
 * -EINTR for a task being killed, -ENOMEM, or the errno of @window->ready.
 */
ssize_t vfio_pci_mem_window_rw(struct vfio_pci_mem_window *window,
			       char __user *buf, size_t count, loff_t *ppos,
			       bool iswrite);

/**
 * vfio_pci_mem_window_mmap() - map a window for a user
 * @window: opened
 * @vma: the mapping, its vm_pgoff the file position
 *
 * Pages are inserted as they are touched, huge ones where the kernel can. While
 * memory is disabled or the function is in D3, a touch is a SIGBUS.
 *
 * Context: mmap, with mmap_lock held.
 * Return: 0, or -EINVAL for a private mapping, or one beyond @window->size.
 */
int vfio_pci_mem_window_mmap(struct vfio_pci_mem_window *window,
			     struct vm_area_struct *vma);

/**
 * vfio_pci_mem_window_sparse() - describe what of a window can be mapped
 * @window: the window
 * @caps: capabilities of its region
 *
 * Return: 0, or -ENOMEM.
 */
int vfio_pci_mem_window_sparse(const struct vfio_pci_mem_window *window,
			       struct vfio_info_cap *caps);

/**
 * vfio_pci_mem_window_zap() - take away what users have mapped
 * @window: opened or not
 * @index: index of its region
 *
 * The next touch faults again. vfio-pci-core does this for BARs, and so for
 * windows shown as such, but not for device-specific regions.
 *
 * Context: Process context; may be called with memory_lock held.
 */
void vfio_pci_mem_window_zap(struct vfio_pci_mem_window *window,
			     unsigned int index);

/**
 * vfio_pci_mem_window_reset_prepare() - the function is about to be reset
 * @window: claimed or not, opened or not
 * @index: index of its region
 *
 * Accesses that are in flight end before this returns, and what users have
 * mapped is taken away, which kernels with vma_list can not do here. Later
 * accesses wait for vfio_pci_mem_window_reset_done().
 *
 * Context: reset_prepare of the vendor; may be called with memory_lock held.
 */
void vfio_pci_mem_window_reset_prepare(struct vfio_pci_mem_window *window,
				       unsigned int index);

/**
 * vfio_pci_mem_window_reset_done() - the reset is done, accesses go on
 * @window: the same
 *
 * Context: reset_done of the vendor; may be called with memory_lock held.
 */
void vfio_pci_mem_window_reset_done(struct vfio_pci_mem_window *window);

/**
 * vfio_pci_mem_window_sync() - as vfio_pci_mem_window_zap(), if it has to be
 * @window: opened or not
 * @index: index of its region
 *
 * For a vendor to call when the user wrote to configuration space or entered
 * low power: zaps if the memory can not be accessed any more.
 *
 * Context: Process context; takes memory_lock.
 */
void vfio_pci_mem_window_sync(struct vfio_pci_mem_window *window,
			      unsigned int index);

#define VFIO_PCI_MEM_BARS	3	/* 64-bit ones, in six registers */

/**
 * struct vfio_pci_mem_bars - windows as 64-bit BARs
 * @window: by half the BAR number; NULL: that BAR is what the function has
 * @reg: what users wrote to the registers, as written
 */
struct vfio_pci_mem_bars {
	struct vfio_pci_mem_window *window[VFIO_PCI_MEM_BARS];
	__le64 reg[VFIO_PCI_MEM_BARS];
};

/*
 * The callbacks of struct vfio_device_ops and of the compat header, for devices
 * with such BARs. Each does what is asked where it is about one of them, and
 * leaves the rest to vfio-pci-core. Context and errnos are those of the
 * callback and of vfio_pci_mem_window_rw() and _mmap().
 */

/**
 * vfio_pci_mem_bars_reset() - the registers as they are before the first write
 * @bars: the BARs
 *
 * Context: Any.
 */
void vfio_pci_mem_bars_reset(struct vfio_pci_mem_bars *bars);

/**
 * vfio_pci_mem_bars_read() - the read callback
 * @bars: the BARs
 * @core_vdev: the device
 * @buf: memory of the user
 * @count: bytes
 * @ppos: file position
 *
 * Return: bytes read, or an errno.
 */
ssize_t vfio_pci_mem_bars_read(struct vfio_pci_mem_bars *bars,
			       struct vfio_device *core_vdev, char __user *buf,
			       size_t count, loff_t *ppos);

/**
 * vfio_pci_mem_bars_write() - the write callback
 * @bars: the BARs
 * @core_vdev: the device
 * @buf: memory of the user
 * @count: bytes
 * @ppos: file position
 *
 * Return: bytes written, or an errno.
 */
ssize_t vfio_pci_mem_bars_write(struct vfio_pci_mem_bars *bars,
				struct vfio_device *core_vdev,
				const char __user *buf, size_t count,
				loff_t *ppos);

/**
 * vfio_pci_mem_bars_mmap() - the mmap callback
 * @bars: the BARs
 * @core_vdev: the device
 * @vma: the mapping
 *
 * Return: 0, or an errno.
 */
int vfio_pci_mem_bars_mmap(struct vfio_pci_mem_bars *bars,
			   struct vfio_device *core_vdev,
			   struct vm_area_struct *vma);

/**
 * vfio_pci_mem_bars_ioctl() - the ioctl callback
 * @bars: the BARs
 * @core_vdev: the device
 * @cmd: the command
 * @arg: its argument
 * @info: what the vendor has as VFIO_PCI_REGION_INFO()
 *
 * An ioeventfd can not be on such a BAR: -ENOTTY. VFIO_DEVICE_RESET clears the
 * registers. Other resets keep them, as the PCI core restores the registers of
 * real BARs. Region info is answered by
 * way of @info, in the kernels that ask for it here.
 *
 * Return: that of the command.
 */
long vfio_pci_mem_bars_ioctl(struct vfio_pci_mem_bars *bars,
			     struct vfio_device *core_vdev, unsigned int cmd,
			     unsigned long arg, vfio_pci_region_info_t info);

/**
 * vfio_pci_mem_bars_region_info() - what a vendor's region info calls
 * @bars: the BARs
 * @core_vdev: the device
 * @info: the request, and the answer
 * @caps: capabilities of the region
 *
 * Return: 0, or an errno.
 */
int vfio_pci_mem_bars_region_info(struct vfio_pci_mem_bars *bars,
				  struct vfio_device *core_vdev,
				  struct vfio_region_info *info,
				  struct vfio_info_cap *caps);

/**
 * vfio_pci_mem_bars_dmabuf() - what is exported as a dma-buf
 * @bars: the BARs
 * @vdev: the device
 * @provider: receives where peers find it
 * @index: of the region
 * @phys_vec: receives the addresses
 * @ranges: parts of the region
 * @count: how many
 *
 * For the get_dmabuf_phys callback of vfio_pci_compat_share(). Memory is as far
 * from peers as BAR 0.
 *
 * Return: 0, or -EINVAL for what is not there or can not be reached by peers.
 */
int vfio_pci_mem_bars_dmabuf(struct vfio_pci_mem_bars *bars,
			     struct vfio_pci_core_device *vdev,
			     struct p2pdma_provider **provider,
			     unsigned int index,
			     struct vfio_pci_compat_phys_vec *phys_vec,
			     struct vfio_region_dma_range *ranges,
			     size_t count);

#endif /* VFIO_PCI_MEM_WINDOW_H */
