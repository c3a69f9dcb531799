// SPDX-License-Identifier: GPL-2.0-only
/*
 * vfio-pci: the module, its parameters and its one PCI driver.
 *
 * A drop-in for the driver of the same name in the kernel: what an
 * administrator or a tool can see of that one is the same here, and the vendor
 * table comes on top.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/pci.h>
#include <linux/vfio_pci_core.h>

#include "vfio_pci.h"

static char ids[1024] __initdata;
module_param_string(ids, ids, sizeof(ids), 0);
MODULE_PARM_DESC(ids, "Dynamic ids to start with, comma-separated: vendor:device[:subvendor[:subdevice[:class[:class_mask]]]]");

/* Points into the arguments of the module, which the kernel keeps. */
static const char *devices = "";

static int devices_set(const char *val, const struct kernel_param *kp)
{
	devices = val ?: "";
	return 0;
}

static int devices_get(char *buf, const struct kernel_param *kp)
{
	return scnprintf(buf, PAGE_SIZE, "%s\n", devices);
}

/* Of any length: a charp that is too long would keep the module from loading. */
static const struct kernel_param_ops devices_param_ops = {
	.flags = KERNEL_PARAM_OPS_FL_NOARG,
	.set = devices_set,
	.get = devices_get,
};

module_param_cb(devices, &devices_param_ops, NULL, 0444);
__MODULE_PARM_TYPE(devices, "charp");
MODULE_PARM_DESC(devices, "Functions to bind, now and when they appear, comma-separated: [domain:]bus:device.function[/device.function]...; \"*\" for all functions of the last device");

struct vfio_pci_params vfio_pci_params = {
	.disable_vga = !IS_ENABLED(CONFIG_VFIO_PCI_VGA),
};

module_param_named(nointxmask, vfio_pci_params.nointxmask, bool, 0644);
MODULE_PARM_DESC(nointxmask, "Do not mask INTx the PCI 2.3 way, for devices that claim it and get it wrong");

#ifdef CONFIG_VFIO_PCI_VGA
module_param_named(disable_vga, vfio_pci_params.disable_vga, bool, 0444);
MODULE_PARM_DESC(disable_vga, "Give users no access to the legacy VGA ranges");
#endif

module_param_named(disable_idle_d3, vfio_pci_params.disable_idle_d3, bool, 0644);
MODULE_PARM_DESC(disable_idle_d3, "Leave devices that nobody uses in D0");

static bool enable_sriov;
#ifdef CONFIG_PCI_IOV
module_param(enable_sriov, bool, 0644);
MODULE_PARM_DESC(enable_sriov, "Let sriov_numvfs enable VFs of a PF bound here; its user decides whether they work");
#endif

static bool disable_denylist;
module_param(disable_denylist, bool, 0444);
MODULE_PARM_DESC(disable_denylist, "Bind devices whose errata let an untrusted user endanger the host");

static struct vfio_pci_policy vendor_ops_policy;

/*
 * The parameters of the command line are set before vfio_pci_init() runs, and
 * later ones come from sysfs.
 */
static bool vendor_ops_refuse __ro_after_init;

#define VENDOR_OPS_VALID \
	"valid: on, off, or a comma-separated list, all with or all without a leading \"-\", of: %s\n"

static void vendor_ops_left_out(const char *word, size_t len, const char *fault)
{
	char names[128];

	vfio_pci_vendor_list(names, sizeof(names), ~0UL, " ", "");
	pr_warn("vendor_ops: \"%*pE\" is %s, left out; " VENDOR_OPS_VALID,
		min_t(int, len, 64), word, fault, names);
}

/* Never fails: the module must load, as other parameters count on it. */
static void vendor_ops_salvage(const char *val)
{
	struct vfio_pci_policy policy;
	char taken[128];

	if (!val || !val[strspn(val, VFIO_PCI_POLICY_WORD_END)]) {
		pr_warn("vendor_ops: there is no value, ignored\n");
		return;
	}

	policy = vfio_pci_policy_salvage(val, vendor_ops_left_out);
	vfio_pci_policy_format(policy, taken, sizeof(taken));
	pr_warn("vendor_ops: set to \"%s\" in place of \"%*pE\"\n", taken,
		min_t(int, strlen(val), 256), val);
	WRITE_ONCE(vendor_ops_policy.word, policy.word);
}

static int vendor_ops_set(const char *val, const struct kernel_param *kp)
{
	const char *fault = "missing", *word = NULL;
	struct vfio_pci_policy policy;
	char names[128];

	if (val)
		fault = vfio_pci_policy_parse(val, &policy, &word);
	if (!fault) {
		WRITE_ONCE(vendor_ops_policy.word, policy.word);
		return 0;
	}

	if (!vendor_ops_refuse) {
		vendor_ops_salvage(val);
		return 0;
	}

	vfio_pci_vendor_list(names, sizeof(names), ~0UL, " ", "");
	pr_err("vendor_ops: \"%*pE\" is %s; " VENDOR_OPS_VALID,
	       min_t(int, strcspn(word, VFIO_PCI_POLICY_ITEM_END), 64), word,
	       fault, names);
	return -EINVAL;
}

