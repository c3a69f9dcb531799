// SPDX-License-Identifier: GPL-2.0-only
/*
 * What users see of the selection. All of it is read-only: nothing forces a
 * vendor onto a device.
 */
#include <linux/device.h>
#include <linux/sysfs.h>

#include "vfio_pci.h"

static ssize_t vendor_ops_available_show(struct device_driver *driver,
					 char *buf)
{
	int len = vfio_pci_vendor_list(buf, PAGE_SIZE - 1, ~0UL, " ", "");

	buf[len++] = '\n';
	return len;
}
static DRIVER_ATTR_RO(vendor_ops_available);

static struct attribute *vfio_pci_driver_attrs[] = {
	&driver_attr_vendor_ops_available.attr,
	NULL
};

static const struct attribute_group vfio_pci_driver_group = {
	.attrs	= vfio_pci_driver_attrs,
};

const struct attribute_group *vfio_pci_driver_groups[] = {
	&vfio_pci_driver_group,
	NULL
};

/*
 * The driver core creates the group of a device after its probe and removes it,
 * waiting for readers, before its remove: the driver data and the log hold.
 */

static ssize_t vendor_ops_show(struct device *dev,
			       struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%s\n",
			  vfio_pci_vendor_of(dev_get_drvdata(dev))->name);
}
static DEVICE_ATTR_RO(vendor_ops);

static ssize_t vendor_ops_log_show(struct device *dev,
				   struct device_attribute *attr, char *buf)
{
	const char *text = vfio_pci_log_of(dev);

	if (text)
		return sysfs_emit(buf, "%s\n", text);

	return sysfs_emit(buf, "%s: selected\n",
			  vfio_pci_vendor_of(dev_get_drvdata(dev))->name);
}
static DEVICE_ATTR_RO(vendor_ops_log);

static struct attribute *vfio_pci_device_attrs[] = {
	&dev_attr_vendor_ops.attr,
	&dev_attr_vendor_ops_log.attr,
	NULL
};

static const struct attribute_group vfio_pci_device_group = {
	.name	= "vfio_pci",
	.attrs	= vfio_pci_device_attrs,
};

const struct attribute_group *vfio_pci_device_groups[] = {
	&vfio_pci_device_group,
	NULL
};
