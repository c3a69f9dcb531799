/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Device models other than that of the mock bus learn here of resets.
 */
#ifndef PCI_MOCK_RESET_H
#define PCI_MOCK_RESET_H

#include <linux/notifier.h>
#include <linux/pci.h>

/**
 * struct pci_mock_reset - a reset that the mock bus saw
 * @domain: PCI domain
 * @devfn: of the function, or, of a VF, that of its PF; both are on bus 0
 * @vf: which VF; -1 for the function itself
 */
struct pci_mock_reset {
	int domain;
	unsigned int devfn;
	int vf;
};

/* Which VF of @pf it was; -1 if it was none of them. */
static inline int pci_mock_reset_vf(const struct pci_mock_reset *reset,
				    struct pci_dev *pf)
{
	if (reset->domain != pci_domain_nr(pf->bus) || reset->devfn != pf->devfn)
		return -1;
	return reset->vf;
}

/* Called with a struct pci_mock_reset, without a lock, maybe in atomic context. */
extern struct atomic_notifier_head pci_mock_resets;

#endif /* PCI_MOCK_RESET_H */