static int vendor_ops_get(char *buf, const struct kernel_param *kp)
{
	struct vfio_pci_policy policy = {
		.word = READ_ONCE(vendor_ops_policy.word),
	};
	int len;

	len = vfio_pci_policy_format(policy, buf, PAGE_SIZE - 1);
	buf[len++] = '\n';
	return len;
}

static const struct kernel_param_ops vendor_ops_param_ops = {
	.flags = KERNEL_PARAM_OPS_FL_NOARG,
	.set = vendor_ops_set,
	.get = vendor_ops_get,
};

module_param_cb(vendor_ops, &vendor_ops_param_ops, NULL, 0644);
__MODULE_PARM_TYPE(vendor_ops, "charp");
MODULE_PARM_DESC(vendor_ops, "Vendors for later binds: on (default), off, some (igd,...), or all but some (-igd,...)");

static int vfio_pci_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	struct vfio_pci_policy policy = {
		.word = READ_ONCE(vendor_ops_policy.word),
	};
	struct vfio_pci_core_device *vdev;
	int ret;

	if (vfio_pci_is_denylisted(pdev, disable_denylist))
		return -EINVAL;

	vdev = vfio_pci_select(pdev, policy);
	if (IS_ERR(vdev))
		return PTR_ERR(vdev);

	dev_set_drvdata(&pdev->dev, vdev);
	ret = vfio_pci_core_register_device(vdev);
	if (ret) {
		vfio_pci_explain_failure(pdev, ret);
		vfio_put_device(&vdev->vdev);
		return ret;
	}

	vfio_pci_explain_group(pdev);
	if (policy.mode != VFIO_PCI_POLICY_OFF)
		vfio_pci_log_announce(pdev);
	return 0;
}

static void vfio_pci_remove(struct pci_dev *pdev)
{
	struct vfio_pci_core_device *vdev = dev_get_drvdata(&pdev->dev);

	vfio_pci_core_unregister_device(vdev);
	vfio_put_device(&vdev->vdev);
}

static int vfio_pci_sriov_configure(struct pci_dev *pdev, int nr_virtfn)
{
	if (!enable_sriov)
		return -ENOENT;

	return vfio_pci_core_sriov_configure(dev_get_drvdata(&pdev->dev),
					     nr_virtfn);
}

static void vfio_pci_reset_prepare(struct pci_dev *pdev)
{
	struct vfio_pci_core_device *vdev = dev_get_drvdata(&pdev->dev);
	const struct vfio_pci_vendor_ops *ops = vfio_pci_vendor_of(vdev);

	if (ops->reset_prepare)
		ops->reset_prepare(vdev);
}

static void vfio_pci_reset_done(struct pci_dev *pdev)
{
	struct vfio_pci_core_device *vdev = dev_get_drvdata(&pdev->dev);
	const struct vfio_pci_vendor_ops *ops = vfio_pci_vendor_of(vdev);

	if (ops->reset_done)
		ops->reset_done(vdev);
}

static const struct pci_error_handlers vfio_pci_err_handlers = {
	.error_detected	= vfio_pci_core_aer_err_detected,
	.reset_prepare	= vfio_pci_reset_prepare,
	.reset_done	= vfio_pci_reset_done,
};

static struct pci_driver vfio_pci_driver = {
	.name			= "vfio-pci",
	.id_table		= vfio_pci_ids,
	.probe			= vfio_pci_probe,
	.remove			= vfio_pci_remove,
	.sriov_configure	= vfio_pci_sriov_configure,
	.err_handler		= &vfio_pci_err_handlers,
	.groups			= vfio_pci_driver_groups,
	.dev_groups		= vfio_pci_device_groups,
	.driver_managed_dma	= true,
};

static int __init vfio_pci_init(void)
{
	int ret;

	vendor_ops_refuse = true;
	vfio_pci_vendor_table_init();
	vfio_pci_params_apply_all(&vfio_pci_params);

	ret = pci_register_driver(&vfio_pci_driver);
	if (ret)
		return ret;

	ret = vfio_pci_devices_init(devices, &vfio_pci_driver.driver);
	if (ret) {
		pci_unregister_driver(&vfio_pci_driver);
		return ret;
	}

	vfio_pci_add_ids(&vfio_pci_driver, ids);

	if (disable_denylist)
		pr_warn("the denylist is disabled\n");
	return 0;
}
module_init(vfio_pci_init);

static void __exit vfio_pci_exit(void)
{
	pci_unregister_driver(&vfio_pci_driver);
	vfio_pci_devices_exit();
}
module_exit(vfio_pci_exit);

MODULE_LICENSE("GPL");
MODULE_AUTHOR("The vfio-pci vendor ops authors");
MODULE_DESCRIPTION("VFIO PCI driver with vendor ops");
MODULE_VERSION("0.2.0");
