// SPDX-License-Identifier: GPL-2.0-only
/*
 * Queues on the PF by which the firmware sends reports to the host: a completion
 * queue, and a reliable connection of two queue pairs. Layouts:
 * linux/mlx5/mlx5_ifc.h; the steps to connect: InfiniBand Architecture
 * Specification, "Queue Pair and EE Context States".
 */
#include <linux/kernel.h>
#include <linux/log2.h>
#include <linux/slab.h>
#include <linux/smp.h>
#include <rdma/ib_verbs.h>

#include "queue.h"

static u32 mlx5vf_cqe_size(void)
{
	return cache_line_size() == 128 ? 128 : 64;
}

/* What matters of a larger entry is its second half. */
static struct mlx5_cqe64 *mlx5vf_cqe(struct mlx5vf_cq *cq, u32 index)
{
	void *cqe = mlx5_frag_buf_get_wqe(&cq->fbc, index & (cq->nr - 1));

	return cqe + mlx5vf_cqe_size() - sizeof(struct mlx5_cqe64);
}

static int mlx5vf_cq_exec(const struct mlx5vf_pf *pf, struct mlx5vf_cq *cq)
{
	u32 out[MLX5_ST_SZ_DW(create_cq_out)] = {};
	int eqn, inlen, ret;
	void *in, *cqc;

	ret = pf->fns->comp_eqn_get(pf->mdev, raw_smp_processor_id() %
				    pf->fns->comp_vectors_max(pf->mdev), &eqn);
	if (ret)
		return ret;

	inlen = MLX5_ST_SZ_BYTES(create_cq_in) +
		cq->buf.npages * sizeof(__be64);
	in = kvzalloc(inlen, GFP_KERNEL);
	if (!in)
		return -ENOMEM;

	cqc = MLX5_ADDR_OF(create_cq_in, in, cq_context);
	MLX5_SET(cqc, cqc, cqe_sz, mlx5vf_cqe_size() == 128);
	MLX5_SET(cqc, cqc, log_cq_size, ilog2(cq->nr));
	MLX5_SET(cqc, cqc, c_eqn_or_apu_element, eqn);
	MLX5_SET(cqc, cqc, uar_page, cq->uar->index);
	MLX5_SET(cqc, cqc, log_page_size,
		 cq->buf.page_shift - MLX5_ADAPTER_PAGE_SHIFT);
	MLX5_SET64(cqc, cqc, dbr_addr, cq->db.dma);
	pf->fns->fill_page_frag_array(&cq->buf,
				      MLX5_ADDR_OF(create_cq_in, in, pas));
	ret = pf->fns->core_create_cq(pf->mdev, &cq->mcq, in, inlen, out,
				      sizeof(out));
	kvfree(in);
	return ret;
}

/**
 * mlx5vf_cq_create() - make a completion queue
 * @pf: the PF
 * @cq: the queue; zeroed, but for the callbacks in @mcq
 * @uar: the page with its doorbell
 * @nr: its entries, a power of 2
 *
 * Return: 0, -ENOMEM, or the errno of the command.
 */
int mlx5vf_cq_create(const struct mlx5vf_pf *pf, struct mlx5vf_cq *cq,
		     struct mlx5_uars_page *uar, u32 nr)
{
	u32 cqe_size = mlx5vf_cqe_size();
	u32 i;
	int ret;

	ret = pf->fns->db_alloc_node(pf->mdev, &cq->db, pf->mdev->priv.numa_node);
	if (ret)
		return ret;

	ret = pf->fns->frag_buf_alloc_node(pf->mdev, nr * cqe_size, &cq->buf,
					   pf->mdev->priv.numa_node);
	if (ret)
		goto err_db;

