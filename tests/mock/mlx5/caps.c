// SPDX-License-Identifier: GPL-2.0-only
/*
 * Capabilities, which a test may take away while no driver looks at them.
 */
#include <linux/module.h>
#include <linux/slab.h>

#include "mlx5_mock.h"

#define MOCK_MKEY_PAGE	12	/* log2 of the smallest page that is tracked */

static const enum mlx5_cap_type mock_cap_types[] = {
	MLX5_CAP_GENERAL,
	MLX5_CAP_GENERAL_2,
	MLX5_CAP_ROCE,
	MLX5_CAP_ADV_VIRTUALIZATION,
};

void mock_caps_free(struct mock_hca *hca)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(mock_cap_types); i++)
		kfree(hca->mdev.caps.hca[mock_cap_types[i]]);
}

static void mock_caps_fill(struct mock_hca *hca)
{
	void *caps = hca->mdev.caps.hca[MLX5_CAP_GENERAL]->cur;

	MLX5_SET(cmd_hca_cap, caps, migration, 1);
	MLX5_SET(cmd_hca_cap, caps, adv_virtualization, 1);
	MLX5_SET(cmd_hca_cap, caps, roce, 1);
	MLX5_SET(cmd_hca_cap, caps, roce_rw_supported, 1);
	MLX5_SET(cmd_hca_cap, caps, cqe_version, 1);
	MLX5_SET(cmd_hca_cap, caps, log_max_msg, 30);

	caps = hca->mdev.caps.hca[MLX5_CAP_GENERAL_2]->cur;
	MLX5_SET(mock_hca_cap_2, caps, migration_multi_load, 1);
	MLX5_SET(mock_hca_cap_2, caps, migration_tracking_state, 1);
	MLX5_SET(mock_hca_cap_2, caps, migration_in_chunks, 1);
	MLX5_SET(mock_hca_cap_2, caps, migration_state, 1);

	caps = hca->mdev.caps.hca[MLX5_CAP_ADV_VIRTUALIZATION]->cur;
	MLX5_SET(adv_virtualization_cap, caps, pg_track_log_max_num, 4);
	MLX5_SET(adv_virtualization_cap, caps, pg_track_max_num_range, 4);
	MLX5_SET(adv_virtualization_cap, caps, pg_track_log_min_addr_space, 12);
	MLX5_SET(adv_virtualization_cap, caps, pg_track_log_max_addr_space, 52);
	MLX5_SET(adv_virtualization_cap, caps, pg_track_log_min_msg_size, 12);
	MLX5_SET(adv_virtualization_cap, caps, pg_track_log_max_msg_size,
		 MOCK_LOG_MESSAGE);
	MLX5_SET(adv_virtualization_cap, caps, pg_track_log_min_page_size,
		 MOCK_MKEY_PAGE);
	MLX5_SET(adv_virtualization_cap, caps, pg_track_log_max_page_size, 21);
}

int mock_caps_alloc(struct mock_hca *hca)
{
	struct mlx5_hca_cap **caps = hca->mdev.caps.hca;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(mock_cap_types); i++) {
		caps[mock_cap_types[i]] = kzalloc(sizeof(**caps), GFP_KERNEL);
		if (!caps[mock_cap_types[i]])
			return -ENOMEM;
	}
	mock_caps_fill(hca);
	return 0;
}

/* Of a VF: function_id counts from 1. */
int mock_cmd_query_caps(struct mock_hca *hca, void *in, int in_size, void *out)
{
	void *caps = MLX5_ADDR_OF(query_hca_cap_out, out, capability);
	unsigned int id = MLX5_GET(query_hca_cap_in, in, function_id);
	struct mock_vhca *vhca;

	if (!MLX5_GET(query_hca_cap_in, in, other_function) || !id ||
	    id > hca->total) {
		mock_violation(hca, "capabilities of function %u", id);
		return MLX5_CMD_STAT_BAD_PARAM_ERR;
	}
	vhca = &hca->vhcas[id - 1];

	switch (MLX5_GET(query_hca_cap_in, in, op_mod) >> 1) {
	case MLX5_CAP_GENERAL:
		MLX5_SET(cmd_hca_cap, caps, vhca_id, vhca->id);
		return 0;
	case MLX5_CAP_GENERAL_2:
		MLX5_SET(mock_hca_cap_2, caps, migratable, vhca->migratable);
		return 0;
	default:
		return MLX5_CMD_STAT_BAD_PARAM_ERR;
	}
}

