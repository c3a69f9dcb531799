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
#include <linux/scatterlist.h>
#include <linux/sched/signal.h>
#include <linux/sizes.h>
#include <linux/slab.h>

#include "migration.h"

/* What a chunk has at most, and so what is allocated ahead of a user's bytes. */
#define VFIO_PCI_MIG_CHUNK_SIZE		SZ_2M

/* Mapping so many chunks one by one costs less than a table of them. */
#define VFIO_PCI_MIG_FEW_CHUNKS		ARRAY_SIZE(((struct vfio_pci_mig_buf *)0)->few)

/* From here on, gaps at the end cost less than small chunks do. */
#define VFIO_PCI_MIG_LARGE_BUF		SZ_16M

/*
 * Nor is the last chunk smaller than this part of a buffer: the smallest decides
 * on how many addresses a vendor has to tell.
 */
#define VFIO_PCI_MIG_TAIL_SHIFT		9

/* Up to here, a gap at the end of a chunk costs less than a second mapping. */
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
	INIT_LIST_HEAD(&buf->maps);
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

	if (rest <= small && small <= most)
		return get_order(rest);
	if (rest < most && hint < VFIO_PCI_MIG_LARGE_BUF)
		most = rest;

	return most <= PAGE_SIZE ? 0 : ilog2(most) - PAGE_SHIFT;
}

/*
 * A large chunk only saves time, so it is taken if it is free: reclaim and compaction
 * for it would stall a guest that is stopped, and may end in the OOM killer. A page is
 * reclaimed for, but nobody is killed for it.
 */
static struct page *vfio_pci_mig_page_alloc(struct vfio_pci_mig_buf *buf,
					    unsigned int *order)
{
	gfp_t gfp = GFP_KERNEL_ACCOUNT | __GFP_NOWARN;
	struct page *page;

	/* Bytes that the device does not write must not leak kernel data. */
	if (buf->dir != DMA_TO_DEVICE)
		gfp |= __GFP_ZERO;

	while (*order) {
		page = alloc_pages((gfp & ~__GFP_RECLAIM) | __GFP_COMP, *order);
		if (page)
			return page;
		*order -= min(*order, 3U);
	}

	return alloc_page(gfp | __GFP_RETRY_MAYFAIL);
}

static int vfio_pci_mig_buf_add(struct vfio_pci_mig_buf *buf,
				unsigned int *order)
{
	struct page *page = vfio_pci_mig_page_alloc(buf, order);

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
 * Return: 0, -ENOMEM, or -EINTR after a fatal signal; the buffer may be larger then,
 * too.
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
		if (fatal_signal_pending(current))
			return -EINTR;
		cond_resched();
	}

	return 0;
}

/**
 * struct vfio_pci_mig_map - chunks of a buffer that were mapped together
 * @link: in the buffer
 * @table: the chunks
 */
struct vfio_pci_mig_map {
	struct list_head link;
	struct sg_table table;
};

static void vfio_pci_mig_map_free(struct vfio_pci_mig_map *map)
{
	list_del(&map->link);
	sg_free_table(&map->table);
	kfree(map);
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
	struct device *dev = mig->caps.dma_dev;
	struct vfio_pci_mig_chunk *chunk;
	struct vfio_pci_mig_map *map, *tmp;

	list_for_each_entry_safe(map, tmp, &buf->maps, link) {
		dma_unmap_sgtable(dev, &map->table, buf->dir, 0);
		vfio_pci_mig_map_free(map);
	}

	while (buf->nr_single) {
		chunk = &buf->chunks[--buf->nr_single];
		dma_unmap_page(dev, chunk->dma, PAGE_SIZE << chunk->order,
			       buf->dir);
	}
	buf->nr_mapped = 0;
}

static void vfio_pci_mig_chunk_mapped(struct vfio_pci_mig_buf *buf,
				      dma_addr_t dma)
{
	buf->chunks[buf->nr_mapped++].dma = dma;
	/* Not every mapping is aligned to its size. */
	if (dma)
		buf->page_shift = min_t(unsigned int, buf->page_shift,
					__ffs64(dma));
}

static int vfio_pci_mig_map_single(struct device *dev,
				   struct vfio_pci_mig_buf *buf)
{
	struct vfio_pci_mig_chunk *chunk = &buf->chunks[buf->nr_mapped];
	dma_addr_t dma;

	dma = dma_map_page(dev, chunk->page, 0, PAGE_SIZE << chunk->order,
			   buf->dir);
	if (dma_mapping_error(dev, dma))
		return -ENOMEM;

