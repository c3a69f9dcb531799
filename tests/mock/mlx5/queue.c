// SPDX-License-Identifier: GPL-2.0-only
/*
 * Protection domains, completion queues and queue pairs, as far as a page
 * tracker needs them: messages with immediate data arrive at a receive queue.
 */
#include <linux/delay.h>
#include <linux/mlx5/qp.h>
#include <linux/module.h>
#include <linux/slab.h>

#include "mlx5_mock.h"

#define MOCK_OBJECT_LIMIT	XA_LIMIT(1, 0xfffffe)
#define MOCK_SEND_TRIES		2000	/* of a millisecond */

enum mock_kind {
	MOCK_PD,
	MOCK_CQ,
	MOCK_QP,
};

/* Of a receive or completion queue: where its entries and its doorbell are. */
struct mock_ring {
	dma_addr_t doorbell;
	unsigned int log_entries;
	unsigned int log_stride;
	u32 index;
	dma_addr_t *pages;
};

struct mock_object {
	enum mock_kind kind;
	u32 id;
	u32 pd;
	struct mock_ring ring;
	/* completion queue */
	struct mlx5_core_cq *cq;
	struct mock_object *completions;
	struct irq_work irq;
	unsigned int users;
	/* queue pair */
	u32 remote;
	bool ready;
};

static struct mock_object *mock_object_new(struct mock_hca *hca,
					   enum mock_kind kind)
{
	struct mock_object *object = kzalloc(sizeof(*object), GFP_KERNEL);

	if (!object)
		return NULL;
	object->kind = kind;
	if (!xa_alloc(&hca->objects, &object->id, object, MOCK_OBJECT_LIMIT,
		      GFP_KERNEL))
		return object;
	kfree(object);
	return NULL;
}

static struct mock_object *mock_object_find(struct mock_hca *hca,
					    enum mock_kind kind, u32 id)
{
	struct mock_object *object = xa_load(&hca->objects, id);

	if (object && object->kind == kind)
		return object;
	mock_violation(hca, "there is no object %#x of kind %d", id, kind);
	return NULL;
}

static void mock_object_free(struct mock_hca *hca, struct mock_object *object)
{
	xa_erase(&hca->objects, object->id);
	kfree(object->ring.pages);
	kfree(object);
}

static int mock_object_destroy(struct mock_hca *hca, enum mock_kind kind,
			       u32 id)
{
	struct mock_object *object = mock_object_find(hca, kind, id);

	if (!object)
		return MLX5_CMD_STAT_BAD_RES_ERR;
	if (object->users) {
		mock_violation(hca, "object %#x destroyed while in use", id);
		return MLX5_CMD_STAT_RES_BUSY;
	}
	if (kind == MOCK_CQ)
		irq_work_sync(&object->irq);
	if (object->completions)
		object->completions->users--;
	mock_object_free(hca, object);
	return 0;
}

unsigned int mock_queue_count(struct mock_hca *hca)
{
	struct mock_object *object;
	unsigned int count = 0;
	unsigned long id;

	xa_for_each(&hca->objects, id, object)
		count++;
	return count;
}

void mock_queue_free_all(struct mock_hca *hca)
{
	struct mock_object *object;
	unsigned long id;

	xa_for_each(&hca->objects, id, object)
		mock_object_free(hca, object);
}

int mock_cmd_alloc_pd(struct mock_hca *hca, void *in, int in_size, void *out)
{
	struct mock_object *object = mock_object_new(hca, MOCK_PD);

	if (!object)
		return MLX5_CMD_STAT_NO_RES_ERR;
	MLX5_SET(alloc_pd_out, out, pd, object->id);
	return 0;
}

int mock_cmd_dealloc_pd(struct mock_hca *hca, void *in, int in_size, void *out)
{
	return mock_object_destroy(hca, MOCK_PD,
				   MLX5_GET(dealloc_pd_in, in, pd));
}

