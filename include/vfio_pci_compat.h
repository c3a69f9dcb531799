/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kernel differences of this project: all of them, and only here and in
 * vfio_pci_compat_mm.h.
 *
 * HAVE_* comes from probes.mk, which names the kernel that changed each.
 */
#ifndef VFIO_PCI_COMPAT_H
#define VFIO_PCI_COMPAT_H

#include <linux/err.h>
#include <linux/io.h>
#include <linux/pci.h>
#include <linux/pci-p2pdma.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/vfio.h>
#include <linux/vfio_pci_core.h>

/* On the denylist, and missing from pci_ids.h before 2024. */
#ifndef PCI_DEVICE_ID_INTEL_DSA_SPR0
#define PCI_DEVICE_ID_INTEL_DSA_SPR0	0x0b25
#endif
#ifndef PCI_DEVICE_ID_INTEL_IAX_SPR0
#define PCI_DEVICE_ID_INTEL_IAX_SPR0	0x0cfe
#endif

/**
 * struct vfio_pci_params - the module parameters that vfio-pci-core acts on
 * @nointxmask: no PCI 2.3 INTx masking
 * @disable_vga: no VGA region
 * @disable_idle_d3: no D3 for devices without a user
 */
struct vfio_pci_params {
	bool nointxmask;
	bool disable_vga;
	bool disable_idle_d3;
};

#ifdef HAVE_VFIO_PCI_SET_PARAMS

/* vfio-pci-core takes them once, for all devices, when the module loads. */
static inline void vfio_pci_params_apply_all(const struct vfio_pci_params *p)
{
	vfio_pci_core_set_params(p->nointxmask, p->disable_vga,
				 p->disable_idle_d3);
}

static inline void vfio_pci_params_apply(struct vfio_pci_core_device *vdev,
					 const struct vfio_pci_params *p)
{
}

#else

static inline void vfio_pci_params_apply_all(const struct vfio_pci_params *p)
{
}

static inline void vfio_pci_params_apply(struct vfio_pci_core_device *vdev,
					 const struct vfio_pci_params *p)
{
	vdev->nointxmask = p->nointxmask;
	vdev->disable_vga = p->disable_vga;
	vdev->disable_idle_d3 = p->disable_idle_d3;
}

#endif

#ifdef HAVE_DMA_BUF_PHYS_VEC
#define vfio_pci_compat_phys_vec	dma_buf_phys_vec
#else
#define vfio_pci_compat_phys_vec	phys_vec
#endif

#ifdef HAVE_VFIO_PCI_DEVICE_OPS

static inline struct p2pdma_provider *
vfio_pci_compat_p2pdma_provider(struct pci_dev *pdev, int bar)
{
	return pcim_p2pdma_provider(pdev, bar);
}

static inline void
vfio_pci_compat_share(struct vfio_pci_core_device *vdev,
		      const struct vfio_pci_device_ops *pci_ops)
{
	vdev->pci_ops = pci_ops;
}

#else

/* Without dma-bufs, nobody asks what to export. */
struct p2pdma_provider;
struct vfio_pci_compat_phys_vec;
struct vfio_region_dma_range;

struct vfio_pci_device_ops {
	int (*get_dmabuf_phys)(struct vfio_pci_core_device *vdev,
			       struct p2pdma_provider **provider,
			       unsigned int region_index,
			       struct vfio_pci_compat_phys_vec *phys_vec,
			       struct vfio_region_dma_range *dma_ranges,
			       size_t nr_ranges);
};

static inline int
vfio_pci_core_get_dmabuf_phys(struct vfio_pci_core_device *vdev,
			      struct p2pdma_provider **provider,
			      unsigned int region_index,
			      struct vfio_pci_compat_phys_vec *phys_vec,
			      struct vfio_region_dma_range *dma_ranges,
			      size_t nr_ranges)
{
	return -EOPNOTSUPP;
}

static inline int
vfio_pci_core_fill_phys_vec(struct vfio_pci_compat_phys_vec *phys_vec,
			    struct vfio_region_dma_range *dma_ranges,
			    size_t nr_ranges, phys_addr_t start,
			    phys_addr_t len)
{
	return -EOPNOTSUPP;
}

static inline struct p2pdma_provider *
vfio_pci_compat_p2pdma_provider(struct pci_dev *pdev, int bar)
{
	return NULL;
}

static inline void
vfio_pci_compat_share(struct vfio_pci_core_device *vdev,
		      const struct vfio_pci_device_ops *pci_ops)
{
}

#endif /* HAVE_VFIO_PCI_DEVICE_OPS */

/*
 * driver_override of a function. Callers hold the lock of the device: until the
 * override got a lock of its own, with its move to struct device, that guarded it.
 * NULL for a name clears it.
 */
#ifdef HAVE_PCI_DRIVER_OVERRIDE

static inline bool vfio_pci_compat_overridden(struct pci_dev *pdev)
{
	return pdev->driver_override;
}

