// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory windows: read() and write().
 *
 * User memory is never touched with page faults enabled under memory_lock: the
 * page may be one of this device, whose fault takes that lock as well.
 */
#include <linux/io.h>
#include <linux/log2.h>
#include <linux/minmax.h>
#include <linux/pagemap.h>
#include <linux/sched/signal.h>
#include <linux/sizes.h>
#include <linux/uaccess.h>

#include "mem_window.h"

/* The most of a window that the kernel maps: windows may be 100 GiB and more. */
#define MEM_MAP_MAX	SZ_64M

/* The most that is copied in one go, which delays who wants memory_lock. */
#define MEM_COPY_MAX	SZ_1M

/* Rounds without a byte, user memory being there, after which it is hopeless. */
#define MEM_COPY_TRIES	3

static int mem_window_enter(struct vfio_pci_mem_window *window)
{
	struct vfio_pci_core_device *vdev = window->vdev;
	int ret;

	for (;;) {
		down_read(&vdev->memory_lock);
		ret = vfio_pci_mem_window_access(window);
		if (!ret)
			return 0;

		up_read(&vdev->memory_lock);
		if (ret != -EAGAIN)
			return ret;

		ret = vfio_pci_mem_window_wait(window);
		if (ret)
			return ret;
	}
}

static void mem_window_leave(struct vfio_pci_mem_window *window)
{
	up_read(&window->vdev->memory_lock);
}

static void *mem_window_map_range(enum vfio_pci_mem_type type, u64 addr,
				  size_t size)
{
	switch (type) {
	case VFIO_PCI_MEM_CACHED:
		return memremap(addr, size, MEMREMAP_WB);
	case VFIO_PCI_MEM_UNCACHED:
		return memremap(addr, size, MEMREMAP_WC);
	default:
		return (__force void *)ioremap(addr, size);
	}
}

/**
 * vfio_pci_mem_window_unmap() - drop the kernel mapping, if there is one
 * @window: opened
 *
 * Context: map_lock held for write, or no user left.
 */
void vfio_pci_mem_window_unmap(struct vfio_pci_mem_window *window)
{
	if (!window->map)
		return;

	if (window->type == VFIO_PCI_MEM_DEVICE)
		iounmap((__force void __iomem *)window->map);
	else
		memunmap(window->map);
	window->map = NULL;
}

static bool mem_window_mapped(struct vfio_pci_mem_window *window, u64 pos)
{
	return window->map && pos >= window->map_start &&
	       pos - window->map_start < window->map_size;
}

/* Aligned in physical memory, so that the kernel can map it by huge pages. */
static int mem_window_map_at(struct vfio_pci_mem_window *window, u64 pos,
			     size_t count)
{
	u64 start = round_down(window->addr + pos, MEM_MAP_MAX);
	u64 end = start + MEM_MAP_MAX - 1;

	if (window->transient) {
		start = round_down(window->addr + pos, PAGE_SIZE);
		end = round_up(window->addr + pos + count, PAGE_SIZE) - 1;
	}
	start = max(start, window->addr);
	end = min(end, window->addr + window->size - 1);

	vfio_pci_mem_window_unmap(window);
	window->map = mem_window_map_range(window->type, start,
					   end - start + 1);
	if (!window->map)
		return -ENOMEM;

	window->map_start = start - window->addr;
	window->map_size = end - start + 1;
	return 0;
}

/* Has @pos mapped, and holds map_lock for read, when it returns 0. */
static int mem_window_map_get(struct vfio_pci_mem_window *window, u64 pos,
			      size_t count)
{
	int ret = 0;

	down_read(&window->map_lock);
	if (mem_window_mapped(window, pos))
		return 0;
	up_read(&window->map_lock);

	down_write(&window->map_lock);
	if (!mem_window_mapped(window, pos))
		ret = mem_window_map_at(window, pos, count);
	if (ret) {
		up_write(&window->map_lock);
		return ret;
	}

	downgrade_write(&window->map_lock);
	return 0;
}

