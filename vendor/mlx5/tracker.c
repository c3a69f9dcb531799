// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which pages a VF has written to: the firmware tracks that in an object of the
 * PF. Asked for a report, it sends the addresses, as messages over a connection
 * on the PF, and in the immediate data of each what comes next.
 */
#include <linux/completion.h>
#include <linux/dma-mapping.h>
#include <linux/interval_tree.h>
#include <linux/log2.h>
#include <linux/overflow.h>
#include <linux/sizes.h>
#include <linux/slab.h>

#include "queue.h"
#include "vf.h"

/* Memory for reports, unless a few messages are larger. */
#define MLX5VF_REPORT_SIZE	SZ_2M
#define MLX5VF_REPORT_MESSAGES	4
#define MLX5VF_REPORT_LOG_MAX	21

/* Completions name a message by a counter of 16 bits. */
#define MLX5VF_REPORT_MAX	SZ_32K

/* A firmware that is silent for so long says no more. */
#define MLX5VF_REPORT_TIMEOUT	(60 * HZ)

/* Of modify_field_select: the range and the state. */
#define MLX5VF_MODIFY_REPORT	0x3

/**
 * struct mlx5vf_tracker - what tracks the writes of a VF
 * @vf: the VF
 * @uar: page with the doorbells of the queues
 * @pdn: their protection domain
 * @cq: completes what @host receives
 * @host: the end that receives reports
 * @fw: the end that sends them
 * @reports: memory for messages, in chunks of a page; @mkey is its key
 * @mkey: see @reports
 * @message: bytes of a message, at most; a power of 2
 * @page: bytes of a page that is tracked
 * @id: of the object
 * @nb: hears of errors, and of changes of the object
 * @failed: what was tracked is lost
 * @changed: the object has
 */
struct mlx5vf_tracker {
	struct mlx5vf *vf;
	struct mlx5_uars_page *uar;
	u32 pdn;
	struct mlx5vf_cq cq;
	struct mlx5vf_qp host;
	struct mlx5vf_qp fw;
	struct vfio_pci_mig_buf reports;
	u32 mkey;
	u32 message;
	u32 page;
	u32 id;
	struct mlx5_nb nb;
	bool failed;
	bool changed;
};

static size_t mlx5vf_reports_size(const struct mlx5vf_tracker *t)
{
	return max_t(size_t, MLX5VF_REPORT_SIZE,
		     (size_t)MLX5VF_REPORT_MESSAGES * t->message);
}

static u32 mlx5vf_reports_nr(const struct mlx5vf_tracker *t)
{
	return min_t(size_t, mlx5vf_reports_size(t) / t->message,
		     MLX5VF_REPORT_MAX);
}

static void mlx5vf_track_failed(struct mlx5vf_tracker *t)
{
	WRITE_ONCE(t->failed, true);
	complete(&t->vf->track_event);
}

static void mlx5vf_track_complete(struct mlx5_core_cq *mcq,
				  struct mlx5_eqe *eqe)
{
	complete(&container_of(mcq, struct mlx5vf_tracker,
			       cq.mcq)->vf->track_event);
}

static void mlx5vf_track_cq_event(struct mlx5_core_cq *mcq,
				  enum mlx5_event type)
{
	if (type == MLX5_EVENT_TYPE_CQ_ERROR)
		mlx5vf_track_failed(container_of(mcq, struct mlx5vf_tracker,
						 cq.mcq));
}

static void mlx5vf_track_qp_event(struct mlx5vf_tracker *t,
				  const struct mlx5_eqe *eqe)
{
	u32 qpn = be32_to_cpu(eqe->data.qp_srq.qp_srq_n) & 0xffffff;

	if (eqe->data.qp_srq.type == MLX5_EVENT_QUEUE_TYPE_QP &&
	    (qpn == t->host.qpn || qpn == t->fw.qpn))
		mlx5vf_track_failed(t);
}

static int mlx5vf_track_event(struct notifier_block *nb, unsigned long type,
			      void *data)
{
	struct mlx5vf_tracker *t = mlx5_nb_cof(nb, struct mlx5vf_tracker, nb);
	const struct mlx5_eqe *eqe = data;

	switch (type) {
	case MLX5_EVENT_TYPE_WQ_CATAS_ERROR:
	case MLX5_EVENT_TYPE_WQ_ACCESS_ERROR:
	case MLX5_EVENT_TYPE_WQ_INVAL_REQ_ERROR:
		mlx5vf_track_qp_event(t, eqe);
		break;
	case MLX5_EVENT_TYPE_OBJECT_CHANGE:
		if (be32_to_cpu(eqe->data.obj_change.obj_id) != t->id)
			break;
		WRITE_ONCE(t->changed, true);
		complete(&t->vf->track_event);
		break;
	}

	return NOTIFY_OK;
}

