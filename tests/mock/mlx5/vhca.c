// SPDX-License-Identifier: GPL-2.0-only
/*
 * The device model of a VF, and what the firmware does to migrate it.
 *
 * The state is what BAR 0 holds from its second page on, and, when a test asks
 * for more, bytes that follow from a seed. Images form a chain: a first one,
 * and any number that hold what the chain does not have yet, or what changed.
 */
#include <linux/bitmap.h>
#include <linux/io.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/timekeeping.h>
#include <linux/vmalloc.h>

#include "mlx5_mock.h"

#define MOCK_MAGIC	0x314b434f4d35584dULL	/* "MX5MOCK1" */
#define MOCK_LAST	BIT(0)			/* of the chain */
#define MOCK_BAD_STATE	MLX5_CMD_STAT_BAD_RES_STATE_ERR

/* MLX5_QUERY_VHCA_MIG_STATE_OPER_MIGRATION_* of linux/mlx5/mlx5_ifc.h, 7.1 */
#define MOCK_STATE_DIRTY	3
#define MOCK_STATE_INIT		4

struct mock_image {
	__le64 magic;
	__le32 seq;
	__le32 flags;
	__le64 length;
	__le64 state_size;
	__le64 seed;
	__le64 records;
	__le64 reserved[2];
};

struct mock_record {
	__le64 offset;
	__le64 length;
};

/* What the first page of BAR 0 shows. */
struct mock_window {
	__le64 magic;
	__le32 vhca_id;
	__le32 run;		/* bit 0: initiator, bit 1: responder */
	__le32 resets;
	__le32 loads;
	__le64 seed;
};

/* An image as it is made, or read. */
struct mock_cursor {
	struct mock_hca *hca;
	struct mock_mkey *key;
	u64 pos;
	u64 size;
};

static void __iomem *mock_page(struct mock_vhca *vhca, unsigned int page)
{
	return vhca->bar + (page + 1) * PAGE_SIZE;
}

void mock_vhca_publish(struct mock_vhca *vhca)
{
	struct mock_window window = {
		.magic		= cpu_to_le64(MOCK_MAGIC),
		.vhca_id	= cpu_to_le32(vhca->id),
		.run		= cpu_to_le32(vhca->initiator |
					      vhca->responder << 1),
		.resets		= cpu_to_le32(vhca->resets),
		.loads		= cpu_to_le32(vhca->loads),
		.seed		= cpu_to_le64(vhca->seed),
	};

	memcpy_toio(vhca->bar, &window, sizeof(window));
}

struct mock_vhca *mock_vhca_find(struct mock_hca *hca, u16 id)
{
	unsigned int i;

	for (i = 0; i < hca->total; i++) {
		if (hca->vhcas[i].id == id)
			return &hca->vhcas[i];
	}
	mock_violation(hca, "there is no VHCA %#x", id);
	return NULL;
}

static struct mock_vhca *mock_vhca_lock(struct mock_hca *hca, void *in)
{
	struct mock_vhca *vhca;

	vhca = mock_vhca_find(hca, MLX5_GET(mock_vhca_in, in, vhca_id));
	if (!vhca)
		return NULL;
	flush_work(&vhca->flr);
	mutex_lock(&vhca->lock);
	return vhca;
}

/* 0 is for what the BAR has room for. */
void mock_vhca_size(struct mock_vhca *vhca, u64 size)
{
	unsigned int pages = vhca->hca->bar_size / PAGE_SIZE - 1;

	mutex_lock(&vhca->lock);
	vhca->pages = pages;
	vhca->beyond = 0;
	if (size && size < pages * PAGE_SIZE)
		vhca->pages = max_t(u64, size / PAGE_SIZE, 1);
	else if (size)
		vhca->beyond = round_down(size - pages * PAGE_SIZE, 8);
	mutex_unlock(&vhca->lock);
}

static void mock_run_all(struct mock_vhca *vhca)
{
	vhca->initiator = true;
	vhca->responder = true;
	vhca->tracking = false;
	vhca->saving = false;
	vhca->loading = false;
}

/* A function level reset. */
void mock_vhca_reset(struct mock_vhca *vhca)
{
	mutex_lock(&vhca->lock);
	mock_run_all(vhca);
	vhca->seed = vhca->id;
	vhca->resets++;
	memset_io(mock_page(vhca, 0), 0, vhca->pages * PAGE_SIZE);
	mock_vhca_publish(vhca);
	mutex_unlock(&vhca->lock);
}

