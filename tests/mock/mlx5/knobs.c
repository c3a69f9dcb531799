// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a test can do to the firmware, in sysfs, beside the physical function.
 */
#include <linux/module.h>

#include "mlx5_mock.h"

static struct mock_hca *mock_of(struct device *dev)
{
	return mock_hca_of(dev_get_drvdata(dev));
}

/* "COMMAND STATUS [COUNT [SKIP]]"; a negative STATUS is an errno. */
static ssize_t fail_store(struct device *dev, struct device_attribute *attr,
			  const char *buf, size_t count)
{
	struct mock_hca *hca = mock_of(dev);
	unsigned int fail = 1, skip = 0;
	struct mock_knobs *knobs;
	char name[32];
	int status;

	if (sscanf(buf, "%31s %i %u %u", name, &status, &fail, &skip) < 2)
		return -EINVAL;
	knobs = mock_cmd_knobs(hca, name);
	if (!knobs)
		return -EINVAL;

	mutex_lock(&hca->lock);
	knobs->status = status;
	knobs->fail = fail;
	knobs->skip = skip;
	mutex_unlock(&hca->lock);
	return count;
}
static DEVICE_ATTR_WO(fail);

/* "COMMAND MILLISECONDS" */
static ssize_t latency_store(struct device *dev, struct device_attribute *attr,
			     const char *buf, size_t count)
{
	struct mock_knobs *knobs;
	unsigned int latency;
	char name[32];

	if (sscanf(buf, "%31s %u", name, &latency) != 2)
		return -EINVAL;
	knobs = mock_cmd_knobs(mock_of(dev), name);
	if (!knobs)
		return -EINVAL;
	WRITE_ONCE(knobs->latency, latency);
	return count;
}
static DEVICE_ATTR_WO(latency);

/* "COMMAND 1" keeps all of that kind in the firmware until "COMMAND 0". */
static ssize_t hold_store(struct device *dev, struct device_attribute *attr,
			  const char *buf, size_t count)
{
	struct mock_hca *hca = mock_of(dev);
	struct mock_knobs *knobs;
	unsigned int hold;
	char name[32];

	if (sscanf(buf, "%31s %u", name, &hold) != 2)
		return -EINVAL;
	knobs = mock_cmd_knobs(hca, name);
	if (!knobs)
		return -EINVAL;
	WRITE_ONCE(knobs->hold, hold);
	wake_up_all(&hca->hold_wait);
	return count;
}

static ssize_t hold_show(struct device *dev, struct device_attribute *attr,
			 char *buf)
{
	return sysfs_emit(buf, "%d\n", atomic_read(&mock_of(dev)->held));
}
static DEVICE_ATTR_RW(hold);

/* All knobs as they were. */
static ssize_t clear_store(struct device *dev, struct device_attribute *attr,
			   const char *buf, size_t count)
{
	struct mock_hca *hca = mock_of(dev);

	mutex_lock(&hca->lock);
	memset(hca->knobs, 0, sizeof(hca->knobs));
	hca->report_errors = 0;
	hca->report_latency = 0;
	MLX5_SET(adv_virtualization_cap,
		 hca->mdev.caps.hca[MLX5_CAP_ADV_VIRTUALIZATION]->cur,
		 pg_track_log_max_msg_size, MOCK_LOG_MESSAGE);
	hca->chunk = SZ_1M;
	hca->sparse = false;
	hca->prompt = false;
	mutex_unlock(&hca->lock);
	atomic_set(&hca->violations, 0);
	atomic64_set(&hca->busy, 0);
	wake_up_all(&hca->hold_wait);
	return count;
}
static DEVICE_ATTR_WO(clear);

static ssize_t deaf_store(struct device *dev, struct device_attribute *attr,
			  const char *buf, size_t count)
{
	bool deaf;

	if (kstrtobool(buf, &deaf))
		return -EINVAL;
	WRITE_ONCE(mock_of(dev)->deaf, deaf);
	return count;
}
static DEVICE_ATTR_WO(deaf);