static int mlx5vf_object_exec(struct mlx5vf_tracker *t, void *in, int inlen,
			      void *out, int outlen)
{
	const struct mlx5vf_pf *pf = &t->vf->pf;

	return pf->fns->cmd_exec(pf->mdev, in, inlen, out, outlen);
}

static void mlx5vf_object_header(void *header, u16 opcode, u32 id)
{
	MLX5_SET(general_obj_in_cmd_hdr, header, opcode, opcode);
	MLX5_SET(general_obj_in_cmd_hdr, header, obj_type,
		 MLX5_OBJ_TYPE_PAGE_TRACK);
	MLX5_SET(general_obj_in_cmd_hdr, header, obj_id, id);
}

/* Join the two ranges with the smallest gap between them. */
static void mlx5vf_ranges_join(struct rb_root_cached *ranges)
{
	struct interval_tree_node *node, *next, *best = NULL;
	unsigned long gap = ULONG_MAX;

	for (node = interval_tree_iter_first(ranges, 0, ULONG_MAX); node;
	     node = next) {
		next = interval_tree_iter_next(node, 0, ULONG_MAX);
		if (next && next->start - node->last <= gap) {
			gap = next->start - node->last;
			best = node;
		}
	}

	/* A range keeps its place in the tree with a new end, not in its cache. */
	next = interval_tree_iter_next(best, 0, ULONG_MAX);
	interval_tree_remove(next, ranges);
	interval_tree_remove(best, ranges);
	best->last = next->last;
	interval_tree_insert(best, ranges);
}

/* Returns the bytes in all ranges, or 0 if that overflows. */
static u64 mlx5vf_ranges_write(struct rb_root_cached *ranges, void *to)
{
	struct interval_tree_node *node;
	u64 length, sum = 0;

	for (node = interval_tree_iter_first(ranges, 0, ULONG_MAX); node;
	     node = interval_tree_iter_next(node, 0, ULONG_MAX)) {
		length = node->last - node->start + 1;
		if (!length || check_add_overflow(sum, length, &sum))
			return 0;

		MLX5_SET64(page_track_range, to, start_address, node->start);
		MLX5_SET64(page_track_range, to, length, length);
		to += MLX5_ST_SZ_BYTES(page_track_range);
	}

	return sum;
}

static int mlx5vf_object_track(struct mlx5vf_tracker *t, void *in, size_t inlen,
			       struct rb_root_cached *ranges, u32 nr)
{
	void *object = MLX5_ADDR_OF(create_page_track_obj_in, in, obj_context);
	u32 out[MLX5_ST_SZ_DW(general_obj_out_cmd_hdr)] = {};
	struct mlx5_core_dev *mdev = t->vf->pf.mdev;
	u64 sum;
	u8 log;
	int ret;

	sum = mlx5vf_ranges_write(ranges, MLX5_ADDR_OF(page_track, object,
						       track_range));
	if (!sum || sum > BIT_ULL(63))
		return -EOPNOTSUPP;
	log = order_base_2(sum);
	if (log < MLX5_CAP_ADV_VIRTUALIZATION(mdev, pg_track_log_min_addr_space) ||
	    log > MLX5_CAP_ADV_VIRTUALIZATION(mdev, pg_track_log_max_addr_space))
		return -EOPNOTSUPP;

	mlx5vf_object_header(in, MLX5_CMD_OP_CREATE_GENERAL_OBJECT, 0);
	MLX5_SET(page_track, object, vhca_id, t->vf->vhca_id);
	MLX5_SET(page_track, object, track_type, 1);
	MLX5_SET(page_track, object, log_page_size, ilog2(t->page));
	MLX5_SET(page_track, object, log_msg_size, ilog2(t->message));
	MLX5_SET(page_track, object, log_addr_space_size, log);
	MLX5_SET(page_track, object, reporting_qpn, t->fw.qpn);
	MLX5_SET(page_track, object, num_ranges, nr);

	ret = mlx5vf_object_exec(t, in, inlen, out, sizeof(out));
	if (ret)
		return ret;