int mlx5_vport_get_other_func_cap(struct mlx5_core_dev *dev, u16 vport,
				  void *out, u16 opmod)
{
	u32 in[MLX5_ST_SZ_DW(query_hca_cap_in)] = {};

	MLX5_SET(query_hca_cap_in, in, opcode, MLX5_CMD_OP_QUERY_HCA_CAP);
	MLX5_SET(query_hca_cap_in, in, op_mod, opmod << 1);
	MLX5_SET(query_hca_cap_in, in, function_id, vport);
	MLX5_SET(query_hca_cap_in, in, other_function, 1);
	return mlx5_cmd_exec(dev, in, sizeof(in), out,
			     MLX5_ST_SZ_BYTES(query_hca_cap_out));
}
EXPORT_SYMBOL_GPL(mlx5_vport_get_other_func_cap);

/**
 * struct mock_cap - a capability of one bit, as a file
 * @attr: the file
 * @kind: which capabilities it is one of
 * @bit: where, in big-endian words
 */
struct mock_cap {
	struct device_attribute attr;
	enum mlx5_cap_type kind;
	unsigned int bit;
};

static __be32 *mock_cap_word(struct device *dev, struct mock_cap *cap)
{
	struct mlx5_core_dev *mdev = dev_get_drvdata(dev);

	return (__be32 *)mdev->caps.hca[cap->kind]->cur + cap->bit / 32;
}

static u32 mock_cap_mask(struct mock_cap *cap)
{
	return BIT(31 - cap->bit % 32);
}

static ssize_t mock_cap_show(struct device *dev, struct device_attribute *attr,
			     char *buf)
{
	struct mock_cap *cap = container_of(attr, struct mock_cap, attr);
	u32 word = be32_to_cpu(*mock_cap_word(dev, cap));

	return sysfs_emit(buf, "%d\n", !!(word & mock_cap_mask(cap)));
}

static ssize_t mock_cap_store(struct device *dev, struct device_attribute *attr,
			      const char *buf, size_t count)
{
	struct mock_cap *cap = container_of(attr, struct mock_cap, attr);
	__be32 *word = mock_cap_word(dev, cap);
	__be32 mask = cpu_to_be32(mock_cap_mask(cap));
	bool on;

	if (kstrtobool(buf, &on))
		return -EINVAL;
	*word = on ? *word | mask : *word & ~mask;
	return count;
}

static struct mock_cap mock_caps[] = {
	{ __ATTR(migration, 0644, mock_cap_show, mock_cap_store),
	  MLX5_CAP_GENERAL, __mlx5_bit_off(cmd_hca_cap, migration) },
	{ __ATTR(adv_virtualization, 0644, mock_cap_show, mock_cap_store),
	  MLX5_CAP_GENERAL, __mlx5_bit_off(cmd_hca_cap, adv_virtualization) },
	{ __ATTR(multi_load, 0644, mock_cap_show, mock_cap_store),
	  MLX5_CAP_GENERAL_2,
	  __mlx5_bit_off(mock_hca_cap_2, migration_multi_load) },
	{ __ATTR(tracking_state, 0644, mock_cap_show, mock_cap_store),
	  MLX5_CAP_GENERAL_2,
	  __mlx5_bit_off(mock_hca_cap_2, migration_tracking_state) },
	{ __ATTR(in_chunks, 0644, mock_cap_show, mock_cap_store),
	  MLX5_CAP_GENERAL_2,
	  __mlx5_bit_off(mock_hca_cap_2, migration_in_chunks) },
};

static struct attribute *mock_caps_attrs[] = {
	&mock_caps[0].attr.attr,
	&mock_caps[1].attr.attr,
	&mock_caps[2].attr.attr,
	&mock_caps[3].attr.attr,
	&mock_caps[4].attr.attr,
	NULL
};

const struct attribute_group mock_caps_group = {
	.name	= "mock_caps",
	.attrs	= mock_caps_attrs,
};
