// SPDX-License-Identifier: GPL-2.0-only
/*
 * Buffers for images: chunks of memory that are as large as can be had, charged
 * to the user, and mapped for the device that writes or reads them.
 *
 * The bytes of a buffer are written and read in their order, by a cursor.
 */
#include <linux/bitops.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/sizes.h>
#include <linux/slab.h>

#include "migration.h"

/* What a chunk has at most, and so what is allocated ahead of a user's bytes. */
#define VFIO_PCI_MIG_CHUNK_SIZE		SZ_2M

/* From here on, gaps at the end cost less than small chunks do. */
#define VFIO_PCI_MIG_LARGE_BUF		SZ_16M

/*
 * Nor is the last chunk smaller than this part of a buffer: the smallest decides
 * on how many addresses a vendor has to tell.
 */
#define VFIO_PCI_MIG_TAIL_SHIFT		9

/* Above this, the allocator is not to make room by reclaim. */
#define VFIO_PCI_MIG_EASY_ORDER		3

/**
 * vfio_pci_mig_buf_init() - set up a buffer without memory
 * @buf: the buffer; zeroed
 * @dir: who is to write to it
 */
void vfio_pci_mig_buf_init(struct vfio_pci_mig_buf *buf,
			   enum dma_data_direction dir)
{
	buf->dir = dir;
	buf->page_shift = PAGE_SHIFT + get_order(VFIO_PCI_MIG_CHUNK_SIZE);
	buf->chunks = buf->few;
	buf->max_chunks = ARRAY_SIZE(buf->few);
	INIT_LIST_HEAD(&buf->all);
	INIT_LIST_HEAD(&buf->link);
}

/**
 * vfio_pci_mig_buf_new() - make another buffer, without memory
 * @file: its file
 *
 * Context: In turn.
 * Return: the buffer, which vfio_pci_mig_session_end() frees, or NULL.
 */
struct vfio_pci_mig_buf *vfio_pci_mig_buf_new(struct vfio_pci_mig_file *file)
{
	struct vfio_pci_mig_buf *buf;

	buf = kzalloc(sizeof(*buf), GFP_KERNEL_ACCOUNT);
	if (!buf)
		return NULL;

	vfio_pci_mig_buf_init(buf, file->first.dir);
	list_add(&buf->all, &file->bufs);
	spin_lock_irq(&file->mig->lock);
	file->nr_bufs++;
	spin_unlock_irq(&file->mig->lock);
	return buf;
}

static void vfio_pci_mig_chunks_free(struct vfio_pci_mig_buf *buf)
{
	if (buf->chunks != buf->few)
		kvfree(buf->chunks);
}

/**
 * vfio_pci_mig_buf_free() - free what a buffer has
 * @buf: the buffer, detached and unmapped
 */
void vfio_pci_mig_buf_free(struct vfio_pci_mig_buf *buf)
{
	unsigned int i;

	for (i = 0; i < buf->nr_chunks; i++)
		__free_pages(buf->chunks[i].page, buf->chunks[i].order);

	list_del(&buf->all);
	vfio_pci_mig_chunks_free(buf);
}

static int vfio_pci_mig_buf_room(struct vfio_pci_mig_buf *buf)
{
	unsigned int max = 2 * buf->max_chunks;
	struct vfio_pci_mig_chunk *chunks;

	if (buf->nr_chunks < buf->max_chunks)
		return 0;

	chunks = kvmalloc_array(max, sizeof(*chunks), GFP_KERNEL_ACCOUNT);
	if (!chunks)
		return -ENOMEM;

	memcpy(chunks, buf->chunks, buf->nr_chunks * sizeof(*chunks));
	vfio_pci_mig_chunks_free(buf);
	buf->chunks = chunks;
	buf->max_chunks = max;
	return 0;
}