static ssize_t up_store(struct device *dev, struct device_attribute *attr,
			const char *buf, size_t count)
{
	bool up;

	if (kstrtobool(buf, &up))
		return -EINVAL;
	return mock_hca_up(mock_of(dev), up) ?: count;
}
static DEVICE_ATTR_WO(up);

static ssize_t chunk_store(struct device *dev, struct device_attribute *attr,
			   const char *buf, size_t count)
{
	return kstrtou32(buf, 0, &mock_of(dev)->chunk) ?: count;
}
static DEVICE_ATTR_WO(chunk);

static ssize_t sparse_store(struct device *dev, struct device_attribute *attr,
			    const char *buf, size_t count)
{
	return kstrtobool(buf, &mock_of(dev)->sparse) ?: count;
}
static DEVICE_ATTR_WO(sparse);

static ssize_t prompt_store(struct device *dev, struct device_attribute *attr,
			    const char *buf, size_t count)
{
	return kstrtobool(buf, &mock_of(dev)->prompt) ?: count;
}
static DEVICE_ATTR_WO(prompt);

static ssize_t report_errors_store(struct device *dev,
				   struct device_attribute *attr,
				   const char *buf, size_t count)
{
	return kstrtouint(buf, 0, &mock_of(dev)->report_errors) ?: count;
}
static DEVICE_ATTR_WO(report_errors);

static ssize_t report_latency_store(struct device *dev,
				    struct device_attribute *attr,
				    const char *buf, size_t count)
{
	return kstrtouint(buf, 0, &mock_of(dev)->report_latency) ?: count;
}
static DEVICE_ATTR_WO(report_latency);

/* log2 of the bytes of a message with pages that a VF wrote to, at most. */
static ssize_t log_message_store(struct device *dev,
				 struct device_attribute *attr,
				 const char *buf, size_t count)
{
	struct mlx5_core_dev *mdev = dev_get_drvdata(dev);
	u8 log;

	if (kstrtou8(buf, 0, &log) || log > 31)
		return -EINVAL;
	MLX5_SET(adv_virtualization_cap,
		 mdev->caps.hca[MLX5_CAP_ADV_VIRTUALIZATION]->cur,
		 pg_track_log_max_msg_size, log);
	return count;
}
static DEVICE_ATTR_WO(log_message);

/* The rest is of one VF, which is the first number. */
static struct mock_vhca *mock_vf(struct device *dev, unsigned int vf)
{
	struct mock_hca *hca = mock_of(dev);

	return vf < hca->total ? &hca->vhcas[vf] : NULL;
}

/* "VF BYTES": what its state takes; 0 for as much as the BAR holds. */
static ssize_t state_size_store(struct device *dev,
				struct device_attribute *attr,
				const char *buf, size_t count)
{
	struct mock_vhca *vhca;
	unsigned int vf;
	u64 size;

	if (sscanf(buf, "%u %llu", &vf, &size) != 2 || size > SZ_8G)
		return -EINVAL;
	vhca = mock_vf(dev, vf);
	if (!vhca)
		return -EINVAL;
	mock_vhca_size(vhca, size);
	return count;
}
static DEVICE_ATTR_WO(state_size);

/* "VF SEED": of the state beyond the BAR. */
static ssize_t seed_store(struct device *dev, struct device_attribute *attr,
			  const char *buf, size_t count)
{
	struct mock_vhca *vhca;
	unsigned int vf;
	u64 seed;

	if (sscanf(buf, "%u %llu", &vf, &seed) != 2)
		return -EINVAL;
	vhca = mock_vf(dev, vf);
	if (!vhca)
		return -EINVAL;
	mutex_lock(&vhca->lock);
	vhca->seed = seed;
	mock_vhca_publish(vhca);
	mutex_unlock(&vhca->lock);
	return count;
}
static DEVICE_ATTR_WO(seed);