	cq->nr = nr;
	cq->uar = uar;
	cq->mcq.set_ci_db = cq->db.db;
	cq->mcq.arm_db = cq->db.db + 1;
	cq->mcq.cqe_sz = cqe_size;
	mlx5_init_fbc(cq->buf.frags, ilog2(cqe_size), ilog2(nr), &cq->fbc);
	for (i = 0; i < nr; i++)
		mlx5vf_cqe(cq, i)->op_own = MLX5_CQE_INVALID << 4;

	ret = mlx5vf_cq_exec(pf, cq);
	if (ret)
		goto err_buf;

	mlx5vf_cq_arm(cq);
	return 0;

err_buf:
	pf->fns->frag_buf_free(pf->mdev, &cq->buf);
err_db:
	pf->fns->db_free(pf->mdev, &cq->db);
	return ret;
}

/**
 * mlx5vf_cq_destroy() - undo mlx5vf_cq_create()
 * @pf: the PF
 * @cq: the queue
 */
void mlx5vf_cq_destroy(const struct mlx5vf_pf *pf, struct mlx5vf_cq *cq)
{
	pf->fns->core_destroy_cq(pf->mdev, &cq->mcq);
	pf->fns->frag_buf_free(pf->mdev, &cq->buf);
	pf->fns->db_free(pf->mdev, &cq->db);
}

/**
 * mlx5vf_cq_arm() - have the callback called for the next completion
 * @cq: the queue
 */
void mlx5vf_cq_arm(struct mlx5vf_cq *cq)
{
	mlx5_cq_arm(&cq->mcq, MLX5_CQ_DB_REQ_NOT, cq->uar->map,
		    cq->mcq.cons_index);
}

/**
 * mlx5vf_cq_next() - take a completion
 * @cq: the queue
 *
 * Its place is free for another once mlx5_cq_set_ci() is called.
 *
 * Return: the completion, or NULL if there is none.
 */
struct mlx5_cqe64 *mlx5vf_cq_next(struct mlx5vf_cq *cq)
{
	u32 index = cq->mcq.cons_index;
	struct mlx5_cqe64 *cqe = mlx5vf_cqe(cq, index);
	u8 owner = READ_ONCE(cqe->op_own);

	/* The bit changes with every round through the queue. */
	if (owner >> 4 == MLX5_CQE_INVALID ||
	    (owner & MLX5_CQE_OWNER_MASK) != !!(index & cq->nr))
		return NULL;

	/* The rest of it was written before the owner was. */
	dma_rmb();
	cq->mcq.cons_index++;
	return cqe;
}

static int mlx5vf_qp_exec(const struct mlx5vf_pf *pf, struct mlx5vf_qp *qp,
			  struct mlx5vf_cq *cq, u32 pdn)
{
	u32 out[MLX5_ST_SZ_DW(create_qp_out)] = {};
	void *in, *qpc;
	int inlen, ret;

	inlen = MLX5_ST_SZ_BYTES(create_qp_in) +
		qp->buf.npages * sizeof(__be64);
	in = kvzalloc(inlen, GFP_KERNEL);
	if (!in)
		return -ENOMEM;

	MLX5_SET(create_qp_in, in, opcode, MLX5_CMD_OP_CREATE_QP);
	qpc = MLX5_ADDR_OF(create_qp_in, in, qpc);
	MLX5_SET(qpc, qpc, st, MLX5_QP_ST_RC);
	MLX5_SET(qpc, qpc, pm_state, MLX5_QP_PM_MIGRATED);
	MLX5_SET(qpc, qpc, pd, pdn);
	MLX5_SET(qpc, qpc, uar_page, cq->uar->index);
	MLX5_SET(qpc, qpc, ts_format, pf->fns->get_qp_default_ts(pf->mdev));
	if (MLX5_CAP_GEN(pf->mdev, cqe_version) == 1)
		MLX5_SET(qpc, qpc, user_index, 0xffffff);
	MLX5_SET(qpc, qpc, no_sq, 1);
	if (qp->nr) {
		MLX5_SET(qpc, qpc, log_page_size,
			 qp->buf.page_shift - MLX5_ADAPTER_PAGE_SHIFT);
		MLX5_SET(qpc, qpc, cqn_rcv, cq->mcq.cqn);
		/* In units of 16 bytes. */
		MLX5_SET(qpc, qpc, log_rq_stride, ilog2(MLX5_SEND_WQE_DS) - 4);
		MLX5_SET(qpc, qpc, log_rq_size, ilog2(qp->nr));
		MLX5_SET(qpc, qpc, rq_type, MLX5_NON_ZERO_RQ);
		MLX5_SET64(qpc, qpc, dbr_addr, qp->db.dma);
		pf->fns->fill_page_frag_array(&qp->buf,
					      MLX5_ADDR_OF(create_qp_in, in,
							   pas));
	} else {
		MLX5_SET(qpc, qpc, rq_type, MLX5_ZERO_LEN_RQ);
	}