static unsigned int vfio_pci_mig_chunk_order(struct vfio_pci_mig *mig,
					     struct vfio_pci_mig_buf *buf,
					     u64 hint)
{
	const size_t small = PAGE_SIZE << VFIO_PCI_MIG_EASY_ORDER;
	u64 rest = max(hint > buf->size ? hint - buf->size : 1,
		       hint >> VFIO_PCI_MIG_TAIL_SHIFT);
	size_t most = min_t(size_t, VFIO_PCI_MIG_CHUNK_SIZE, mig->max_chunk);

	/* A second mapping costs more than a gap at the end of a small chunk. */
	if (rest <= small && small <= most)
		return get_order(rest);
	if (rest < most && hint < VFIO_PCI_MIG_LARGE_BUF)
		most = rest;

	return most <= PAGE_SIZE ? 0 : ilog2(most) - PAGE_SHIFT;
}

static int vfio_pci_mig_buf_add(struct vfio_pci_mig_buf *buf,
				unsigned int *order)
{
	gfp_t gfp = GFP_KERNEL_ACCOUNT | __GFP_COMP | __GFP_NOWARN;
	struct page *page;

	/* What the device does not write must not show what was there. */
	if (buf->dir != DMA_TO_DEVICE)
		gfp |= __GFP_ZERO;

	for (;;) {
		page = alloc_pages(*order > VFIO_PCI_MIG_EASY_ORDER ?
				   gfp | __GFP_NORETRY : gfp, *order);
		if (page || !*order)
			break;
		*order -= min(*order, 3U);
	}
	if (!page)
		return -ENOMEM;

	buf->chunks[buf->nr_chunks++] = (struct vfio_pci_mig_chunk) {
		.page	= page,
		.order	= *order,
	};
	buf->size += PAGE_SIZE << *order;
	buf->page_shift = min(buf->page_shift, PAGE_SHIFT + *order);
	return 0;
}

/**
 * vfio_pci_mig_buf_grow() - give a buffer more memory
 * @mig: the migration
 * @buf: the buffer; detached if it grows
 * @size: bytes that it must have
 * @hint: bytes that it is going to have; no memory is allocated for them, but
 *	for the end of the last chunk
 *
 * Context: In turn, unless the buffer was never to be attached.
 * Return: 0 or -ENOMEM; the buffer may be larger then, too.
 */
int vfio_pci_mig_buf_grow(struct vfio_pci_mig *mig,
			  struct vfio_pci_mig_buf *buf, size_t size, u64 hint)
{
	unsigned int order, wanted, most = UINT_MAX;
	int ret;

	if (buf->size >= size)
		return 0;

	vfio_pci_mig_buf_detach(mig, buf);
	while (buf->size < size) {
		ret = vfio_pci_mig_buf_room(buf);
		if (ret)
			return ret;

		wanted = min(most, vfio_pci_mig_chunk_order(mig, buf, hint));
		order = wanted;
		ret = vfio_pci_mig_buf_add(buf, &order);
		if (ret)
			return ret;

		/* Where large chunks are gone, do not ask for each again. */
		if (order < wanted)
			most = order;
		cond_resched();
	}

	return 0;
}

/**
 * vfio_pci_mig_buf_unmap() - end the mapping of a buffer
 * @mig: the migration
 * @buf: the buffer, detached
 *
 * Context: In turn.
 */
void vfio_pci_mig_buf_unmap(struct vfio_pci_mig *mig,
			    struct vfio_pci_mig_buf *buf)
{
	struct vfio_pci_mig_chunk *chunk;

	while (buf->nr_mapped) {
		chunk = &buf->chunks[--buf->nr_mapped];
		dma_unmap_page(mig->caps.dma_dev, chunk->dma,
			       PAGE_SIZE << chunk->order, buf->dir);
	}
}

static int vfio_pci_mig_buf_map(struct vfio_pci_mig *mig,
				struct vfio_pci_mig_buf *buf)
{
	struct device *dev = mig->caps.dma_dev;
	struct vfio_pci_mig_chunk *chunk;

	if (!dev)
		return 0;

