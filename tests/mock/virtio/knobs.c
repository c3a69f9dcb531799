// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a test can do to the device, in sysfs, beside the PF.
 */
#include <linux/module.h>
#include <linux/vmalloc.h>

#include "virtio_mock.h"

static const char *const mock_names[MOCK_COMMANDS] = {
	[MOCK_MODE_SET]		= "mode_set",
	[MOCK_OBJ_CREATE]	= "obj_create",
	[MOCK_OBJ_DESTROY]	= "obj_destroy",
	[MOCK_METADATA]		= "metadata",
	[MOCK_PARTS_GET]	= "parts_get",
	[MOCK_PARTS_SET]	= "parts_set",
	[MOCK_LEGACY]		= "legacy",
	[MOCK_NOTIFY_INFO]	= "notify_info",
};

static struct mock_pf *mock_of(struct device *dev)
{
	return dev_get_drvdata(dev);
}

/* "COMMAND ERRNO COUNT" */
static ssize_t fail_store(struct device *dev, struct device_attribute *attr,
			  const char *buf, size_t count)
{
	struct mock_pf *pf = mock_of(dev);
	unsigned int times;
	char name[32];
	int error, command;

	if (sscanf(buf, "%31s %d %u", name, &error, &times) != 3 || error >= 0)
		return -EINVAL;
	command = match_string(mock_names, MOCK_COMMANDS, name);
	if (command < 0)
		return command;

	mutex_lock(&pf->lock);
	pf->fail[command] = error;
	pf->fail_count[command] = times;
	mutex_unlock(&pf->lock);
	return count;
}
static DEVICE_ATTR_WO(fail);

/* "VF BYTES SEED": bytes of state beyond the BAR, and what is in them. */
static ssize_t extra_store(struct device *dev, struct device_attribute *attr,
			   const char *buf, size_t count)
{
	struct mock_pf *pf = mock_of(dev);
	unsigned int vf, bytes, seed, i;
	u8 *extra = NULL;

	if (sscanf(buf, "%u %u %u", &vf, &bytes, &seed) != 3 ||
	    vf >= MOCK_VFS || bytes > SZ_64M)
		return -EINVAL;
	if (bytes) {
		extra = vmalloc(bytes);
		if (!extra)
			return -ENOMEM;
		for (i = 0; i < bytes; i++)
			extra[i] = (i + seed) * 2654435761u >> 24;
	}

	mutex_lock(&pf->lock);
	swap(extra, pf->vf[vf].extra);
	pf->vf[vf].extra_size = bytes;
	mutex_unlock(&pf->lock);
	vfree(extra);
	return count;
}
static DEVICE_ATTR_WO(extra);

/* "PARTS LEGACY BAR OFFSET": what the PF has, and where VFs are notified. */
static ssize_t caps_store(struct device *dev, struct device_attribute *attr,
			  const char *buf, size_t count)
{
	unsigned int parts, legacy, bar;
	struct mock_pf *pf = mock_of(dev);
	u64 offset;

	if (sscanf(buf, "%u %u %u %llu", &parts, &legacy, &bar, &offset) != 4)
		return -EINVAL;
	mutex_lock(&pf->lock);
	pf->parts = parts;
	pf->legacy = legacy;
	pf->notify_bar = bar;
	pf->notify_offset = offset;
	mutex_unlock(&pf->lock);
	return count;
}
static DEVICE_ATTR_WO(caps);

static ssize_t clear_store(struct device *dev, struct device_attribute *attr,
			   const char *buf, size_t count)
{
	struct mock_pf *pf = mock_of(dev);

	mutex_lock(&pf->lock);
	memset(pf->fail_count, 0, sizeof(pf->fail_count));
	memset(pf->commands, 0, sizeof(pf->commands));
	pf->violations = 0;
	mutex_unlock(&pf->lock);
	return count;
}
static DEVICE_ATTR_WO(clear);

static ssize_t stats_show(struct device *dev, struct device_attribute *attr,
			  char *buf)
{
	struct mock_pf *pf = mock_of(dev);
	int i, len = 0;

	for (i = 0; i < MOCK_VFS; i++)
		flush_work(&pf->vf[i].flr);
	mutex_lock(&pf->lock);
	len += sysfs_emit_at(buf, len, "violations %u\nobjects %u\n",
			     pf->violations, mock_objects(pf));
	for (i = 0; i < MOCK_COMMANDS; i++)
		len += sysfs_emit_at(buf, len, "%s %u\n", mock_names[i],
				     pf->commands[i]);
	for (i = 0; i < MOCK_VFS; i++)
		len += sysfs_emit_at(buf, len, "stopped%d %u\nsum%d %u\n", i,
				     pf->vf[i].stopped, i,
				     mock_state_sum(pf, &pf->vf[i]));
	mutex_unlock(&pf->lock);
	return len;
}
static DEVICE_ATTR_RO(stats);

static struct attribute *mock_attrs[] = {
	&dev_attr_fail.attr,
	&dev_attr_extra.attr,
	&dev_attr_caps.attr,
	&dev_attr_clear.attr,
	&dev_attr_stats.attr,
	NULL
};

const struct attribute_group mock_group = {
	.name	= "mock",
	.attrs	= mock_attrs,
};
