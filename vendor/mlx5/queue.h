/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef VFIO_PCI_MLX5_QUEUE_H
#define VFIO_PCI_MLX5_QUEUE_H

#include "core_fns.h"

/**
 * struct mlx5vf_cq - a completion queue
 * @mcq: what mlx5_core keeps
 * @buf: its memory
 * @fbc: how entries are found in that
 * @db: its doorbell record
 * @uar: the page with the doorbell
 * @nr: its entries, a power of 2
 */
struct mlx5vf_cq {
	struct mlx5_core_cq mcq;
	struct mlx5_frag_buf buf;
	struct mlx5_frag_buf_ctrl fbc;
	struct mlx5_db db;
	struct mlx5_uars_page *uar;
	u32 nr;
};

/**
 * struct mlx5vf_qp - one end of a connection
 * @qpn: its number
 * @buf: memory of the receive queue, if it has one
 * @fbc: how entries are found in that
 * @db: its doorbell record
 * @nr: entries of the receive queue, a power of 2, or 0
 * @posted: how many were posted, ever
 */
struct mlx5vf_qp {
	u32 qpn;
	struct mlx5_frag_buf buf;
	struct mlx5_frag_buf_ctrl fbc;
	struct mlx5_db db;
	u32 nr;
	u32 posted;
};

int mlx5vf_cq_create(const struct mlx5vf_pf *pf, struct mlx5vf_cq *cq,
		     struct mlx5_uars_page *uar, u32 nr);
void mlx5vf_cq_destroy(const struct mlx5vf_pf *pf, struct mlx5vf_cq *cq);
void mlx5vf_cq_arm(struct mlx5vf_cq *cq);
struct mlx5_cqe64 *mlx5vf_cq_next(struct mlx5vf_cq *cq);
int mlx5vf_qp_create(const struct mlx5vf_pf *pf, struct mlx5vf_qp *qp,
		     struct mlx5vf_cq *cq, u32 pdn, u32 nr);
void mlx5vf_qp_destroy(const struct mlx5vf_pf *pf, struct mlx5vf_qp *qp);
int mlx5vf_qp_init(const struct mlx5vf_pf *pf, struct mlx5vf_qp *qp);
int mlx5vf_qp_receive(const struct mlx5vf_pf *pf, struct mlx5vf_qp *qp,
		      u32 remote_qpn);
int mlx5vf_qp_send(const struct mlx5vf_pf *pf, struct mlx5vf_qp *qp);
void mlx5vf_qp_post(struct mlx5vf_qp *qp, u32 key, u64 addr, u32 bytes);

#endif /* VFIO_PCI_MLX5_QUEUE_H */