	while (buf->nr_mapped < buf->nr_chunks) {
		chunk = &buf->chunks[buf->nr_mapped];
		chunk->dma = dma_map_page(dev, chunk->page, 0,
					  PAGE_SIZE << chunk->order, buf->dir);
		if (dma_mapping_error(dev, chunk->dma))
			return -ENOMEM;
		buf->nr_mapped++;
		/* Not every mapping is aligned to its size. */
		if (chunk->dma)
			buf->page_shift = min_t(unsigned int, buf->page_shift,
						__ffs64(chunk->dma));
	}

	return 0;
}

/**
 * vfio_pci_mig_buf_attach() - make a buffer known to the device
 * @mig: the migration
 * @buf: the buffer, which has memory
 *
 * Context: In turn.
 * Return: 0, -ENOMEM, or the errno of the vendor.
 */
int vfio_pci_mig_buf_attach(struct vfio_pci_mig *mig,
			    struct vfio_pci_mig_buf *buf)
{
	int ret;

	if (buf->attached)
		return 0;

	buf->known = true;
	ret = vfio_pci_mig_buf_map(mig, buf);
	if (ret)
		return ret;

	if (mig->ops->attach) {
		ret = mig->ops->attach(mig->device, buf);
		if (ret)
			return ret;
	}

	buf->attached = true;
	return 0;
}

/**
 * vfio_pci_mig_buf_detach() - undo vfio_pci_mig_buf_attach(), the mapping aside
 * @mig: the migration
 * @buf: the buffer, attached or not
 *
 * Context: In turn.
 */
void vfio_pci_mig_buf_detach(struct vfio_pci_mig *mig,
			     struct vfio_pci_mig_buf *buf)
{
	if (!buf->attached)
		return;

	buf->attached = false;
	if (mig->ops->detach)
		mig->ops->detach(mig->device, buf);
}

/**
 * vfio_pci_mig_buf_sync() - pass a mapped image between the CPU and the device
 * @mig: the migration
 * @buf: the buffer
 * @for_cpu: to the CPU, else to the device
 *
 * Context: Any.
 */
void vfio_pci_mig_buf_sync(struct vfio_pci_mig *mig,
			   struct vfio_pci_mig_buf *buf, bool for_cpu)
{
	struct device *dev = mig->caps.dma_dev;
	struct vfio_pci_mig_chunk *chunk;
	size_t left = buf->len, bytes;

	for (chunk = buf->chunks; left && buf->nr_mapped; chunk++) {
		bytes = min_t(size_t, left, PAGE_SIZE << chunk->order);
		if (for_cpu)
			dma_sync_single_for_cpu(dev, chunk->dma, bytes, buf->dir);
		else
			dma_sync_single_for_device(dev, chunk->dma, bytes,
						   buf->dir);
		left -= bytes;
	}
}

/**
 * vfio_pci_mig_buf_rewind() - put the cursor at the start
 * @buf: the buffer
 */
void vfio_pci_mig_buf_rewind(struct vfio_pci_mig_buf *buf)
{
	buf->chunk = 0;
	buf->chunk_pos = 0;
}

/**
 * vfio_pci_mig_buf_here() - the memory at the cursor
 * @buf: the buffer; the cursor is not at its end
 * @bytes: receives how much is there without a gap; not 0
 *
 * Return: its address.
 */
void *vfio_pci_mig_buf_here(struct vfio_pci_mig_buf *buf, size_t *bytes)
{
	struct vfio_pci_mig_chunk *chunk = &buf->chunks[buf->chunk];

	*bytes = (PAGE_SIZE << chunk->order) - buf->chunk_pos;
	return page_address(chunk->page) + buf->chunk_pos;
}

/**
 * vfio_pci_mig_buf_skip() - move the cursor on
 * @buf: the buffer
 * @bytes: by how much; at most what vfio_pci_mig_buf_here() gave
 */
void vfio_pci_mig_buf_skip(struct vfio_pci_mig_buf *buf, size_t bytes)
{
	buf->chunk_pos += bytes;
	if (buf->chunk_pos < PAGE_SIZE << buf->chunks[buf->chunk].order)
		return;

	buf->chunk++;
	buf->chunk_pos = 0;
}