	t->id = MLX5_GET(general_obj_out_cmd_hdr, out, obj_id);
	return 0;
}

static int mlx5vf_object_create(struct mlx5vf_tracker *t,
				struct rb_root_cached *ranges, u32 nr)
{
	u32 max = MLX5_CAP_ADV_VIRTUALIZATION(t->vf->pf.mdev,
					      pg_track_max_num_range);
	size_t inlen;
	void *in;
	int ret;

	if (!max || !nr)
		return -EOPNOTSUPP;
	for (; nr > max; nr--)
		mlx5vf_ranges_join(ranges);

	inlen = MLX5_ST_SZ_BYTES(create_page_track_obj_in) +
		nr * MLX5_ST_SZ_BYTES(page_track_range);
	in = kvzalloc(inlen, GFP_KERNEL);
	if (!in)
		return -ENOMEM;

	ret = mlx5vf_object_track(t, in, inlen, ranges, nr);
	kvfree(in);
	return ret;
}

static void mlx5vf_object_destroy(struct mlx5vf_tracker *t)
{
	u32 out[MLX5_ST_SZ_DW(general_obj_out_cmd_hdr)] = {};
	u32 in[MLX5_ST_SZ_DW(general_obj_in_cmd_hdr)] = {};

	mlx5vf_object_header(in, MLX5_CMD_OP_DESTROY_GENERAL_OBJECT, t->id);
	mlx5vf_object_exec(t, in, sizeof(in), out, sizeof(out));
}

static int mlx5vf_object_report(struct mlx5vf_tracker *t, unsigned long iova,
				unsigned long length)
{
	u32 out[MLX5_ST_SZ_DW(general_obj_out_cmd_hdr)] = {};
	u32 in[MLX5_ST_SZ_DW(modify_page_track_obj_in)] = {};
	void *object = MLX5_ADDR_OF(modify_page_track_obj_in, in, obj_context);

	mlx5vf_object_header(in, MLX5_CMD_OP_MODIFY_GENERAL_OBJECT, t->id);
	MLX5_SET64(page_track, object, modify_field_select,
		   MLX5VF_MODIFY_REPORT);
	MLX5_SET64(page_track, object, range_start_address, iova);
	MLX5_SET64(page_track, object, length, length);
	MLX5_SET(page_track, object, state, MLX5_PAGE_TRACK_STATE_REPORTING);
	return mlx5vf_object_exec(t, in, sizeof(in), out, sizeof(out));
}

/* Returns MLX5_PAGE_TRACK_STATE_*, or an errno. */
static int mlx5vf_object_state(struct mlx5vf_tracker *t)
{
	u32 out[MLX5_ST_SZ_DW(general_obj_out_cmd_hdr) +
		MLX5_ST_SZ_DW(page_track)] = {};
	u32 in[MLX5_ST_SZ_DW(general_obj_in_cmd_hdr)] = {};
	int ret;

	mlx5vf_object_header(in, MLX5_CMD_OP_QUERY_GENERAL_OBJECT, t->id);
	ret = mlx5vf_object_exec(t, in, sizeof(in), out, sizeof(out));
	if (ret)
		return ret;

	return MLX5_GET(page_track, out + MLX5_ST_SZ_DW(general_obj_out_cmd_hdr),
			state);
}

static void mlx5vf_reports_post(struct mlx5vf_tracker *t, u32 index)
{
	mlx5vf_qp_post(&t->host, t->mkey, (u64)index * t->message, t->message);
}

static void mlx5vf_reports_free(struct mlx5vf_tracker *t)
{
	struct vfio_pci_mig_chunk *chunk;

	while (t->reports.nr_chunks) {
		chunk = &t->reports.chunks[--t->reports.nr_chunks];
		dma_unmap_page(t->vf->pf.mdev->device, chunk->dma, PAGE_SIZE,
			       DMA_FROM_DEVICE);
		__free_page(chunk->page);
	}
	kvfree(t->reports.chunks);
}

static int mlx5vf_reports_add(struct mlx5vf_tracker *t)
{
	struct vfio_pci_mig_chunk *chunk = &t->reports.chunks[t->reports.nr_chunks];
	struct device *dev = t->vf->pf.mdev->device;

	chunk->page = alloc_page(GFP_KERNEL_ACCOUNT);
	if (!chunk->page)
		return -ENOMEM;

	chunk->dma = dma_map_page(dev, chunk->page, 0, PAGE_SIZE,
				  DMA_FROM_DEVICE);
	if (dma_mapping_error(dev, chunk->dma)) {
		__free_page(chunk->page);
		return -ENOMEM;
	}

	t->reports.nr_chunks++;
	return 0;
}