static void mock_vhca_flr(struct work_struct *work)
{
	mock_vhca_reset(container_of(work, struct mock_vhca, flr));
}

int mock_vhca_init(struct mock_hca *hca, unsigned int index)
{
	struct mock_vhca *vhca = &hca->vhcas[index];
	unsigned int pages = hca->bar_size / PAGE_SIZE - 1;

	mutex_init(&vhca->lock);
	INIT_WORK(&vhca->flr, mock_vhca_flr);
	vhca->hca = hca;
	vhca->id = 0x100 + 0x10 * pci_domain_nr(hca->pdev->bus) % 0x100 + index;
	vhca->bar = hca->bars + index * hca->bar_size;
	vhca->migratable = true;
	vhca->shadow = vzalloc(pages * PAGE_SIZE);
	vhca->unsent = bitmap_zalloc(pages, GFP_KERNEL);
	vhca->loaded = bitmap_zalloc(pages, GFP_KERNEL);
	if (!vhca->shadow || !vhca->unsent || !vhca->loaded)
		return -ENOMEM;

	mock_vhca_size(vhca, 0);
	mock_vhca_reset(vhca);
	return 0;
}

void mock_vhca_free(struct mock_vhca *vhca)
{
	bitmap_free(vhca->loaded);
	bitmap_free(vhca->unsent);
	vfree(vhca->shadow);
}

int mock_cmd_suspend(struct mock_hca *hca, void *in, int in_size, void *out)
{
	struct mock_vhca *vhca = mock_vhca_lock(hca, in);
	int ret = 0;

	if (!vhca)
		return MLX5_CMD_STAT_BAD_RES_ERR;

	switch (MLX5_GET(mock_vhca_in, in, op_mod)) {
	case MLX5_SUSPEND_VHCA_IN_OP_MOD_SUSPEND_INITIATOR:
		if (!vhca->initiator || !vhca->responder)
			ret = MOCK_BAD_STATE;
		else
			vhca->initiator = false;
		break;
	case MLX5_SUSPEND_VHCA_IN_OP_MOD_SUSPEND_RESPONDER:
		if (vhca->initiator || !vhca->responder)
			ret = MOCK_BAD_STATE;
		else
			vhca->responder = false;
		break;
	default:
		ret = MLX5_CMD_STAT_BAD_PARAM_ERR;
	}
	mock_vhca_publish(vhca);
	mutex_unlock(&vhca->lock);
	return ret;
}

int mock_cmd_resume(struct mock_hca *hca, void *in, int in_size, void *out)
{
	struct mock_vhca *vhca = mock_vhca_lock(hca, in);
	int ret = 0;

	if (!vhca)
		return MLX5_CMD_STAT_BAD_RES_ERR;

	switch (MLX5_GET(mock_vhca_in, in, op_mod)) {
	case MLX5_RESUME_VHCA_IN_OP_MOD_RESUME_RESPONDER:
		/* Half a state is none to run on. */
		if (vhca->initiator || vhca->responder || vhca->loading)
			ret = MOCK_BAD_STATE;
		else
			vhca->responder = true;
		break;
	case MLX5_RESUME_VHCA_IN_OP_MOD_RESUME_INITIATOR:
		if (vhca->initiator || !vhca->responder)
			ret = MOCK_BAD_STATE;
		else
			vhca->initiator = true;
		break;
	default:
		ret = MLX5_CMD_STAT_BAD_PARAM_ERR;
	}
	if (!ret && !vhca->tracking)
		vhca->saving = false;
	mock_vhca_publish(vhca);
	mutex_unlock(&vhca->lock);
	return ret;
}

static bool mock_suspended(struct mock_vhca *vhca)
{
	return !vhca->initiator && !vhca->responder;
}

static void mock_save_first(struct mock_vhca *vhca)
{
	bitmap_fill(vhca->unsent, vhca->pages);
	vhca->beyond_left = vhca->beyond;
	vhca->save_seq = 0;
}

/* Of the pages that were sent, which have changed since? */
static void mock_save_changes(struct mock_vhca *vhca)
{
	unsigned int i;
	u8 *page;

	page = (u8 *)__get_free_page(GFP_KERNEL | __GFP_NOFAIL);
	for (i = 0; i < vhca->pages; i++) {
		if (test_bit(i, vhca->unsent))
			continue;
		memcpy_fromio(page, mock_page(vhca, i), PAGE_SIZE);
		if (memcmp(page, vhca->shadow + i * PAGE_SIZE, PAGE_SIZE))
			__set_bit(i, vhca->unsent);
	}
	free_page((unsigned long)page);
}

