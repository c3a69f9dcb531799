// SPDX-License-Identifier: GPL-2.0-only
/*
 * Devices that must not be handed to users: an untrusted user of these can
 * upset the host, by the errata that their maker published.
 */
#include <linux/pci.h>

#include "vfio_pci.h"

static bool vfio_pci_has_known_errata(struct pci_dev *pdev)
{
	if (pdev->vendor != PCI_VENDOR_ID_INTEL)
		return false;

	switch (pdev->device) {
	case PCI_DEVICE_ID_INTEL_QAT_C3XXX:
	case PCI_DEVICE_ID_INTEL_QAT_C3XXX_VF:
	case PCI_DEVICE_ID_INTEL_QAT_C62X:
	case PCI_DEVICE_ID_INTEL_QAT_C62X_VF:
	case PCI_DEVICE_ID_INTEL_QAT_DH895XCC:
	case PCI_DEVICE_ID_INTEL_QAT_DH895XCC_VF:
	case PCI_DEVICE_ID_INTEL_DSA_SPR0:
	case PCI_DEVICE_ID_INTEL_IAX_SPR0:
		return true;
	default:
		return false;
	}
}

/**
 * vfio_pci_is_denylisted() - refuse a function?
 * @pdev: the function
 * @disabled: the administrator took the denylist out of force
 *
 * Return: true if the bind must fail.
 */
bool vfio_pci_is_denylisted(struct pci_dev *pdev, bool disabled)
{
	if (!vfio_pci_has_known_errata(pdev))
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
