// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the host's side of a device offers its users without a command: memory
 * for queues and doorbells, event queues, notifiers.
 */
#include <linux/dma-mapping.h>
#include <linux/module.h>
#include <linux/slab.h>

#include "mlx5_mock.h"

int mlx5_vector2eqn(struct mlx5_core_dev *dev, int vector, int *eqn)
{
	if (vector)
		return -ENOENT;
	*eqn = 1;
	return 0;
}
EXPORT_SYMBOL(mlx5_vector2eqn);

unsigned int mlx5_comp_vectors_count(struct mlx5_core_dev *dev)
{
	return 1;
}
EXPORT_SYMBOL(mlx5_comp_vectors_count);

int mlx5_comp_eqn_get(struct mlx5_core_dev *dev, u16 vecidx, int *eqn)
{
	return mlx5_vector2eqn(dev, vecidx, eqn);
}
EXPORT_SYMBOL(mlx5_comp_eqn_get);

unsigned int mlx5_comp_vectors_max(struct mlx5_core_dev *dev)
{
	return 1;
}
EXPORT_SYMBOL(mlx5_comp_vectors_max);

bool mlx5_is_roce_on(struct mlx5_core_dev *dev)
{
	return true;
}
EXPORT_SYMBOL(mlx5_is_roce_on);

int mlx5_eq_notifier_register(struct mlx5_core_dev *dev, struct mlx5_nb *nb)
{
	struct mock_hca *hca = mock_hca_of(dev);

	return atomic_notifier_chain_register(&hca->events[nb->event_type],
					      &nb->nb);
}
EXPORT_SYMBOL(mlx5_eq_notifier_register);

int mlx5_eq_notifier_unregister(struct mlx5_core_dev *dev, struct mlx5_nb *nb)
{
	struct mock_hca *hca = mock_hca_of(dev);

	return atomic_notifier_chain_unregister(&hca->events[nb->event_type],
						&nb->nb);
}
EXPORT_SYMBOL(mlx5_eq_notifier_unregister);

struct mlx5_uars_page *mlx5_get_uars_page(struct mlx5_core_dev *mdev)
{
	return &mock_hca_of(mdev)->uar;
}
EXPORT_SYMBOL(mlx5_get_uars_page);

void mlx5_put_uars_page(struct mlx5_core_dev *mdev, struct mlx5_uars_page *up)
{
}
EXPORT_SYMBOL(mlx5_put_uars_page);

int mlx5_frag_buf_alloc_node(struct mlx5_core_dev *dev, int size,
			     struct mlx5_frag_buf *buf, int node)
{
	struct mlx5_buf_list *frag;
	int i;

	buf->size = size;
	buf->npages = DIV_ROUND_UP(size, PAGE_SIZE);
	buf->page_shift = PAGE_SHIFT;
	buf->frags = kcalloc(buf->npages, sizeof(*buf->frags), GFP_KERNEL);
	if (!buf->frags)
		return -ENOMEM;

	for (i = 0; i < buf->npages; i++) {
		frag = &buf->frags[i];
		frag->buf = dma_alloc_coherent(dev->device, PAGE_SIZE,
					       &frag->map, GFP_KERNEL);
		if (!frag->buf)
			goto undo;
	}
	return 0;

undo:
	buf->npages = i;
	mlx5_frag_buf_free(dev, buf);
	return -ENOMEM;
}
EXPORT_SYMBOL_GPL(mlx5_frag_buf_alloc_node);

void mlx5_frag_buf_free(struct mlx5_core_dev *dev, struct mlx5_frag_buf *buf)
{
	int i;

	for (i = 0; i < buf->npages; i++)
		dma_free_coherent(dev->device, PAGE_SIZE, buf->frags[i].buf,
				  buf->frags[i].map);
	kfree(buf->frags);
}
EXPORT_SYMBOL_GPL(mlx5_frag_buf_free);

void mlx5_fill_page_frag_array(struct mlx5_frag_buf *buf, __be64 *pas)
{
	int i;

	for (i = 0; i < buf->npages; i++)
		pas[i] = cpu_to_be64(buf->frags[i].map);
}
EXPORT_SYMBOL_GPL(mlx5_fill_page_frag_array);

/* A page each: a pair of doorbells is all that is used of it. */
int mlx5_db_alloc_node(struct mlx5_core_dev *dev, struct mlx5_db *db, int node)
{
	db->db = dma_alloc_coherent(dev->device, PAGE_SIZE, &db->dma,
				    GFP_KERNEL);
	return db->db ? 0 : -ENOMEM;
}
EXPORT_SYMBOL_GPL(mlx5_db_alloc_node);

void mlx5_db_free(struct mlx5_core_dev *dev, struct mlx5_db *db)
{
	dma_free_coherent(dev->device, PAGE_SIZE, db->db, db->dma);
}
EXPORT_SYMBOL_GPL(mlx5_db_free);
