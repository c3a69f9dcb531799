// SPDX-License-Identifier: GPL-2.0-only
/*
 * Page trackers: which pages of guest memory the VF wrote, reported through a
 * queue pair on demand.
 */
#include <linux/delay.h>
#include <linux/slab.h>

#include "mlx5_mock.h"

#define MOCK_RANGES	256
#define MOCK_STATUS(x)	((u32)(x) << 28)

struct mock_range {
	u64 start;
	u64 length;
};

/**
 * struct mock_track - a page tracker
 * @list: of all trackers
 * @work: the report
 * @hca: the PF
 * @vhca_id: the VF
 * @id: of the object
 * @qpn: where to report
 * @shift: log2 of the size of a page
 * @log_message: log2 of the largest message
 * @state: as the firmware defines it
 * @want: what to report
 * @dirty: pages
 * @ranges: that are tracked
 * @range: these
 */
struct mock_track {
	struct list_head list;
	struct work_struct work;
	struct mock_hca *hca;
	u16 vhca_id;
	u32 id;
	u32 qpn;
	unsigned int shift;
	unsigned int log_message;
	u32 state;
	struct mock_range want;
	struct xarray dirty;
	unsigned int ranges;
	struct mock_range range[];
};

static LIST_HEAD(mock_tracks);
static DEFINE_MUTEX(mock_tracks_lock);
static u32 mock_track_ids;

static struct mock_track *mock_track_find(struct mock_hca *hca, u32 id)
{
	struct mock_track *track;

	list_for_each_entry(track, &mock_tracks, list) {
		if (track->hca == hca && track->id == id)
			return track;
	}
	return NULL;
}

/* Fill @message with pages of the range wanted. Returns how many. */
static unsigned int mock_report_fill(struct mock_track *track, __be32 *message,
				     unsigned int room, unsigned long *from)
{
	unsigned long last = (track->want.start + track->want.length - 1) >>
			     track->shift;
	unsigned int count = 0;
	void *entry;
	u64 addr;

	while (count < room) {
		entry = xa_find(&track->dirty, from, last, XA_PRESENT);
		if (!entry)
			break;
		xa_erase(&track->dirty, *from);
		addr = (u64)*from << track->shift;
		message[2 * count] = cpu_to_be32(addr >> 32);
		message[2 * count + 1] = cpu_to_be32(addr);
		count++;
	}
	return count;
}

static bool mock_report_fails(struct mock_hca *hca)
{
	bool fails;

	mutex_lock(&hca->lock);
	fails = hca->report_errors;
	if (fails)
		hca->report_errors--;
	mutex_unlock(&hca->lock);
	return fails;
}

static void mock_report(struct work_struct *work)
{
	struct mock_track *track = container_of(work, struct mock_track, work);
	unsigned long last = (track->want.start + track->want.length - 1) >>
			     track->shift;
	unsigned long from = track->want.start >> track->shift;
	unsigned int room = BIT(track->log_message) / 8;
	u32 next = MLX5_PAGE_TRACK_STATE_TRACKING;
	unsigned int count;
	__be32 *message;
	unsigned long more;
	bool done;
	int ret;

	msleep(READ_ONCE(track->hca->report_latency));
	message = kvmalloc(BIT(track->log_message), GFP_KERNEL);
	if (!message || mock_report_fails(track->hca))
		next = MLX5_PAGE_TRACK_STATE_ERROR;

	do {
		count = 0;
		if (next != MLX5_PAGE_TRACK_STATE_ERROR)
			count = mock_report_fill(track, message, room, &from);
		more = from;
		done = next == MLX5_PAGE_TRACK_STATE_ERROR ||
		       !xa_find(&track->dirty, &more, last, XA_PRESENT);
		/* From the last message on, the driver may begin another report. */
		if (done)
			WRITE_ONCE(track->state, next);
		ret = mock_queue_send(track->hca, track->qpn, message, count * 8,
				      MOCK_STATUS(done ? next :
						  MLX5_PAGE_TRACK_STATE_REPORTING));
	} while (!ret && !done);

	if (ret)
		pci_err(track->hca->pdev, "mock: report: %d\n", ret);
	kvfree(message);
}