/* "VF": what it has told of its state in pre-copy is not worth anything any more. */
static ssize_t anew_store(struct device *dev, struct device_attribute *attr,
			  const char *buf, size_t count)
{
	struct mock_vhca *vhca;
	unsigned int vf;

	if (kstrtouint(buf, 0, &vf))
		return -EINVAL;
	vhca = mock_vf(dev, vf);
	if (!vhca)
		return -EINVAL;
	mutex_lock(&vhca->lock);
	vhca->anew = true;
	mutex_unlock(&vhca->lock);
	return count;
}
static DEVICE_ATTR_WO(anew);

/* "VF BOOL" */
static ssize_t migratable_store(struct device *dev,
				struct device_attribute *attr,
				const char *buf, size_t count)
{
	unsigned int vf, on;
	struct mock_vhca *vhca;

	if (sscanf(buf, "%u %u", &vf, &on) != 2)
		return -EINVAL;
	vhca = mock_vf(dev, vf);
	if (!vhca)
		return -EINVAL;
	vhca->migratable = on;
	return count;
}
static DEVICE_ATTR_WO(migratable);

/* "VF IOVA BYTES": it wrote there. */
static ssize_t dirty_store(struct device *dev, struct device_attribute *attr,
			   const char *buf, size_t count)
{
	struct mock_vhca *vhca;
	unsigned int vf;
	u64 iova, len;

	if (sscanf(buf, "%u %llx %llx", &vf, &iova, &len) != 3 || len > SZ_1G)
		return -EINVAL;
	vhca = mock_vf(dev, vf);
	if (!vhca)
		return -EINVAL;
	return mock_track_dirty(mock_of(dev), vhca, iova, len) ?: count;
}
static DEVICE_ATTR_WO(dirty);

static ssize_t stats_show(struct device *dev, struct device_attribute *attr,
			  char *buf)
{
	struct mock_hca *hca = mock_of(dev);
	unsigned int i, mkeys = 0, tracking = 0;
	struct mock_mkey *key;
	unsigned long index;
	int len = 0;

	xa_for_each(&hca->mkeys, index, key)
		mkeys++;
	for (i = 0; i < hca->total; i++)
		tracking += hca->vhcas[i].tracking;
	len += sysfs_emit_at(buf, len, "tracking %u\n", tracking);
	len += sysfs_emit_at(buf, len, "violations %d\n",
			     atomic_read(&hca->violations));
	len += sysfs_emit_at(buf, len, "objects %u\n", mock_queue_count(hca));
	len += sysfs_emit_at(buf, len, "mkeys %u\n", mkeys);
	len += sysfs_emit_at(buf, len, "trackers %u\n", mock_track_count(hca));
	len += sysfs_emit_at(buf, len, "busy_ns %lld\n",
			     (long long)atomic64_read(&hca->busy));
	for (i = 0; i < MOCK_COMMANDS && mock_cmd_name(i); i++)
		len += sysfs_emit_at(buf, len, "%s %u\n", mock_cmd_name(i),
				     hca->knobs[i].executed);
	return len;
}
static DEVICE_ATTR_RO(stats);

static struct attribute *mock_knobs_attrs[] = {
	&dev_attr_fail.attr,
	&dev_attr_latency.attr,
	&dev_attr_hold.attr,
	&dev_attr_clear.attr,
	&dev_attr_deaf.attr,
	&dev_attr_up.attr,
	&dev_attr_chunk.attr,
	&dev_attr_sparse.attr,
	&dev_attr_prompt.attr,
	&dev_attr_report_errors.attr,
	&dev_attr_report_latency.attr,
	&dev_attr_log_message.attr,
	&dev_attr_state_size.attr,
	&dev_attr_seed.attr,
	&dev_attr_anew.attr,
	&dev_attr_migratable.attr,
	&dev_attr_dirty.attr,
	&dev_attr_stats.attr,
	NULL
};

const struct attribute_group mock_knobs_group = {
	.name	= "mock",
	.attrs	= mock_knobs_attrs,
};