static inline bool
vfio_pci_compat_overridden_by(struct pci_dev *pdev,
			      const struct device_driver *driver)
{
	return pdev->driver_override &&
	       !strcmp(pdev->driver_override, driver->name);
}

static inline int vfio_pci_compat_override(struct pci_dev *pdev,
					   const char *name)
{
	const char *old = pdev->driver_override;
	char *override = NULL;

	if (name) {
		override = kstrdup(name, GFP_KERNEL);
		if (!override)
			return -ENOMEM;
	}

	pdev->driver_override = override;
	kfree(old);
	return 0;
}

#else

static inline bool vfio_pci_compat_overridden(struct pci_dev *pdev)
{
	return device_has_driver_override(&pdev->dev);
}

static inline bool
vfio_pci_compat_overridden_by(struct pci_dev *pdev,
			      const struct device_driver *driver)
{
	return device_match_driver_override(&pdev->dev, driver) > 0;
}

static inline int vfio_pci_compat_override(struct pci_dev *pdev,
					   const char *name)
{
	return device_set_driver_override(&pdev->dev, name ?: "");
}

#endif /* HAVE_PCI_DRIVER_OVERRIDE */

/**
 * vfio_pci_compat_share_bars() - let users export BARs as dma-bufs, where
 * vfio-pci-core can
 * @vdev: a device that is not initialised yet
 *
 * A vendor whose BARs are not what the PCI core sees has device ops of its own
 * for vfio_pci_compat_share(), in its probe.
 */
static inline void vfio_pci_compat_share_bars(struct vfio_pci_core_device *vdev)
{
	static const struct vfio_pci_device_ops pci_ops = {
		.get_dmabuf_phys = vfio_pci_core_get_dmabuf_phys,
	};

	vfio_pci_compat_share(vdev, &pci_ops);
}

/**
 * vfio_pci_compat_ops_inherit() - as vfio_pci_device_ops_inherit(), for the
 * callbacks that not every kernel has
 * @ops: device ops of a vendor
 */
static inline void vfio_pci_compat_ops_inherit(struct vfio_device_ops *ops)
{
#ifdef HAVE_VFIO_IOMMUFD
	ops->bind_iommufd = ops->bind_iommufd ?: vfio_iommufd_physical_bind;
	ops->unbind_iommufd = ops->unbind_iommufd ?: vfio_iommufd_physical_unbind;
	ops->attach_ioas = ops->attach_ioas ?: vfio_iommufd_physical_attach_ioas;
#endif
#ifdef HAVE_VFIO_DETACH_IOAS
	ops->detach_ioas = ops->detach_ioas ?: vfio_iommufd_physical_detach_ioas;
#endif
#ifdef HAVE_VFIO_PASID_IOAS
	ops->pasid_attach_ioas = ops->pasid_attach_ioas ?:
				 vfio_iommufd_physical_pasid_attach_ioas;
	ops->pasid_detach_ioas = ops->pasid_detach_ioas ?:
				 vfio_iommufd_physical_pasid_detach_ioas;
#endif
#ifdef HAVE_VFIO_MATCH_TOKEN
	ops->match_token_uuid = ops->match_token_uuid ?:
				vfio_pci_core_match_token_uuid;
#endif
#ifdef HAVE_VFIO_REGION_INFO_CAPS
	ops->get_region_info_caps = ops->get_region_info_caps ?:
				    vfio_pci_ioctl_get_region_info;
#endif
}

#ifndef HAVE_VFIO_PRE_COPY

/* Without the states there is no way into them. */
#define VFIO_DEVICE_STATE_PRE_COPY	6
#define VFIO_DEVICE_STATE_PRE_COPY_P2P	7
#define VFIO_MIGRATION_PRE_COPY		0
#define VFIO_MIG_GET_PRECOPY_INFO	_IO(VFIO_TYPE, VFIO_BASE + 21)

struct vfio_precopy_info {
	__u32 argsz;
	__u32 flags;
	__aligned_u64 initial_bytes;
	__aligned_u64 dirty_bytes;
};

#endif

#ifdef HAVE_VFIO_PRECOPY_INFO_V2

static inline bool vfio_pci_compat_precopy_v2(const struct vfio_device *vdev)
{
	return vdev->precopy_info_v2;
}

#else

#define VFIO_PRECOPY_INFO_REINIT	BIT(0)

static inline bool vfio_pci_compat_precopy_v2(const struct vfio_device *vdev)
{
	return false;
}

#endif

/*
 * Where the symbols of iova_bitmap are in a namespace, it is this one. As
 * MODULE_IMPORT_NS(), whose argument became a string in 6.13.
 */
#define VFIO_PCI_COMPAT_IMPORT_IOVA_BITMAP() \
	MODULE_INFO(import_ns, "IOMMUFD")

/**
 * vfio_pci_compat_has_iova_bitmap() - does iova_bitmap_set() do anything?
 *
 * Return: true if so. If not, VFIO must not be told that there is a log: it
 * would start one and not be able to read it.
 */