	ret = pf->fns->cmd_exec(pf->mdev, in, inlen, out, sizeof(out));
	kvfree(in);
	if (ret)
		return ret;

	qp->qpn = MLX5_GET(create_qp_out, out, qpn);
	return 0;
}

/**
 * mlx5vf_qp_create() - make one end of a connection
 * @pf: the PF
 * @qp: the end; zeroed
 * @cq: where receptions are completed
 * @pdn: protection domain
 * @nr: entries of its receive queue, a power of 2; 0: it only sends
 *
 * Return: 0, -ENOMEM, or the errno of the command.
 */
int mlx5vf_qp_create(const struct mlx5vf_pf *pf, struct mlx5vf_qp *qp,
		     struct mlx5vf_cq *cq, u32 pdn, u32 nr)
{
	int ret;

	ret = pf->fns->db_alloc_node(pf->mdev, &qp->db, pf->mdev->priv.numa_node);
	if (ret)
		return ret;

	if (nr) {
		ret = pf->fns->frag_buf_alloc_node(pf->mdev,
						   nr * MLX5_SEND_WQE_DS,
						   &qp->buf,
						   pf->mdev->priv.numa_node);
		if (ret)
			goto err_db;
		mlx5_init_fbc(qp->buf.frags, ilog2(MLX5_SEND_WQE_DS),
			      ilog2(nr), &qp->fbc);
	}

	qp->nr = nr;
	ret = mlx5vf_qp_exec(pf, qp, cq, pdn);
	if (ret)
		goto err_buf;

	return 0;

err_buf:
	if (nr)
		pf->fns->frag_buf_free(pf->mdev, &qp->buf);
err_db:
	pf->fns->db_free(pf->mdev, &qp->db);
	return ret;
}

/**
 * mlx5vf_qp_destroy() - undo mlx5vf_qp_create()
 * @pf: the PF
 * @qp: the end
 */
void mlx5vf_qp_destroy(const struct mlx5vf_pf *pf, struct mlx5vf_qp *qp)
{
	u32 in[MLX5_ST_SZ_DW(destroy_qp_in)] = {};

	MLX5_SET(destroy_qp_in, in, opcode, MLX5_CMD_OP_DESTROY_QP);
	MLX5_SET(destroy_qp_in, in, qpn, qp->qpn);
	mlx5vf_exec_in(pf, destroy_qp, in);

	if (qp->nr)
		pf->fns->frag_buf_free(pf->mdev, &qp->buf);
	pf->fns->db_free(pf->mdev, &qp->db);
}

/**
 * mlx5vf_qp_init() - first step to connect; buffers may be posted after it
 * @pf: the PF
 * @qp: the end
 *
 * Return: 0, or the errno of the command.
 */