	vfio_pci_mig_chunk_mapped(buf, dma);
	buf->nr_single++;
	return 0;
}

/* Chunks that follow each other may be mapped as one segment. */
static void vfio_pci_mig_map_read(struct vfio_pci_mig_buf *buf,
				  struct scatterlist *sg)
{
	dma_addr_t dma = sg_dma_address(sg);
	u64 left = sg_dma_len(sg);
	size_t bytes;

	while (buf->nr_mapped < buf->nr_chunks) {
		bytes = PAGE_SIZE << buf->chunks[buf->nr_mapped].order;
		if (!left) {
			sg = sg_next(sg);
			dma = sg_dma_address(sg);
			left = sg_dma_len(sg);
		}
		vfio_pci_mig_chunk_mapped(buf, dma);
		dma += bytes;
		left -= bytes;
	}
}

/* Map all chunks that are not mapped yet at once. */
static int vfio_pci_mig_map_table(struct device *dev,
				  struct vfio_pci_mig_buf *buf)
{
	struct vfio_pci_mig_chunk *chunk = &buf->chunks[buf->nr_mapped];
	struct vfio_pci_mig_map *map;
	struct scatterlist *sg;
	unsigned int i;

	map = kzalloc(sizeof(*map), GFP_KERNEL_ACCOUNT);
	if (!map)
		return -ENOMEM;
	if (sg_alloc_table(&map->table, buf->nr_chunks - buf->nr_mapped,
			   GFP_KERNEL_ACCOUNT))
		goto err_free;

	for_each_sgtable_sg(&map->table, sg, i) {
		sg_set_page(sg, chunk->page, PAGE_SIZE << chunk->order, 0);
		chunk++;
	}
	if (dma_map_sgtable(dev, &map->table, buf->dir, 0))
		goto err_table;

	list_add(&map->link, &buf->maps);
	vfio_pci_mig_map_read(buf, map->table.sgl);
	return 0;

err_table:
	sg_free_table(&map->table);
err_free:
	kfree(map);
	return -ENOMEM;
}

static int vfio_pci_mig_buf_map(struct vfio_pci_mig *mig,
				struct vfio_pci_mig_buf *buf)
{
	struct device *dev = mig->caps.dma_dev;
	int ret;

	if (!dev || buf->nr_mapped == buf->nr_chunks)
		return 0;
	if (buf->nr_chunks > VFIO_PCI_MIG_FEW_CHUNKS || !list_empty(&buf->maps))
		return vfio_pci_mig_map_table(dev, buf);

	while (buf->nr_mapped < buf->nr_chunks) {
		ret = vfio_pci_mig_map_single(dev, buf);
		if (ret)
			return ret;
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
 * vfio_pci_mig_buf_sync() - pass a mapped image from the CPU to the device
 * @mig: the migration
 * @buf: the buffer
 *
 * Context: In turn.
 */
void vfio_pci_mig_buf_sync(struct vfio_pci_mig *mig,
			   struct vfio_pci_mig_buf *buf)
{
	struct vfio_pci_mig_chunk *chunk;
	size_t left = buf->len, bytes;

	for (chunk = buf->chunks; left && buf->nr_mapped; chunk++) {
		bytes = min_t(size_t, left, PAGE_SIZE << chunk->order);
		dma_sync_single_for_device(mig->caps.dma_dev, chunk->dma, bytes,
					   buf->dir);
		left -= bytes;
	}
}

/**
 * vfio_pci_mig_buf_sync_here() - pass the chunk at the cursor to the CPU
 * @file: a file to read
 * @buf: an image of it, which the device has written; the cursor goes forward
 *
 * Where DMA is bounced, this copies the chunk, which would take too long in the
 * interrupt that ends a fill.
 *
 * Context: The io mutex of the file is held. May sleep.
 * Return: false if the file is revoked, so that the memory may be unmapped.
 */
bool vfio_pci_mig_buf_sync_here(struct vfio_pci_mig_file *file,
				struct vfio_pci_mig_buf *buf)
{
	struct vfio_pci_mig_chunk *chunk = &buf->chunks[buf->chunk];
	bool mapped;

	if (buf->chunk < buf->nr_synced)
		return true;

	mutex_lock(&file->dma);
	mapped = !READ_ONCE(file->revoked);
	if (mapped && buf->nr_mapped)
		dma_sync_single_for_cpu(file->mig->caps.dma_dev, chunk->dma,
					PAGE_SIZE << chunk->order, buf->dir);
	mutex_unlock(&file->dma);

	buf->nr_synced = buf->chunk + 1;
	return mapped;
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