/*
 * Single pages: a coherent block could be of more bytes than the page allocator
 * has in one piece, and would be in one piece where no IOMMU translates.
 */
static int mlx5vf_reports_create(struct mlx5vf_tracker *t)
{
	size_t size = PAGE_ALIGN(mlx5vf_reports_size(t));
	unsigned int nr = size >> PAGE_SHIFT;
	int ret;

	t->reports.size = size;
	t->reports.page_shift = PAGE_SHIFT;
	t->reports.chunks = kvcalloc(nr, sizeof(*t->reports.chunks),
				     GFP_KERNEL_ACCOUNT);
	if (!t->reports.chunks)
		return -ENOMEM;

	while (t->reports.nr_chunks < nr) {
		ret = mlx5vf_reports_add(t);
		if (ret)
			goto err_free;
	}

	ret = mlx5vf_mkey_create(&t->vf->pf, t->pdn, &t->reports, &t->mkey);
	if (ret)
		goto err_free;
	return 0;

err_free:
	mlx5vf_reports_free(t);
	return ret;
}

static void mlx5vf_reports_destroy(struct mlx5vf_tracker *t)
{
	const struct mlx5vf_pf *pf = &t->vf->pf;

	pf->fns->core_destroy_mkey(pf->mdev, t->mkey);
	mlx5vf_reports_free(t);
}

static int mlx5vf_track_connect(struct mlx5vf_tracker *t)
{
	const struct mlx5vf_pf *pf = &t->vf->pf;
	u32 i;
	int ret;

	ret = mlx5vf_qp_init(pf, &t->host);
	if (ret)
		return ret;

	for (i = 0; i < t->host.nr; i++)
		mlx5vf_reports_post(t, i);

	ret = mlx5vf_qp_receive(pf, &t->host, t->fw.qpn);
	if (ret)
		return ret;
	ret = mlx5vf_qp_init(pf, &t->fw);
	if (ret)
		return ret;
	ret = mlx5vf_qp_receive(pf, &t->fw, t->host.qpn);
	if (ret)
		return ret;

	return mlx5vf_qp_send(pf, &t->fw);
}

static int mlx5vf_track_queues(struct mlx5vf_tracker *t)
{
	const struct mlx5vf_pf *pf = &t->vf->pf;
	u32 nr = mlx5vf_reports_nr(t);
	int ret;

	t->cq.mcq.comp = mlx5vf_track_complete;
	t->cq.mcq.event = mlx5vf_track_cq_event;
	ret = mlx5vf_cq_create(pf, &t->cq, t->uar, nr);
	if (ret)
		return ret;

	ret = mlx5vf_reports_create(t);
	if (ret)
		goto err_cq;

	ret = mlx5vf_qp_create(pf, &t->host, &t->cq, t->pdn, nr);
	if (ret)
		goto err_reports;

	ret = mlx5vf_qp_create(pf, &t->fw, &t->cq, t->pdn, 0);
	if (ret)
		goto err_host;

	ret = mlx5vf_track_connect(t);
	if (ret)
		goto err_fw;

	return 0;

err_fw:
	mlx5vf_qp_destroy(pf, &t->fw);
err_host:
	mlx5vf_qp_destroy(pf, &t->host);
err_reports:
	mlx5vf_reports_destroy(t);
err_cq:
	mlx5vf_cq_destroy(pf, &t->cq);
	return ret;
}

static void mlx5vf_track_queues_destroy(struct mlx5vf_tracker *t)
{
	const struct mlx5vf_pf *pf = &t->vf->pf;

	mlx5vf_qp_destroy(pf, &t->fw);
	mlx5vf_qp_destroy(pf, &t->host);
	mlx5vf_reports_destroy(t);
	mlx5vf_cq_destroy(pf, &t->cq);
}

static int mlx5vf_track_create(struct mlx5vf_tracker *t,
			       struct rb_root_cached *ranges, u32 nr_ranges)
{
	const struct mlx5vf_pf *pf = &t->vf->pf;
	int ret;

	t->uar = pf->fns->get_uars_page(pf->mdev);
	if (IS_ERR(t->uar))
		return PTR_ERR(t->uar);