static int mock_ring_init(struct mock_ring *ring, __be64 *pas, size_t room)
{
	size_t i, count;

	count = DIV_ROUND_UP(1UL << (ring->log_entries + ring->log_stride),
			     PAGE_SIZE);
	if (count * sizeof(*pas) > room)
		return MLX5_CMD_STAT_BAD_INP_LEN_ERR;

	ring->pages = kcalloc(count, sizeof(*ring->pages), GFP_KERNEL);
	if (!ring->pages)
		return MLX5_CMD_STAT_NO_RES_ERR;
	for (i = 0; i < count; i++)
		ring->pages[i] = be64_to_cpu(pas[i]);
	return 0;
}

static void *mock_ring_at(struct mock_hca *hca, struct mock_ring *ring)
{
	u32 pos = ring->index & (BIT(ring->log_entries) - 1);

	pos <<= ring->log_stride;
	return mock_dma_at(hca, ring->pages[pos / PAGE_SIZE] +
			   offset_in_page(pos), BIT(ring->log_stride));
}

/* In the interrupt of an event queue. */
static void mock_cq_irq(struct irq_work *irq)
{
	struct mock_object *object = container_of(irq, struct mock_object, irq);
	static struct mlx5_eqe eqe = { .type = MLX5_EVENT_TYPE_COMP };

	object->cq->comp(object->cq, &eqe);
}

int mock_cmd_create_cq(struct mock_hca *hca, void *in, int in_size, void *out)
{
	void *cqc = MLX5_ADDR_OF(create_cq_in, in, cq_context);
	struct mock_object *object = mock_object_new(hca, MOCK_CQ);
	int ret;

	if (!object)
		return MLX5_CMD_STAT_NO_RES_ERR;

	object->ring.doorbell = MLX5_GET64(cqc, cqc, dbr_addr);
	object->ring.log_entries = MLX5_GET(cqc, cqc, log_cq_size);
	object->ring.log_stride = MLX5_GET(cqc, cqc, cqe_sz) ? 7 : 6;
	ret = mock_ring_init(&object->ring, MLX5_ADDR_OF(create_cq_in, in, pas),
			     in_size - MLX5_ST_SZ_BYTES(create_cq_in));
	if (ret) {
		mock_violation(hca, "CQ of 2^%u entries without memory for it",
			       object->ring.log_entries);
		mock_object_free(hca, object);
		return ret;
	}
	init_irq_work(&object->irq, mock_cq_irq);
	MLX5_SET(create_cq_out, out, cqn, object->id);
	return 0;
}

int mock_cmd_destroy_cq(struct mock_hca *hca, void *in, int in_size, void *out)
{
	return mock_object_destroy(hca, MOCK_CQ,
				   MLX5_GET(destroy_cq_in, in, cqn));
}

static int mock_qp_receive(struct mock_hca *hca, struct mock_object *object,
			   void *in, int in_size, void *qpc)
{
	object->completions = mock_object_find(hca, MOCK_CQ,
					       MLX5_GET(qpc, qpc, cqn_rcv));
	if (!object->completions)
		return MLX5_CMD_STAT_BAD_RES_ERR;

	object->completions->users++;
	object->ring.doorbell = MLX5_GET64(qpc, qpc, dbr_addr);
	object->ring.log_entries = MLX5_GET(qpc, qpc, log_rq_size);
	object->ring.log_stride = MLX5_GET(qpc, qpc, log_rq_stride) + 4;
	return mock_ring_init(&object->ring, MLX5_ADDR_OF(create_qp_in, in, pas),
			      in_size - MLX5_ST_SZ_BYTES(create_qp_in));
}