/* Likewise. Returns -EAGAIN if a reset has begun. */
static int mem_window_map_enter(struct vfio_pci_mem_window *window, u64 pos,
				size_t count)
{
	int ret;

	ret = mem_window_map_get(window, pos, count);
	if (ret || !window->resetting)
		return ret;

	up_read(&window->map_lock);
	return -EAGAIN;
}

static void mem_window_map_put(struct vfio_pci_mem_window *window)
{
	up_read(&window->map_lock);
	if (!window->transient)
		return;

	down_write(&window->map_lock);
	vfio_pci_mem_window_unmap(window);
	up_write(&window->map_lock);
}

/* For an access to @pos: the window open to it, and mapped there. */
static int mem_window_get(struct vfio_pci_mem_window *window, u64 pos,
			  size_t count)
{
	int ret;

	do {
		ret = mem_window_enter(window);
		if (ret)
			return ret;

		ret = mem_window_map_enter(window, pos, count);
		if (ret)
			mem_window_leave(window);
	} while (ret == -EAGAIN);

	return ret;
}

static void mem_window_put(struct vfio_pci_mem_window *window)
{
	mem_window_map_put(window);
	mem_window_leave(window);
}

static size_t mem_window_copy_nofault(void *mem, char __user *buf,
				      size_t count, bool iswrite)
{
	size_t left;

	pagefault_disable();
	if (iswrite)
		left = __copy_from_user_inatomic(mem, buf, count);
	else
		left = __copy_to_user_inatomic(buf, mem, count);
	pagefault_enable();

	return count - left;
}

/* Copies what it can without a page fault; that may be nothing. */
static ssize_t mem_window_copy_some(struct vfio_pci_mem_window *window,
				    char __user *buf, u64 pos, size_t count,
				    bool iswrite)
{
	ssize_t ret;

	ret = mem_window_get(window, pos, count);
	if (ret)
		return ret;

	pos -= window->map_start;
	count = min_t(u64, count, window->map_size - pos);
	ret = mem_window_copy_nofault(window->map + pos, buf, count, iswrite);

	if (iswrite && window->type == VFIO_PCI_MEM_UNCACHED)
		wmb();	/* a doorbell rung next must not overtake the data */
	mem_window_put(window);
	return ret;
}

static size_t mem_window_fault_in(char __user *buf, size_t count, bool iswrite)
{
	return iswrite ? fault_in_readable(buf, count) :
			 fault_in_writeable(buf, count);
}

static ssize_t mem_window_copy(struct vfio_pci_mem_window *window,
			       char __user *buf, u64 pos, size_t count,
			       bool iswrite)
{
	unsigned int tries = 0;
	size_t done = 0, bytes;
	ssize_t ret;

	while (done < count) {
		bytes = min_t(size_t, count - done, MEM_COPY_MAX);
		ret = mem_window_copy_some(window, buf + done, pos + done,
					   bytes, iswrite);
		if (ret < 0)
			return done ?: ret;

		done += ret;
		tries = ret ? 0 : tries + 1;
		if (fatal_signal_pending(current))
			return done ?: -EINTR;
		cond_resched();
		if (ret == bytes)
			continue;
		bytes = min_t(size_t, count - done, MEM_COPY_MAX);
		if (!bytes)
			break;

		if (tries == MEM_COPY_TRIES ||
		    mem_window_fault_in(buf + done, bytes, iswrite) == bytes)
			return done ?: -EFAULT;
	}

	return done;
}

/* As wide as the CPU can, in one naturally aligned access. */
static unsigned int mem_window_width(u64 pos, size_t count)
{
	unsigned long width = min_t(size_t, count, sizeof(long));

	return min(rounddown_pow_of_two(width),
		   1UL << __ffs((unsigned long)pos | sizeof(long)));
}

