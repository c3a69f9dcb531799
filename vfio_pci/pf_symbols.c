// SPDX-License-Identifier: GPL-2.0-only
/*
 * Late binding to the driver of a PF. The functions are documented in the header.
 */
#include <linux/async.h>
#include <linux/kmod.h>
#include <linux/module.h>
#include <linux/pci.h>
#include <linux/rcupdate.h>

#include "vfio_pci_pf_symbols.h"

static void **vfio_pci_pf_symbol_at(void *base,
				    const struct vfio_pci_pf_symbol *symbol)
{
	return base + symbol->offset;
}

bool vfio_pci_pf_symbols_get(void *to, const struct vfio_pci_pf_symbol *symbols,
			     size_t nr)
{
	void **at;
	size_t i;

	for (i = 0; i < nr; i++) {
		at = vfio_pci_pf_symbol_at(to, &symbols[i]);
		*at = __symbol_get(symbols[i].name);
		if (!*at) {
			vfio_pci_pf_symbols_put(to, symbols, i);
			return false;
		}
	}

	return true;
}

void vfio_pci_pf_symbols_put(void *from,
			     const struct vfio_pci_pf_symbol *symbols,
			     size_t nr)
{
	void **at;
	size_t i;

	for (i = 0; i < nr; i++) {
		at = vfio_pci_pf_symbol_at(from, &symbols[i]);
		if (*at)
			__symbol_put(symbols[i].name);
		*at = NULL;
	}
}

static int vfio_pci_pf_module_get(struct module *module)
{
	if (!module)
		return 0;

	/* try_module_get() also succeeds while the module is being loaded. */
	if (READ_ONCE(module->state) != MODULE_STATE_LIVE ||
	    !try_module_get(module))
		return -EAGAIN;

	return 0;
}

int vfio_pci_pf_driver_get(struct pci_dev *vf, const char *name,
			   struct module **module)
{
	struct pci_driver *driver;
	int ret;

	/*
	 * The PCI core clears the driver of a function before the module of the
	 * driver is freed, and the module is freed after a grace period.
	 */
	rcu_read_lock();
	driver = READ_ONCE(pci_physfn(vf)->driver);
	if (driver && !strcmp(driver->name, name)) {
		*module = driver->driver.owner;
		ret = vfio_pci_pf_module_get(*module);
	} else {
		ret = -ENOENT;
	}
	rcu_read_unlock();
	return ret;
}

/*
 * A process that loads a module waits until every asynchronous probe has ended,
 * and until the modules that this one depends on are live. If this probe were
 * asynchronous, it would wait for itself. If one of those modules were still being
 * loaded, its driver could wait for the device lock that is held here.
 */
int vfio_pci_pf_module_load(const char *name)
{
	int ret;

	if (current_is_async())
		return -EBUSY;

	ret = request_module("%s", name);
	return ret > 0 ? -EINVAL : ret;
}