int mlx5vf_qp_init(const struct mlx5vf_pf *pf, struct mlx5vf_qp *qp)
{
	u32 in[MLX5_ST_SZ_DW(rst2init_qp_in)] = {};
	void *qpc = MLX5_ADDR_OF(rst2init_qp_in, in, qpc);

	MLX5_SET(rst2init_qp_in, in, opcode, MLX5_CMD_OP_RST2INIT_QP);
	MLX5_SET(rst2init_qp_in, in, qpn, qp->qpn);
	MLX5_SET(qpc, qpc, primary_address_path.vhca_port_num, 1);
	MLX5_SET(qpc, qpc, pm_state, MLX5_QPC_PM_STATE_MIGRATED);
	MLX5_SET(qpc, qpc, rre, 1);
	MLX5_SET(qpc, qpc, rwe, 1);
	return mlx5vf_exec_in(pf, rst2init_qp, in);
}

/**
 * mlx5vf_qp_receive() - second step: be ready to receive
 * @pf: the PF
 * @qp: the end
 * @remote_qpn: number of the other end
 *
 * Return: 0, or the errno of the command.
 */
int mlx5vf_qp_receive(const struct mlx5vf_pf *pf, struct mlx5vf_qp *qp,
		      u32 remote_qpn)
{
	u32 in[MLX5_ST_SZ_DW(init2rtr_qp_in)] = {};
	void *qpc = MLX5_ADDR_OF(init2rtr_qp_in, in, qpc);

	MLX5_SET(init2rtr_qp_in, in, opcode, MLX5_CMD_OP_INIT2RTR_QP);
	MLX5_SET(init2rtr_qp_in, in, qpn, qp->qpn);
	MLX5_SET(qpc, qpc, mtu, IB_MTU_4096);
	MLX5_SET(qpc, qpc, log_msg_max, MLX5_CAP_GEN(pf->mdev, log_max_msg));
	MLX5_SET(qpc, qpc, remote_qpn, remote_qpn);
	MLX5_SET(qpc, qpc, primary_address_path.vhca_port_num, 1);
	/* Both ends are on this port. */
	MLX5_SET(qpc, qpc, primary_address_path.fl, 1);
	MLX5_SET(qpc, qpc, min_rnr_nak, 1);
	return mlx5vf_exec_in(pf, init2rtr_qp, in);
}

/**
 * mlx5vf_qp_send() - third step: be ready to send
 * @pf: the PF
 * @qp: the end
 *
 * Return: 0, or the errno of the command.
 */
int mlx5vf_qp_send(const struct mlx5vf_pf *pf, struct mlx5vf_qp *qp)
{
	u32 in[MLX5_ST_SZ_DW(rtr2rts_qp_in)] = {};
	void *qpc = MLX5_ADDR_OF(rtr2rts_qp_in, in, qpc);

	MLX5_SET(rtr2rts_qp_in, in, opcode, MLX5_CMD_OP_RTR2RTS_QP);
	MLX5_SET(rtr2rts_qp_in, in, qpn, qp->qpn);
	MLX5_SET(qpc, qpc, retry_count, 7);
	/* 7: for as long as the host has no buffer posted. */
	MLX5_SET(qpc, qpc, rnr_retry, 7);
	/* 4.096 us * 2^8, about 1 ms. */
	MLX5_SET(qpc, qpc, primary_address_path.ack_timeout, 8);
	return mlx5vf_exec_in(pf, rtr2rts_qp, in);
}

/**
 * mlx5vf_qp_post() - give a buffer to receive to
 * @qp: the end, with a free entry in its receive queue
 * @key: of the memory
 * @addr: where in it
 * @bytes: how much
 */
void mlx5vf_qp_post(struct mlx5vf_qp *qp, u32 key, u64 addr, u32 bytes)
{
	struct mlx5_wqe_data_seg *entry;

	entry = mlx5_frag_buf_get_wqe(&qp->fbc, qp->posted & (qp->nr - 1));
	entry->byte_count = cpu_to_be32(bytes);
	entry->lkey = cpu_to_be32(key);
	entry->addr = cpu_to_be64(addr);
	qp->posted++;

	/* The entry before the record that tells of it. */
	dma_wmb();
	qp->db.db[MLX5_RCV_DBR] = cpu_to_be32(qp->posted & 0xffff);
}
