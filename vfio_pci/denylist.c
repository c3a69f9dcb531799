// SPDX-License-Identifier: GPL-2.0-only
/*
 * Devices that must not be handed to users: an untrusted user of these can
 * upset the host, by the errata that their maker published.
 */
#include <linux/pci.h>

#include "vfio_pci.h"

static const struct pci_device_id vfio_pci_denylist[] = {
	{ PCI_VDEVICE(INTEL, PCI_DEVICE_ID_INTEL_QAT_C3XXX) },
	{ PCI_VDEVICE(INTEL, PCI_DEVICE_ID_INTEL_QAT_C3XXX_VF) },
	{ PCI_VDEVICE(INTEL, PCI_DEVICE_ID_INTEL_QAT_C62X) },
	{ PCI_VDEVICE(INTEL, PCI_DEVICE_ID_INTEL_QAT_C62X_VF) },
	{ PCI_VDEVICE(INTEL, PCI_DEVICE_ID_INTEL_QAT_DH895XCC) },
	{ PCI_VDEVICE(INTEL, PCI_DEVICE_ID_INTEL_QAT_DH895XCC_VF) },
	{ PCI_VDEVICE(INTEL, PCI_DEVICE_ID_INTEL_DSA_SPR0) },
	{ PCI_VDEVICE(INTEL, PCI_DEVICE_ID_INTEL_IAX_SPR0) },
	{}
};

/**
 * vfio_pci_is_denylisted() - refuse a function?
 * @pdev: the function
 * @disabled: the administrator took the denylist out of force
 *
 * Return: true if the bind must fail.
 */
bool vfio_pci_is_denylisted(struct pci_dev *pdev, bool disabled)
{
	if (!pci_match_id(vfio_pci_denylist, pdev))
		return false;

	if (disabled) {
		pci_warn(pdev, "%04x:%04x is on the denylist, allowed by disable_denylist\n",
			 pdev->vendor, pdev->device);
		return false;
	}

	pci_warn(pdev, "%04x:%04x is on the denylist: its errata endanger the host; disable_denylist=1 allows it\n",
		 pdev->vendor, pdev->device);
	return true;
}
