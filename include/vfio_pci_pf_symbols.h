/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Late binding to the driver of a PF: its functions are looked up when a VF is
 * bound, so that vfio-pci depends on no module of a vendor.
 */
#ifndef VFIO_PCI_PF_SYMBOLS_H
#define VFIO_PCI_PF_SYMBOLS_H

#include <linux/build_bug.h>
#include <linux/compiler.h>
#include <linux/stringify.h>
#include <linux/types.h>

struct module;
struct pci_dev;

/**
 * struct vfio_pci_pf_symbol - a symbol to look up
 * @name: as it is exported
 * @offset: of the pointer that receives its address, in the caller's structure
 */
struct vfio_pci_pf_symbol {
	const char *name;
	size_t offset;
};

/**
 * VFIO_PCI_PF_SYMBOL() - an entry of a list of symbols
 * @pointer: what receives its address, as a member of a structure at NULL:
 *	((struct acme *)NULL)->do_it
 * @symbol: what is exported, with EXPORT_SYMBOL_GPL(), and declared with the type
 *	that @pointer points to
 */
#define VFIO_PCI_PF_SYMBOL(pointer, symbol)				\
	{								\
		.name	= __stringify(symbol),				\
		.offset	= (size_t)&(pointer) +				\
			  BUILD_BUG_ON_ZERO(!__same_type(typeof(pointer), \
							 &(symbol))),	\
	}

/**
 * vfio_pci_pf_symbols_get() - look up symbols, all of a list or none
 * @to: the structure that receives the addresses; its pointers are NULL if not
 *	all symbols were found
 * @symbols: what to look up
 * @nr: entries of @symbols
 *
 * Each symbol found holds a reference to the module that exports it, which can
 * not be removed until vfio_pci_pf_symbols_put(). Loads no module.
 *
 * Context: Process context; takes module_mutex in some kernels.
 * Return: true if all were found.
 */
bool vfio_pci_pf_symbols_get(void *to, const struct vfio_pci_pf_symbol *symbols,
			     size_t nr);

/**
 * vfio_pci_pf_symbols_put() - drop the references, and set the pointers to NULL
 * @from: the structure that vfio_pci_pf_symbols_get() filled in, or whose
 *	pointers are NULL
 * @symbols: what was looked up
 * @nr: entries of @symbols
 *
 * Context: Process context.
 */
void vfio_pci_pf_symbols_put(void *from,
			     const struct vfio_pci_pf_symbol *symbols,
			     size_t nr);

/**
 * vfio_pci_pf_driver_get() - hold the module that drives the PF of a VF
 * @vf: the VF
 * @name: of the driver that the caller can work with
 * @module: receives the module, for module_put(); NULL if the driver is built in
 *
 * The driver of a PF can change at any time, even while its VFs are probed, and
 * the device lock of the PF can not be taken to prevent that: whoever creates VFs
 * holds it while they are probed.
 *
 * Context: Process context.
 * Return: 0; -ENOENT if the PF has no driver or another one; -EAGAIN if the module
 * of the driver is still being loaded, or already being removed.
 */
int vfio_pci_pf_driver_get(struct pci_dev *vf, const char *name,
			   struct module **module);

/**
 * vfio_pci_pf_module_load() - have userspace load a module
 * @name: of the module
 *
 * The module must not depend on one that is not live: see the code for why that
 * could be a deadlock.
 *
 * Context: Process context, in a probe: called with the device lock of the VF
 * held, and with that of the PF if the VF was just created.
 * Return: 0 if modprobe succeeded; -EBUSY if it must not be waited for, as the
 * probe is asynchronous; -EINVAL if modprobe failed; or the errno of
 * request_module(), such as -ENOENT if there is no modprobe and -ERESTARTSYS if
 * the caller was killed.
 */
int vfio_pci_pf_module_load(const char *name);

#endif /* VFIO_PCI_PF_SYMBOLS_H */