int mock_cmd_create_track(struct mock_hca *hca, void *in, int in_size,
			  void *out)
{
	void *context = MLX5_ADDR_OF(create_page_track_obj_in, in, obj_context);
	void *range = MLX5_ADDR_OF(page_track, context, track_range);
	unsigned int count = MLX5_GET(page_track, context, num_ranges);
	struct mock_track *track;
	unsigned int i;

	if (MLX5_GET(general_obj_in_cmd_hdr, in, obj_type) !=
	    MLX5_OBJ_TYPE_PAGE_TRACK || !count)
		return MLX5_CMD_STAT_BAD_PARAM_ERR;
	if (in_size < MLX5_ST_SZ_BYTES(create_page_track_obj_in) +
	    count * MLX5_ST_SZ_BYTES(page_track_range))
		return MLX5_CMD_STAT_BAD_INP_LEN_ERR;
	if (!mock_vhca_find(hca, MLX5_GET(page_track, context, vhca_id)))
		return MLX5_CMD_STAT_BAD_RES_ERR;

	track = kvzalloc(struct_size(track, range, count), GFP_KERNEL);
	if (!track)
		return MLX5_CMD_STAT_NO_RES_ERR;

	track->hca = hca;
	track->vhca_id = MLX5_GET(page_track, context, vhca_id);
	track->qpn = MLX5_GET(page_track, context, reporting_qpn);
	track->shift = MLX5_GET(page_track, context, log_page_size);
	track->log_message = MLX5_GET(page_track, context, log_msg_size);
	track->ranges = count;
	for (i = 0; i < count; i++) {
		track->range[i].start = MLX5_GET64(page_track_range, range,
						   start_address);
		track->range[i].length = MLX5_GET64(page_track_range, range,
						    length);
		range += MLX5_ST_SZ_BYTES(page_track_range);
	}
	xa_init(&track->dirty);
	INIT_WORK(&track->work, mock_report);

	mutex_lock(&mock_tracks_lock);
	track->id = ++mock_track_ids;
	list_add(&track->list, &mock_tracks);
	mutex_unlock(&mock_tracks_lock);
	MLX5_SET(general_obj_out_cmd_hdr, out, obj_id, track->id);
	return 0;
}

int mock_cmd_modify_track(struct mock_hca *hca, void *in, int in_size,
			  void *out)
{
	void *context = MLX5_ADDR_OF(modify_page_track_obj_in, in, obj_context);
	struct mock_track *track;
	int ret = 0;

	mutex_lock(&mock_tracks_lock);
	track = mock_track_find(hca, MLX5_GET(general_obj_in_cmd_hdr, in,
					      obj_id));
	if (!track) {
		ret = MLX5_CMD_STAT_BAD_RES_ERR;
	} else if (track->state != MLX5_PAGE_TRACK_STATE_TRACKING) {
		ret = MLX5_CMD_STAT_BAD_RES_STATE_ERR;
	} else {
		track->want.start = MLX5_GET64(page_track, context,
					       range_start_address);
		track->want.length = MLX5_GET64(page_track, context, length);
		track->state = MLX5_GET(page_track, context, state);
		if (track->state == MLX5_PAGE_TRACK_STATE_REPORTING)
			queue_work(hca->work, &track->work);
	}
	mutex_unlock(&mock_tracks_lock);
	return ret;
}

int mock_cmd_query_track(struct mock_hca *hca, void *in, int in_size,
			 void *out)
{
	void *context = out + MLX5_ST_SZ_BYTES(general_obj_out_cmd_hdr);
	struct mock_track *track;

	mutex_lock(&mock_tracks_lock);
	track = mock_track_find(hca, MLX5_GET(general_obj_in_cmd_hdr, in,
					      obj_id));
	if (track)
		MLX5_SET(page_track, context, state, track->state);
	mutex_unlock(&mock_tracks_lock);
	return track ? 0 : MLX5_CMD_STAT_BAD_RES_ERR;
}

static void mock_track_free(struct mock_track *track)
{
	cancel_work_sync(&track->work);
	list_del(&track->list);
	xa_destroy(&track->dirty);
	kvfree(track);
}

int mock_cmd_destroy_track(struct mock_hca *hca, void *in, int in_size,
			   void *out)
{
	struct mock_track *track;

	mutex_lock(&mock_tracks_lock);
	track = mock_track_find(hca, MLX5_GET(general_obj_in_cmd_hdr, in,
					      obj_id));
	if (track)
		mock_track_free(track);
	mutex_unlock(&mock_tracks_lock);
	return track ? 0 : MLX5_CMD_STAT_BAD_RES_ERR;
}

static bool mock_track_covers(struct mock_track *track, u64 addr)
{
	unsigned int i;

	for (i = 0; i < track->ranges; i++) {
		if (addr >= track->range[i].start &&
		    addr - track->range[i].start < track->range[i].length)
			return true;
	}
	return false;
}

/* The VF wrote there. */
int mock_track_dirty(struct mock_hca *hca, struct mock_vhca *vhca, u64 iova,
		     u64 len)
{
	struct mock_track *track;
	u64 addr;

	mutex_lock(&mock_tracks_lock);
	list_for_each_entry(track, &mock_tracks, list) {
		if (track->hca != hca || track->vhca_id != vhca->id)
			continue;
		for (addr = round_down(iova, BIT_ULL(track->shift));
		     addr < iova + len; addr += BIT_ULL(track->shift)) {
			if (mock_track_covers(track, addr))
				xa_store(&track->dirty, addr >> track->shift,
					 xa_mk_value(1), GFP_KERNEL);
		}
	}
	mutex_unlock(&mock_tracks_lock);
	return 0;
}

unsigned int mock_track_count(struct mock_hca *hca)
{
	struct mock_track *track;
	unsigned int count = 0;

	mutex_lock(&mock_tracks_lock);
	list_for_each_entry(track, &mock_tracks, list)
		count += track->hca == hca;
	mutex_unlock(&mock_tracks_lock);
	return count;
}

void mock_track_free_all(struct mock_hca *hca)
{
	struct mock_track *track, *next;

	mutex_lock(&mock_tracks_lock);
	list_for_each_entry_safe(track, next, &mock_tracks, list) {
		if (track->hca == hca)
			mock_track_free(track);
	}
	mutex_unlock(&mock_tracks_lock);
}