static void mem_window_register(void __iomem *io, void *val,
				unsigned int width, bool iswrite)
{
	switch (width) {
#ifdef CONFIG_64BIT
	case 8:
		if (iswrite)
			__raw_writeq(*(u64 *)val, io);
		else
			*(u64 *)val = __raw_readq(io);
		break;
#endif
	case 4:
		if (iswrite)
			__raw_writel(*(u32 *)val, io);
		else
			*(u32 *)val = __raw_readl(io);
		break;
	case 2:
		if (iswrite)
			__raw_writew(*(u16 *)val, io);
		else
			*(u16 *)val = __raw_readw(io);
		break;
	default:
		if (iswrite)
			__raw_writeb(*(u8 *)val, io);
		else
			*(u8 *)val = __raw_readb(io);
	}
}

static int mem_window_access_one(struct vfio_pci_mem_window *window, u64 pos,
				 void *val, unsigned int width, bool iswrite)
{
	void __iomem *io;
	int ret;

	ret = mem_window_get(window, pos, width);
	if (ret)
		return ret;

	io = (__force void __iomem *)window->map + (pos - window->map_start);
	if (iswrite)
		wmb();	/* the user's stores to memory come first */
	mem_window_register(io, val, width, iswrite);
	if (!iswrite)
		rmb();	/* and the loads that depend on this come later */
	mem_window_put(window);
	return 0;
}

static ssize_t mem_window_registers(struct vfio_pci_mem_window *window,
				    char __user *buf, u64 pos, size_t count,
				    bool iswrite)
{
	unsigned int width;
	size_t done = 0;
	u64 val;
	int ret;

	for (; done < count; done += width) {
		width = mem_window_width(pos + done, count - done);
		if (iswrite && copy_from_user(&val, buf + done, width))
			return done ?: -EFAULT;

		ret = mem_window_access_one(window, pos + done, &val, width,
					    iswrite);
		if (ret)
			return done ?: ret;

		if (!iswrite && copy_to_user(buf + done, &val, width))
			return done ?: -EFAULT;
	}

	return done;
}

/* Behind the memory: reads are ones, as of an address that nobody decodes. */
static ssize_t mem_window_read_ones(char __user *buf, size_t count)
{
	size_t done, bytes;
	u8 ones[256];

	memset(ones, 0xff, sizeof(ones));
	for (done = 0; done < count; done += bytes) {
		bytes = min(count - done, sizeof(ones));
		if (copy_to_user(buf + done, ones, bytes))
			return done ?: -EFAULT;
		if (fatal_signal_pending(current))
			return done ?: -EINTR;
		cond_resched();
	}

	return done;
}

static ssize_t mem_window_inside(struct vfio_pci_mem_window *window,
				 char __user *buf, u64 pos, size_t count,
				 bool iswrite)
{
	int ret;

	/* Also of what is behind the memory, nothing is read while disabled. */
	if (!count) {
		ret = mem_window_enter(window);
		if (!ret)
			mem_window_leave(window);
		return ret;
	}

	if (window->type == VFIO_PCI_MEM_DEVICE)
		return mem_window_registers(window, buf, pos, count, iswrite);

	return mem_window_copy(window, buf, pos, count, iswrite);
}

ssize_t vfio_pci_mem_window_rw(struct vfio_pci_mem_window *window,
			       char __user *buf, size_t count, loff_t *ppos,
			       bool iswrite)
{
	u64 pos = *ppos & VFIO_PCI_OFFSET_MASK;
	size_t inside = 0, done;
	ssize_t ret;

	if (pos >= window->span)
		return -EINVAL;

	count = min_t(u64, count, window->span - pos);
	if (!access_ok(buf, count))
		return -EFAULT;

	if (pos < window->size)
		inside = min_t(u64, count, window->size - pos);

	ret = mem_window_inside(window, buf, pos, inside, iswrite);
	if (ret < 0)
		return ret;

	done = ret;
	if (done == inside && iswrite) {
		done = count;
	} else if (done == inside && done < count) {
		ret = mem_window_read_ones(buf + done, count - done);
		if (ret < 0 && !done)
			return ret;
		done += max_t(ssize_t, ret, 0);
	}

	*ppos += done;
	return done;
}