int mock_cmd_create_qp(struct mock_hca *hca, void *in, int in_size, void *out)
{
	void *qpc = MLX5_ADDR_OF(create_qp_in, in, qpc);
	struct mock_object *object;
	int ret = 0;

	if (!mock_object_find(hca, MOCK_PD, MLX5_GET(qpc, qpc, pd)))
		return MLX5_CMD_STAT_BAD_RES_ERR;
	object = mock_object_new(hca, MOCK_QP);
	if (!object)
		return MLX5_CMD_STAT_NO_RES_ERR;

	if (MLX5_GET(qpc, qpc, rq_type) == MLX5_NON_ZERO_RQ)
		ret = mock_qp_receive(hca, object, in, in_size, qpc);
	if (ret) {
		if (object->completions)
			object->completions->users--;
		mock_object_free(hca, object);
		return ret;
	}
	MLX5_SET(create_qp_out, out, qpn, object->id);
	return 0;
}

/* The qpn is at the same place in all three, and the context too. */
int mock_cmd_modify_qp(struct mock_hca *hca, void *in, int in_size, void *out)
{
	struct mock_object *object;
	void *qpc = MLX5_ADDR_OF(init2rtr_qp_in, in, qpc);

	object = mock_object_find(hca, MOCK_QP,
				  MLX5_GET(init2rtr_qp_in, in, qpn));
	if (!object)
		return MLX5_CMD_STAT_BAD_RES_ERR;
	if (MLX5_GET(mock_mbox_in, in, opcode) == MLX5_CMD_OP_INIT2RTR_QP) {
		object->remote = MLX5_GET(qpc, qpc, remote_qpn);
		object->ready = true;
	}
	return 0;
}

int mock_cmd_destroy_qp(struct mock_hca *hca, void *in, int in_size, void *out)
{
	return mock_object_destroy(hca, MOCK_QP,
				   MLX5_GET(destroy_qp_in, in, qpn));
}

/* Has the host taken note of all but fewer than @room completions? */
static bool mock_cq_has_room(struct mock_hca *hca, struct mock_object *cq)
{
	__be32 *doorbell = mock_dma_at(hca, cq->ring.doorbell, 4);
	u32 pending;

	if (!doorbell)
		return false;
	pending = (cq->ring.index - be32_to_cpu(READ_ONCE(*doorbell))) &
		  0xffffff;
	return pending < BIT(cq->ring.log_entries);
}

static bool mock_rq_has_buffer(struct mock_hca *hca, struct mock_object *qp)
{
	__be32 *doorbell = mock_dma_at(hca, qp->ring.doorbell, 4);

	return doorbell && (u16)qp->ring.index !=
	       (u16)be32_to_cpu(READ_ONCE(*doorbell));
}

static int mock_complete(struct mock_hca *hca, struct mock_object *qp,
			 size_t len, u32 immediate)
{
	struct mock_ring *ring = &qp->completions->ring;
	u8 owner = ring->index >> ring->log_entries & 1;
	struct mlx5_cqe64 *cqe = mock_ring_at(hca, ring);

	if (!cqe)
		return -EFAULT;
	if (ring->log_stride == 7)
		cqe++;

	cqe->immediate = cpu_to_be32(immediate);
	cqe->byte_cnt = cpu_to_be32(len);
	cqe->wqe_counter = cpu_to_be16(qp->ring.index);
	cqe->sop_drop_qpn = cpu_to_be32(qp->id);
	/* The host looks at this byte first. */
	wmb();
	WRITE_ONCE(cqe->op_own, MLX5_CQE_RESP_SEND_IMM << 4 | owner);
	ring->index++;
	return 0;
}

/*
 * Send what a reporting queue pair has to say to the one it is connected to;
 * waits for a receive buffer, as with infinite retries.
 */