	ret = pf->fns->core_alloc_pd(pf->mdev, &t->pdn);
	if (ret)
		goto err_uar;

	ret = mlx5vf_track_queues(t);
	if (ret)
		goto err_pd;

	ret = mlx5vf_object_create(t, ranges, nr_ranges);
	if (ret)
		goto err_queues;

	MLX5_NB_INIT(&t->nb, mlx5vf_track_event, NOTIFY_ANY);
	pf->fns->eq_notifier_register(pf->mdev, &t->nb);
	return 0;

err_queues:
	mlx5vf_track_queues_destroy(t);
err_pd:
	pf->fns->core_dealloc_pd(pf->mdev, t->pdn);
err_uar:
	pf->fns->put_uars_page(pf->mdev, t->uar);
	return ret;
}

/**
 * mlx5vf_can_track() - has the firmware what this needs?
 * @pf: the PF
 *
 * Return: true if so.
 */
bool mlx5vf_can_track(const struct mlx5vf_pf *pf)
{
	return MLX5_CAP_GEN(pf->mdev, adv_virtualization);
}

/**
 * mlx5vf_track_start() - dirty_start of struct vfio_pci_mig_ops
 * @device: the VF
 * @ranges: IOVA ranges to track; may be changed
 * @nr_ranges: how many there are
 * @page_size: bytes of a page; receives what it is
 *
 * Return: 0; -ENOMEM; -EOPNOTSUPP if the firmware can not track such ranges; or
 * the errno of a command.
 */
int mlx5vf_track_start(struct vfio_pci_mig_device *device,
		       struct rb_root_cached *ranges, u32 nr_ranges,
		       u64 *page_size)
{
	struct mlx5vf *vf = to_mlx5vf(device);
	struct mlx5_core_dev *mdev = vf->pf.mdev;
	struct mlx5vf_tracker *t;
	u32 log_page;
	int ret;

	t = kzalloc(sizeof(*t), GFP_KERNEL_ACCOUNT);
	if (!t)
		return -ENOMEM;

	log_page = clamp_t(u32, ilog2(*page_size),
			   MLX5_CAP_ADV_VIRTUALIZATION(mdev, pg_track_log_min_page_size),
			   MLX5_CAP_ADV_VIRTUALIZATION(mdev, pg_track_log_max_page_size));
	t->vf = vf;
	t->page = 1U << log_page;
	t->message = 1U << clamp_t(u32,
				   MLX5_CAP_ADV_VIRTUALIZATION(mdev, pg_track_log_max_msg_size),
				   ilog2(MLX5_ST_SZ_BYTES(page_track_report_entry)),
				   MLX5VF_REPORT_LOG_MAX);
	reinit_completion(&vf->track_event);

	ret = mlx5vf_track_create(t, ranges, nr_ranges);
	if (ret) {
		kfree(t);
		return ret;
	}

	vf->tracker = t;
	*page_size = t->page;
	return 0;
}

/**
 * mlx5vf_track_stop() - dirty_stop of struct vfio_pci_mig_ops
 * @device: the VF
 */
void mlx5vf_track_stop(struct vfio_pci_mig_device *device)
{
	struct mlx5vf *vf = to_mlx5vf(device);
	const struct mlx5vf_pf *pf = &vf->pf;
	struct mlx5vf_tracker *t = vf->tracker;

	vf->tracker = NULL;
	pf->fns->eq_notifier_unregister(pf->mdev, &t->nb);
	mlx5vf_object_destroy(t);
	mlx5vf_track_queues_destroy(t);
	pf->fns->core_dealloc_pd(pf->mdev, t->pdn);
	pf->fns->put_uars_page(pf->mdev, t->uar);
	kfree(t);
}

static void mlx5vf_entry_read(struct mlx5vf_tracker *t, const void *entry,
			      struct vfio_pci_mig_dirty *dirty)
{
	u64 addr = (u64)MLX5_GET(page_track_report_entry, entry,
				 dirty_address_high) << 32 |
		   MLX5_GET(page_track_report_entry, entry, dirty_address_low);

	vfio_pci_mig_dirty_set(dirty, addr, t->page);
}

/* Messages and entries have a power of 2 of bytes, so no entry crosses a page. */
static void mlx5vf_report_read(struct mlx5vf_tracker *t, u32 index, u32 bytes,
			       struct vfio_pci_mig_dirty *dirty)
{
	struct device *dev = t->vf->pf.mdev->device;
	size_t pos = (size_t)index * t->message;
	struct vfio_pci_mig_chunk *chunk;
	size_t offset, end, i;

