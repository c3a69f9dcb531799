// SPDX-License-Identifier: GPL-2.0-only
/*
 * How the firmware reaches memory of the host: through the IOMMU, by the bus
 * addresses that it was given, and by none else.
 */
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/overflow.h>

#include "mlx5_mock.h"

#define MOCK_MKEY_LIMIT	XA_LIMIT(1, 0xffffff)

/* The page that a bus address is in, at it; NULL if the IOMMU has none. */
void *mock_dma_at(struct mock_hca *hca, dma_addr_t addr, size_t len)
{
	struct iommu_domain *domain = iommu_get_domain_for_dev(&hca->pdev->dev);
	phys_addr_t phys = addr;

	if (domain)
		phys = iommu_iova_to_phys(domain, addr);
	if (!phys || !pfn_valid(PHYS_PFN(phys)) ||
	    offset_in_page(phys) + len > PAGE_SIZE) {
		mock_violation(hca, "DMA to %pad, which is not mapped", &addr);
		return NULL;
	}
	return phys_to_virt(phys);
}

/* The key, held, if it is for @len bytes; NULL if not. */
struct mock_mkey *mock_mkey_get(struct mock_hca *hca, u32 mkey, u64 len)
{
	struct mock_mkey *key;

	xa_lock(&hca->mkeys);
	key = xa_load(&hca->mkeys, mlx5_mkey_to_idx(mkey));
	if (key && len > key->length)
		key = NULL;
	if (key)
		atomic_inc(&key->users);
	xa_unlock(&hca->mkeys);

	if (!key)
		mock_violation(hca, "mkey %#x is not for %llu bytes", mkey, len);
	return key;
}

void mock_mkey_put(struct mock_mkey *key)
{
	atomic_dec(&key->users);
}

/* @len receives how many bytes can be reached from there on. */
void *mock_mkey_at(struct mock_hca *hca, struct mock_mkey *key, u64 pos,
		   size_t *len)
{
	dma_addr_t addr;

	if (pos >= key->length)
		return NULL;

	addr = key->mtt[pos >> key->shift] + (pos & (BIT_ULL(key->shift) - 1));
	*len = min_t(u64, PAGE_SIZE - offset_in_page(addr), key->length - pos);
	return mock_dma_at(hca, addr, *len);
}

int mock_mkey_copy(struct mock_hca *hca, struct mock_mkey *key, u64 pos,
		   void *buf, size_t len, bool to_host)
{
	size_t part;
	void *at;

	for (; len; pos += part, buf += part, len -= part) {
		at = mock_mkey_at(hca, key, pos, &part);
		if (!at)
			return -EFAULT;
		part = min(part, len);
		if (to_host)
			memcpy(at, buf, part);
		else
			memcpy(buf, at, part);
	}
	return 0;
}

int mock_cmd_create_mkey(struct mock_hca *hca, void *in, int in_size, void *out)
{
	void *mkc = MLX5_ADDR_OF(create_mkey_in, in, memory_key_mkey_entry);
	__be64 *mtt = MLX5_ADDR_OF(create_mkey_in, in, klm_pas_mtt);
	unsigned int shift = MLX5_GET(mkc, mkc, log_page_size);
	u64 length = MLX5_GET64(mkc, mkc, len);
	struct mock_mkey *key;
	u64 pages, i;
	u32 index;

	if (MLX5_GET(mkc, mkc, access_mode_1_0) != MLX5_MKC_ACCESS_MODE_MTT ||
	    shift < 12 || shift > 31 || !length || length > SZ_4G) {
		mock_violation(hca, "mkey of mode %d, 2^%u, length %llu",
			       MLX5_GET(mkc, mkc, access_mode_1_0), shift,
			       length);
		return MLX5_CMD_STAT_BAD_PARAM_ERR;
	}
	if (!xa_load(&hca->objects, MLX5_GET(mkc, mkc, pd))) {
		mock_violation(hca, "mkey in no protection domain");
		return MLX5_CMD_STAT_BAD_RES_ERR;
	}

	pages = DIV_ROUND_UP_ULL(length, BIT_ULL(shift));
	if (MLX5_GET(create_mkey_in, in, translations_octword_actual_size) * 2 <
	    pages ||
	    in_size < MLX5_ST_SZ_BYTES(create_mkey_in) + pages * sizeof(*mtt)) {
		mock_violation(hca, "mkey with a short table");
		return MLX5_CMD_STAT_BAD_INP_LEN_ERR;
	}

	key = kvzalloc(struct_size(key, mtt, pages), GFP_KERNEL);
	if (!key)
		return MLX5_CMD_STAT_NO_RES_ERR;

	key->length = length;
	key->shift = shift;
	key->pages = pages;
	for (i = 0; i < pages; i++)
		key->mtt[i] = be64_to_cpu(mtt[i]) & ~7ULL;
	if (xa_alloc(&hca->mkeys, &index, key, MOCK_MKEY_LIMIT, GFP_KERNEL)) {
		kvfree(key);
		return MLX5_CMD_STAT_NO_RES_ERR;
	}
	MLX5_SET(create_mkey_out, out, mkey_index, index);
	return 0;
}

int mock_cmd_destroy_mkey(struct mock_hca *hca, void *in, int in_size,
			  void *out)
{
	u32 index = MLX5_GET(destroy_mkey_in, in, mkey_index);
	struct mock_mkey *key = xa_erase(&hca->mkeys, index);

	if (!key) {
		mock_violation(hca, "there is no mkey %#x", index);
		return MLX5_CMD_STAT_BAD_RES_ERR;
	}
	if (atomic_read(&key->users)) {
		/* A real one would now write to memory that is someone else's. */
		mock_violation(hca, "mkey %#x destroyed while in use", index);
		while (atomic_read(&key->users))
			cond_resched();
	}
	kvfree(key);
	return 0;
}

int mlx5_core_create_mkey(struct mlx5_core_dev *dev, u32 *mkey, u32 *in,
			  int inlen)
{
	u32 out[MLX5_ST_SZ_DW(create_mkey_out)] = {};
	int ret;

	MLX5_SET(create_mkey_in, in, opcode, MLX5_CMD_OP_CREATE_MKEY);
	ret = mlx5_cmd_exec(dev, in, inlen, out, sizeof(out));
	if (ret)
		return ret;

	*mkey = mlx5_idx_to_mkey(MLX5_GET(create_mkey_out, out, mkey_index)) |
		MLX5_GET(create_mkey_in, in, memory_key_mkey_entry.mkey_7_0);
	return 0;
}
EXPORT_SYMBOL(mlx5_core_create_mkey);

int mlx5_core_destroy_mkey(struct mlx5_core_dev *dev, u32 mkey)
{
	u32 out[MLX5_ST_SZ_DW(destroy_mkey_out)] = {};
	u32 in[MLX5_ST_SZ_DW(destroy_mkey_in)] = {};

	MLX5_SET(destroy_mkey_in, in, opcode, MLX5_CMD_OP_DESTROY_MKEY);
	MLX5_SET(destroy_mkey_in, in, mkey_index, mlx5_mkey_to_idx(mkey));
	return mlx5_cmd_exec(dev, in, sizeof(in), out, sizeof(out));
}
EXPORT_SYMBOL(mlx5_core_destroy_mkey);