static inline bool vfio_pci_compat_has_iova_bitmap(void)
{
#ifdef HAVE_IOVA_BITMAP_IN_IOMMUFD
	return IS_ENABLED(CONFIG_IOMMUFD_DRIVER);
#else
	return true;
#endif
}

/**
 * vfio_pci_compat_iomap() - the kernel mapping of a BAR
 * @vdev: the device, enabled but not yet open to users
 * @bar: a memory BAR that is there
 *
 * The mapping is that of vfio-pci-core, which undoes it at the last close.
 *
 * Return: the mapping, or an ERR_PTR.
 */
static inline void __iomem *
vfio_pci_compat_iomap(struct vfio_pci_core_device *vdev, unsigned int bar)
{
#if defined(HAVE_VFIO_PCI_GET_IOMAP)
	return vfio_pci_core_get_iomap(vdev, bar);
#elif defined(HAVE_VFIO_PCI_SETUP_BARMAP)
	int ret = vfio_pci_core_setup_barmap(vdev, bar);

	return ret ? IOMEM_ERR_PTR(ret) : vdev->barmap[bar];
#else
	void __iomem *io = vdev->barmap[bar];
	int ret;

	if (io)
		return io;

	ret = pci_request_selected_regions(vdev->pdev, 1 << bar, "vfio-pci");
	if (ret)
		return IOMEM_ERR_PTR(ret);

	io = pci_iomap(vdev->pdev, bar, 0);
	if (!io) {
		pci_release_selected_regions(vdev->pdev, 1 << bar);
		return IOMEM_ERR_PTR(-ENOMEM);
	}

	vdev->barmap[bar] = io;
	return io;
#endif
}

/*
 * Region info of regions that a vendor makes up. A vendor writes one
 * vfio_pci_region_info_t that ends with vfio_pci_compat_region_info_core() for
 * the regions that are not its own, has VFIO_PCI_REGION_INFO() of it among its
 * device ops, and lets its ioctl answer VFIO_DEVICE_GET_REGION_INFO, which only
 * reaches it in kernels without the callback, by
 * vfio_pci_compat_region_info_ioctl().
 */
typedef int (*vfio_pci_region_info_t)(struct vfio_device *core_vdev,
				      struct vfio_region_info *info,
				      struct vfio_info_cap *caps);

#ifdef HAVE_VFIO_REGION_INFO_CAPS

#define VFIO_PCI_REGION_INFO(fn)	.get_region_info_caps = fn,

static inline int
vfio_pci_compat_region_info_core(struct vfio_device *core_vdev,
				 struct vfio_region_info *info,
				 struct vfio_info_cap *caps)
{
	return vfio_pci_ioctl_get_region_info(core_vdev, info, caps);
}

static inline long
vfio_pci_compat_region_info_ioctl(struct vfio_device *core_vdev,
				  unsigned long arg, vfio_pci_region_info_t fn)
{
	return -ENOTTY;
}

#else

#define VFIO_PCI_REGION_INFO(...)

/* Only says so: vfio-pci-core reads the request itself. */
static inline int
vfio_pci_compat_region_info_core(struct vfio_device *core_vdev,
				 struct vfio_region_info *info,
				 struct vfio_info_cap *caps)
{
	return -EOPNOTSUPP;
}

static inline int
vfio_pci_compat_region_info_caps(struct vfio_region_info *info,
				 struct vfio_info_cap *caps, void __user *user)
{
	if (!caps->size)
		return 0;

	info->flags |= VFIO_REGION_INFO_FLAG_CAPS;
	info->cap_offset = 0;
	if (info->argsz < sizeof(*info) + caps->size) {
		info->argsz = sizeof(*info) + caps->size;
		return 0;
	}

	vfio_info_cap_shift(caps, sizeof(*info));
	if (copy_to_user(user + sizeof(*info), caps->buf, caps->size))
		return -EFAULT;

	info->cap_offset = sizeof(*info);
	return 0;
}

static inline long
vfio_pci_compat_region_info_ioctl(struct vfio_device *core_vdev,
				  unsigned long arg, vfio_pci_region_info_t fn)
{
	size_t minsz = offsetofend(struct vfio_region_info, offset);
	void __user *user = (void __user *)arg;
	struct vfio_region_info info = {};
	struct vfio_info_cap caps = {};
	int ret;

	if (copy_from_user(&info, user, minsz))
		return -EFAULT;
	if (info.argsz < minsz)
		return -EINVAL;

	ret = fn(core_vdev, &info, &caps);
	if (ret == -EOPNOTSUPP)
		return vfio_pci_core_ioctl(core_vdev,
					   VFIO_DEVICE_GET_REGION_INFO, arg);
	if (!ret)
		ret = vfio_pci_compat_region_info_caps(&info, &caps, user);
	if (!ret && copy_to_user(user, &info, minsz))
		ret = -EFAULT;

	kfree(caps.buf);
	return ret;
}

#endif /* HAVE_VFIO_REGION_INFO_CAPS */

#endif /* VFIO_PCI_COMPAT_H */