	for (end = pos + bytes; pos < end; pos += i) {
		chunk = &t->reports.chunks[pos >> PAGE_SHIFT];
		offset = offset_in_page(pos);
		bytes = min_t(size_t, end - pos, PAGE_SIZE - offset);

		dma_sync_single_for_cpu(dev, chunk->dma + offset, bytes,
					DMA_FROM_DEVICE);
		for (i = 0; i < bytes; i += MLX5_ST_SZ_BYTES(page_track_report_entry))
			mlx5vf_entry_read(t, page_address(chunk->page) + offset + i,
					  dirty);
		dma_sync_single_for_device(dev, chunk->dma + offset, bytes,
					   DMA_FROM_DEVICE);
	}
}

/* Returns the state that the message tells, or an errno. */
static int mlx5vf_report_take(struct mlx5vf_tracker *t, struct mlx5_cqe64 *cqe,
			      struct vfio_pci_mig_dirty *dirty)
{
	u32 index = be16_to_cpu(cqe->wqe_counter) & (t->host.nr - 1);
	u32 state = be32_to_cpu(cqe->immediate) >> 28;
	u32 bytes = be32_to_cpu(cqe->byte_cnt);

	if (get_cqe_opcode(cqe) != MLX5_CQE_RESP_SEND_IMM ||
	    bytes > t->message ||
	    bytes % MLX5_ST_SZ_BYTES(page_track_report_entry))
		return -EIO;

	mlx5vf_report_read(t, index, bytes, dirty);
	mlx5vf_reports_post(t, index);
	mlx5_cq_set_ci(&t->cq.mcq);
	return state;
}

/* Returns 0 when there may be more to see, or an errno. */
static int mlx5vf_report_wait(struct mlx5vf_tracker *t)
{
	long left;

	left = wait_for_completion_killable_timeout(&t->vf->track_event,
						    MLX5VF_REPORT_TIMEOUT);
	if (left < 0)
		return left;
	return left ? 0 : -ETIMEDOUT;
}

/* One message, or a wait for one. Returns the state, or an errno. */
static int mlx5vf_report_step(struct mlx5vf_tracker *t,
			      struct vfio_pci_mig_dirty *dirty)
{
	struct mlx5_cqe64 *cqe;
	int ret;

	if (READ_ONCE(t->failed) || READ_ONCE(t->vf->gone))
		return -EIO;

	cqe = mlx5vf_cq_next(&t->cq);
	if (!cqe) {
		/* What came before this raises no event any more. */
		mlx5vf_cq_arm(&t->cq);
		cqe = mlx5vf_cq_next(&t->cq);
	}
	if (cqe)
		return mlx5vf_report_take(t, cqe, dirty);

	ret = mlx5vf_report_wait(t);
	if (ret)
		return ret;
	if (!READ_ONCE(t->changed))
		return MLX5_PAGE_TRACK_STATE_REPORTING;

	WRITE_ONCE(t->changed, false);
	return mlx5vf_object_state(t);
}

/**
 * mlx5vf_track_report() - dirty_report of struct vfio_pci_mig_ops
 * @device: the VF
 * @iova: start of the range
 * @length: its bytes
 * @dirty: what is written to goes there
 *
 * The firmware forgets what it reports, so a report that ends early has lost pages,
 * which would be missing at the destination.
 *
 * Return: 0; or an errno, and what was tracked is lost. -ERESTARTSYS after a fatal
 * signal.
 */
int mlx5vf_track_report(struct vfio_pci_mig_device *device,
			unsigned long iova, unsigned long length,
			struct vfio_pci_mig_dirty *dirty)
{
	struct mlx5vf_tracker *t = to_mlx5vf(device)->tracker;
	int ret;

	if (READ_ONCE(t->failed))
		return -EIO;

	ret = mlx5vf_object_report(t, iova, length);
	if (!ret) {
		do {
			ret = mlx5vf_report_step(t, dirty);
		} while (ret == MLX5_PAGE_TRACK_STATE_REPORTING);
	}
	if (ret == MLX5_PAGE_TRACK_STATE_TRACKING)
		return 0;

	WRITE_ONCE(t->failed, true);
	return ret < 0 ? ret : -EIO;
}