/* Bytes of the images still to come, without the headers of a second one. */
static u64 mock_save_remaining(struct mock_vhca *vhca)
{
	u64 bytes = bitmap_weight(vhca->unsent, vhca->pages) *
		    (sizeof(struct mock_record) + PAGE_SIZE);

	if (vhca->beyond_left)
		bytes += sizeof(struct mock_record) + vhca->beyond_left;
	return bytes;
}

static u64 mock_save_smallest(struct mock_vhca *vhca, u64 total)
{
	u64 floor = sizeof(struct mock_image) + sizeof(struct mock_record) +
		    PAGE_SIZE;

	if (!vhca->chunked)
		return total;
	return min_t(u64, total, max_t(u64, vhca->hca->chunk, floor));
}

int mock_cmd_query(struct mock_hca *hca, void *in, int in_size, void *out)
{
	struct mock_vhca *vhca = mock_vhca_lock(hca, in);
	bool more = MLX5_GET(mock_vhca_in, in, incremental);
	u64 total, smallest;
	int ret = 0;

	if (!vhca)
		return MLX5_CMD_STAT_BAD_RES_ERR;
	if (more && !vhca->tracking && !vhca->saving) {
		ret = MOCK_BAD_STATE;
		goto out;
	}

	vhca->chunked = MLX5_GET(mock_vhca_in, in, chunk_or_track);
	if (more && vhca->anew && vhca->unsent)
		bitmap_fill(vhca->unsent, vhca->pages);
	MLX5_SET(mock_query_out, out, migration_state,
		 more && vhca->anew ? MOCK_STATE_INIT : MOCK_STATE_DIRTY);
	if (more) {
		mock_save_changes(vhca);
		total = mock_save_remaining(vhca);
	} else {
		total = vhca->pages * (sizeof(struct mock_record) + PAGE_SIZE);
		if (vhca->beyond)
			total += sizeof(struct mock_record) + vhca->beyond;
	}
	if (total || !more || mock_suspended(vhca))
		total += sizeof(struct mock_image);
	smallest = mock_save_smallest(vhca, total);
	if (smallest > U32_MAX) {
		ret = MLX5_CMD_STAT_LIM_ERR;
		goto out;
	}
	MLX5_SET(mock_query_out, out, required_umem_size, smallest);
	MLX5_SET64(mock_query_out, out, remaining_total_size, total);
out:
	mutex_unlock(&vhca->lock);
	return ret;
}

static int mock_put(struct mock_cursor *at, void *buf, size_t len)
{
	int ret = mock_mkey_copy(at->hca, at->key, at->pos, buf, len, true);

	at->pos += len;
	return ret;
}

static int mock_get(struct mock_cursor *at, void *buf, size_t len)
{
	int ret;

	if (len > at->size - at->pos)
		return -EINVAL;
	ret = mock_mkey_copy(at->hca, at->key, at->pos, buf, len, false);
	at->pos += len;
	return ret;
}

static int mock_put_record(struct mock_cursor *at, u64 offset, u64 length)
{
	struct mock_record record = {
		.offset	= cpu_to_le64(offset),
		.length	= cpu_to_le64(length),
	};

	return mock_put(at, &record, sizeof(record));
}

static u64 mock_word(u64 seed, u64 offset)
{
	return (seed + offset) * 0x9e3779b97f4a7c15ULL;
}

/* Make, or check, @len bytes of the state beyond the BAR. */
static int mock_beyond(struct mock_cursor *at, u64 seed, u64 offset, u64 len,
		       bool check)
{
	size_t part, i, step = at->hca->sparse ? PAGE_SIZE : 8;
	u64 *words;

	for (; len; offset += part, len -= part, at->pos += part) {
		words = mock_mkey_at(at->hca, at->key, at->pos, &part);
		if (!words)
			return -EFAULT;
		part = min_t(u64, part, len);
		for (i = 0; i < part; i += step) {
			if (!check)
				words[i / 8] = mock_word(seed, offset + i);
			else if (words[i / 8] != mock_word(seed, offset + i))
				return -EINVAL;
		}
		cond_resched();
	}
	return 0;
}

static int mock_save_pages(struct mock_vhca *vhca, struct mock_cursor *at,
			   u32 *records)
{
	unsigned int i;
	u8 *shadow;
	int ret;

	for_each_set_bit(i, vhca->unsent, vhca->pages) {
		if (at->size - at->pos < sizeof(struct mock_record) + PAGE_SIZE)
			break;

		shadow = vhca->shadow + i * PAGE_SIZE;
		memcpy_fromio(shadow, mock_page(vhca, i), PAGE_SIZE);
		ret = mock_put_record(at, i * PAGE_SIZE, PAGE_SIZE) ?:
		      mock_put(at, shadow, PAGE_SIZE);
		if (ret)
			return ret;
		__clear_bit(i, vhca->unsent);
		++*records;
	}
	return 0;
}