int mock_queue_send(struct mock_hca *hca, u32 qpn, const __be32 *data,
		    size_t len, u32 immediate)
{
	struct mock_object *from = mock_object_find(hca, MOCK_QP, qpn);
	struct mlx5_wqe_data_seg *wqe;
	struct mock_object *to;
	struct mock_mkey *key;
	int ret, tries = 0;

	if (!from || !from->ready)
		return -ENOTCONN;
	to = mock_object_find(hca, MOCK_QP, from->remote);
	if (!to || !to->ready || !to->completions)
		return -ENOTCONN;

	while (!mock_rq_has_buffer(hca, to) ||
	       !mock_cq_has_room(hca, to->completions)) {
		if (tries++ == MOCK_SEND_TRIES)
			return -ETIMEDOUT;
		usleep_range(900, 1100);
	}

	wqe = mock_ring_at(hca, &to->ring);
	if (!wqe || len > be32_to_cpu(wqe->byte_count))
		return -EINVAL;
	if (len) {
		key = mock_mkey_get(hca, be32_to_cpu(wqe->lkey),
				    be64_to_cpu(wqe->addr) + len);
		if (!key)
			return -EINVAL;
		ret = mock_mkey_copy(hca, key, be64_to_cpu(wqe->addr),
				     (void *)data, len, true);
		mock_mkey_put(key);
		if (ret)
			return ret;
	}

	ret = mock_complete(hca, to, len, immediate);
	to->ring.index++;
	irq_work_queue(&to->completions->irq);
	return ret;
}

int mlx5_core_alloc_pd(struct mlx5_core_dev *dev, u32 *pdn)
{
	u32 out[MLX5_ST_SZ_DW(alloc_pd_out)] = {};
	u32 in[MLX5_ST_SZ_DW(alloc_pd_in)] = {};
	int ret;

	MLX5_SET(alloc_pd_in, in, opcode, MLX5_CMD_OP_ALLOC_PD);
	ret = mlx5_cmd_exec(dev, in, sizeof(in), out, sizeof(out));
	if (!ret)
		*pdn = MLX5_GET(alloc_pd_out, out, pd);
	return ret;
}
EXPORT_SYMBOL(mlx5_core_alloc_pd);

int mlx5_core_dealloc_pd(struct mlx5_core_dev *dev, u32 pdn)
{
	u32 out[MLX5_ST_SZ_DW(dealloc_pd_out)] = {};
	u32 in[MLX5_ST_SZ_DW(dealloc_pd_in)] = {};

	MLX5_SET(dealloc_pd_in, in, opcode, MLX5_CMD_OP_DEALLOC_PD);
	MLX5_SET(dealloc_pd_in, in, pd, pdn);
	return mlx5_cmd_exec(dev, in, sizeof(in), out, sizeof(out));
}
EXPORT_SYMBOL(mlx5_core_dealloc_pd);

int mlx5_core_create_cq(struct mlx5_core_dev *dev, struct mlx5_core_cq *cq,
			u32 *in, int inlen, u32 *out, int outlen)
{
	struct mock_object *object;
	int ret;

	memset(out, 0, outlen);
	MLX5_SET(create_cq_in, in, opcode, MLX5_CMD_OP_CREATE_CQ);
	ret = mlx5_cmd_exec(dev, in, inlen, out, outlen);
	if (ret)
		return ret;

	cq->cqn = MLX5_GET(create_cq_out, out, cqn);
	cq->cons_index = 0;
	cq->arm_sn = 0;
	if (cq->arm_db)
		*cq->arm_db = cpu_to_be32(2 << 28);
	object = mock_object_find(mock_hca_of(dev), MOCK_CQ, cq->cqn);
	object->cq = cq;
	return 0;
}
EXPORT_SYMBOL(mlx5_core_create_cq);

int mlx5_core_destroy_cq(struct mlx5_core_dev *dev, struct mlx5_core_cq *cq)
{
	u32 out[MLX5_ST_SZ_DW(destroy_cq_out)] = {};
	u32 in[MLX5_ST_SZ_DW(destroy_cq_in)] = {};

	MLX5_SET(destroy_cq_in, in, opcode, MLX5_CMD_OP_DESTROY_CQ);
	MLX5_SET(destroy_cq_in, in, cqn, cq->cqn);
	return mlx5_cmd_exec(dev, in, sizeof(in), out, sizeof(out));
}
EXPORT_SYMBOL(mlx5_core_destroy_cq);
