// SPDX-License-Identifier: GPL-2.0-only
/*
 * Late binding to mlx5_core, by way of vfio-pci-mlx5.
 */
#include <linux/kconfig.h>
#include <linux/module.h>

#include "vf.h"
#include "vfio_pci_pf_symbols.h"

static const struct vfio_pci_pf_symbol mlx5vf_symbols[] = {
	VFIO_PCI_PF_SYMBOL(((struct mlx5vf_pf *)NULL)->fns,
			   vfio_pci_mlx5_core_fns),
};

static bool mlx5vf_fns_get(struct mlx5vf_pf *pf)
{
	return vfio_pci_pf_symbols_get(pf, mlx5vf_symbols,
				       ARRAY_SIZE(mlx5vf_symbols));
}

/*
 * A driver that does not come with the kernel may have other structures than the
 * headers that this was built with. With CONFIG_MODVERSIONS the module loader
 * compares them when it links vfio-pci-mlx5 to it; without, nobody does.
 */
static bool mlx5vf_may_differ(const struct module *mlx5_core)
{
	return !IS_ENABLED(CONFIG_MODVERSIONS) && mlx5_core &&
	       test_bit(TAINT_OOT_MODULE, &mlx5_core->taints);
}

static int mlx5vf_fns_load(struct mlx5vf_pf *pf,
			   struct vfio_pci_vendor_log *log)
{
	int ret;

	ret = vfio_pci_pf_module_load("vfio-pci-mlx5");
	if (ret == -ENOMEM || ret == -ERESTARTSYS)
		return ret;
	if (ret == -EBUSY)
		return vfio_pci_vendor_decline(log,
					       "vfio-pci-mlx5 is not loaded, and an asynchronous probe can not load it: modprobe vfio-pci-mlx5, then bind again");
	if (ret)
		return vfio_pci_vendor_decline(log,
					       "vfio-pci-mlx5 can not be loaded (error %d): not installed, or built for another mlx5_core: see the kernel log",
					       ret);
	if (!mlx5vf_fns_get(pf))
		return vfio_pci_vendor_decline(log,
					       "vfio-pci-mlx5 is being removed: bind again");

	return 0;
}

static int mlx5vf_fns_check(const struct mlx5vf_core_fns *fns,
			    struct vfio_pci_vendor_log *log)
{
	if (fns->abi == MLX5VF_CORE_ABI && fns->size == sizeof(*fns) &&
	    fns->mdev_size == sizeof(struct mlx5_core_dev))
		return 0;

	return vfio_pci_vendor_decline(log,
				       "the vfio-pci-mlx5 that is loaded was not built together with this vfio-pci: rmmod both, then modprobe vfio-pci");
}

static int mlx5vf_core_bind(struct mlx5vf_pf *pf,
			    const struct module *mlx5_core,
			    struct vfio_pci_vendor_log *log)
{
	int ret;

	if (mlx5vf_may_differ(mlx5_core))
		return vfio_pci_vendor_decline(log,
					       "mlx5_core is not the one of this kernel, which can not tell whether its structures are the same (no CONFIG_MODVERSIONS): use the kernel's mlx5_core");

	if (!mlx5vf_fns_get(pf)) {
		ret = mlx5vf_fns_load(pf, log);
		if (ret)
			return ret;
	}

	return mlx5vf_fns_check(pf->fns, log);
}

/**
 * mlx5vf_core_get() - get the functions of mlx5_core
 * @pf: receives them; undone by mlx5vf_core_put(), also after an error
 * @vf: a VF of the PF
 * @log: of the probe
 *
 * Loads vfio-pci-mlx5 if need be, and only if mlx5_core drives the PF already: so
 * nothing loads mlx5_core.
 *
 * Context: Probe of @vf.
 * Return: 0; -ENODEV, declined; -ENOMEM; or -ERESTARTSYS if killed.
 */
int mlx5vf_core_get(struct mlx5vf_pf *pf, struct pci_dev *vf,
		    struct vfio_pci_vendor_log *log)
{
	struct module *mlx5_core;
	int ret;

	ret = vfio_pci_pf_driver_get(vf, "mlx5_core", &mlx5_core);
	if (ret == -EAGAIN)
		return vfio_pci_vendor_decline(log,
					       "mlx5_core is being loaded or removed: bind again when that is done");
	if (ret)
		return vfio_pci_vendor_decline(log, MLX5VF_NO_PF);

	ret = mlx5vf_core_bind(pf, mlx5_core, log);
	module_put(mlx5_core);
	return ret;
}

/**
 * mlx5vf_core_put() - let mlx5_core go
 * @pf: from mlx5vf_core_get(), or zeroed
 */
void mlx5vf_core_put(struct mlx5vf_pf *pf)
{
	vfio_pci_pf_symbols_put(pf, mlx5vf_symbols,
				ARRAY_SIZE(mlx5vf_symbols));
}