static int mock_save_beyond(struct mock_vhca *vhca, struct mock_cursor *at,
			    u32 *records)
{
	u64 offset = vhca->beyond - vhca->beyond_left;
	u64 room = at->size - at->pos;
	u64 len;
	int ret;

	if (!vhca->beyond_left || room < sizeof(struct mock_record) + 8)
		return 0;

	len = min(vhca->beyond_left,
		  round_down(room - sizeof(struct mock_record), 8));
	ret = mock_put_record(at, vhca->pages * PAGE_SIZE + offset, len) ?:
	      mock_beyond(at, vhca->seed, offset, len, false);
	if (ret)
		return ret;
	vhca->beyond_left -= len;
	++*records;
	return 0;
}

static int mock_save_image(struct mock_vhca *vhca, struct mock_cursor *at)
{
	struct mock_image image = { .magic = cpu_to_le64(MOCK_MAGIC) };
	u32 records = 0;
	bool last;
	int ret;

	at->pos = sizeof(image);
	ret = mock_save_pages(vhca, at, &records) ?:
	      mock_save_beyond(vhca, at, &records);
	if (ret)
		return ret;

	last = mock_suspended(vhca) && !mock_save_remaining(vhca);
	image.seq = cpu_to_le32(vhca->save_seq++);
	image.flags = cpu_to_le32(last ? MOCK_LAST : 0);
	image.length = cpu_to_le64(at->pos);
	image.state_size = cpu_to_le64(vhca->pages * PAGE_SIZE + vhca->beyond);
	image.seed = cpu_to_le64(vhca->seed);
	image.records = cpu_to_le64(records);
	return mock_mkey_copy(at->hca, at->key, 0, &image, sizeof(image), true);
}

/* What may be saved now, and what does it start from? */
static int mock_save_start(struct mock_vhca *vhca, bool more, bool track)
{
	if (track == mock_suspended(vhca))
		return MOCK_BAD_STATE;
	if (more && !vhca->tracking && !vhca->saving)
		return MOCK_BAD_STATE;

	if (more)
		mock_save_changes(vhca);
	else
		mock_save_first(vhca);
	vhca->anew = false;
	vhca->tracking = track;
	vhca->saving = true;
	return 0;
}

static int mock_save(struct mock_vhca *vhca, struct mock_cursor *at, u32 mkey)
{
	u64 total = mock_save_remaining(vhca) + sizeof(struct mock_image);
	int ret;

	if (at->size < mock_save_smallest(vhca, total))
		return MLX5_CMD_STAT_LIM_ERR;

	at->key = mock_mkey_get(at->hca, mkey, at->size);
	if (!at->key)
		return MLX5_CMD_STAT_BAD_RES_ERR;
	ret = mock_save_image(vhca, at);
	mock_mkey_put(at->key);
	return ret ? MLX5_CMD_STAT_BAD_SYS_STATE_ERR : 0;
}

/*
 * Nanoseconds, without those in which this task waited for a CPU: these were
 * the driver's, or its user's.
 */
static u64 mock_now(void)
{
#ifdef CONFIG_SCHED_INFO
	return ktime_get_ns() - current->sched_info.run_delay;
#else
	return ktime_get_ns();
#endif
}

int mock_cmd_save(struct mock_hca *hca, void *in, int in_size, void *out)
{
	struct mock_vhca *vhca = mock_vhca_lock(hca, in);
	bool more = MLX5_GET(mock_vhca_in, in, incremental);
	bool track = MLX5_GET(mock_vhca_in, in, chunk_or_track);
	struct mock_cursor at = {
		.hca	= hca,
		.size	= MLX5_GET(mock_vhca_in, in, size),
	};
	u64 start = mock_now();
	u64 left;
	int ret;

	if (!vhca)
		return MLX5_CMD_STAT_BAD_RES_ERR;

	/* So a driver ends the tracking when pre-copy is called off. */
	if (vhca->tracking && !mock_suspended(vhca) && !more && !track) {
		vhca->tracking = false;
		vhca->saving = false;
		ret = 0;
		goto out;
	}

	ret = mock_save_start(vhca, more, track) ?:
	      mock_save(vhca, &at, MLX5_GET(mock_vhca_in, in, mkey));
	if (ret)
		goto out;

	MLX5_SET(mock_save_out, out, actual_image_size, at.pos);
	left = mock_save_remaining(vhca);
	if (left && vhca->chunked)
		MLX5_SET(mock_save_out, out, next_required_umem_size,
			 mock_save_smallest(vhca, left +
					    sizeof(struct mock_image)));
out:
	mutex_unlock(&vhca->lock);
	atomic64_add(mock_now() - start, &hca->busy);
	return ret;
}

