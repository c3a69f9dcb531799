// SPDX-License-Identifier: GPL-2.0-only
/*
 * What keeps a function from being bound or opened, in the kernel log: vfio and
 * vfio-pci-core return an errno for these, and say nothing.
 */
#include <linux/device.h>
#include <linux/iommu.h>
#include <linux/pci.h>

#include "vfio_pci.h"

/**
 * vfio_pci_explain_failure() - say why vfio-pci-core did not register a function
 * @pdev: the function, during its probe
 * @error: what vfio_pci_core_register_device() returned
 */
void vfio_pci_explain_failure(struct pci_dev *pdev, int error)
{
	if (error != -EINVAL)
		return;

	if (pdev->hdr_type != PCI_HEADER_TYPE_NORMAL)
		pci_err(pdev, "it is a bridge, and VFIO takes only endpoints\n");
	else if (!device_iommu_mapped(&pdev->dev))
		pci_err(pdev, "no IOMMU translates its DMA, and VFIO needs one: enable the IOMMU in the firmware setup (Intel: VT-d, AMD: AMD-Vi) and in the kernel (Intel: intel_iommu=on on the kernel command line)\n");
}

struct vfio_pci_group_drivers {
	struct pci_dev *pdev;
	char text[256];
	int len;
};

/*
 * The group is locked, and the locks of its functions are taken outside of that:
 * so a function that is being bound or unbound right now is left out. Most others
 * have no driver, or this one, as the function itself.
 */
static int vfio_pci_group_driver(struct device *dev, void *data)
{
	struct vfio_pci_group_drivers *drivers = data;
	struct device_driver *driver = READ_ONCE(dev->driver);

	if (!driver || driver == drivers->pdev->dev.driver ||
	    !dev_is_pci(dev) || !device_trylock(dev))
		return 0;

	if (dev->driver && !to_pci_driver(dev->driver)->driver_managed_dma)
		drivers->len += scnprintf(drivers->text + drivers->len,
					  sizeof(drivers->text) - drivers->len,
					  "%s%s (%s)",
					  drivers->len ? ", " : "",
					  dev_name(dev), dev->driver->name);
	device_unlock(dev);
	return 0;
}

/**
 * vfio_pci_explain_group() - name the functions that block the IOMMU group
 * @pdev: a function that was just bound
 *
 * As long as one function of a group has a driver that uses the DMA API, VFIO
 * lets nobody open the others.
 */
void vfio_pci_explain_group(struct pci_dev *pdev)
{
	struct vfio_pci_group_drivers drivers = { .pdev = pdev };
	struct iommu_group *group = iommu_group_get(&pdev->dev);

	if (!group)
		return;

	iommu_group_for_each_dev(group, &drivers, vfio_pci_group_driver);
	if (drivers.len)
		pci_notice(pdev, "nobody can open it until others of IOMMU group %d are unbound from their drivers: %s\n",
			   iommu_group_id(group), drivers.text);
	iommu_group_put(group);
}