static int mock_load_page(struct mock_vhca *vhca, struct mock_cursor *at,
			  u64 offset, u64 len)
{
	unsigned int page = offset / PAGE_SIZE;
	u8 *buf;
	int ret;

	if (offset % PAGE_SIZE || len != PAGE_SIZE)
		return -EINVAL;

	buf = (u8 *)__get_free_page(GFP_KERNEL);
	if (!buf)
		return -ENOMEM;
	ret = mock_get(at, buf, PAGE_SIZE);
	if (!ret) {
		memcpy_toio(mock_page(vhca, page), buf, PAGE_SIZE);
		__set_bit(page, vhca->loaded);
	}
	free_page((unsigned long)buf);
	return ret;
}

static int mock_load_record(struct mock_vhca *vhca, struct mock_cursor *at)
{
	u64 pages = vhca->pages * PAGE_SIZE;
	struct mock_record record;
	u64 offset, len;
	int ret;

	ret = mock_get(at, &record, sizeof(record));
	if (ret)
		return ret;

	offset = le64_to_cpu(record.offset);
	len = le64_to_cpu(record.length);
	if (offset < pages)
		return mock_load_page(vhca, at, offset, len);

	offset -= pages;
	if (offset != vhca->beyond_loaded || offset > vhca->beyond ||
	    len > vhca->beyond - offset || len > at->size - at->pos)
		return -EINVAL;
	vhca->beyond_loaded += len;
	return mock_beyond(at, vhca->seed, offset, len, true);
}

static int mock_load_image(struct mock_vhca *vhca, struct mock_cursor *at)
{
	struct mock_image image;
	u64 i;
	int ret;

	ret = mock_get(at, &image, sizeof(image));
	if (ret)
		return ret;
	if (image.magic != cpu_to_le64(MOCK_MAGIC) ||
	    le64_to_cpu(image.length) != at->size ||
	    le64_to_cpu(image.state_size) !=
	    vhca->pages * PAGE_SIZE + vhca->beyond)
		return -EINVAL;

	if (!image.seq) {
		bitmap_zero(vhca->loaded, vhca->pages);
		vhca->beyond_loaded = 0;
		vhca->load_seq = 0;
		vhca->loading = true;
	}
	if (!vhca->loading || le32_to_cpu(image.seq) != vhca->load_seq)
		return -EINVAL;

	vhca->load_seq++;
	vhca->seed = le64_to_cpu(image.seed);
	for (i = le64_to_cpu(image.records); i; i--) {
		ret = mock_load_record(vhca, at);
		if (ret)
			return ret;
	}

	if (!(le32_to_cpu(image.flags) & MOCK_LAST))
		return 0;
	if (!bitmap_full(vhca->loaded, vhca->pages) ||
	    vhca->beyond_loaded != vhca->beyond)
		return -EINVAL;
	vhca->loading = false;
	vhca->loads++;
	return 0;
}

int mock_cmd_load(struct mock_hca *hca, void *in, int in_size, void *out)
{
	struct mock_vhca *vhca = mock_vhca_lock(hca, in);
	struct mock_cursor at = {
		.hca	= hca,
		.size	= MLX5_GET(mock_vhca_in, in, size),
	};
	u64 start = mock_now();
	int ret = MLX5_CMD_STAT_BAD_RES_ERR;

	if (!vhca)
		return ret;
	if (!mock_suspended(vhca)) {
		ret = MOCK_BAD_STATE;
		goto out;
	}

	at.key = mock_mkey_get(hca, MLX5_GET(mock_vhca_in, in, mkey), at.size);
	if (!at.key)
		goto out;
	ret = mock_load_image(vhca, &at) ? MLX5_CMD_STAT_BAD_PARAM_ERR : 0;
	mock_mkey_put(at.key);
	/* What a failed load leaves must not run. */
	if (ret)
		vhca->loading = true;
	mock_vhca_publish(vhca);
out:
	mutex_unlock(&vhca->lock);
	atomic64_add(mock_now() - start, &hca->busy);
	return ret;
}
