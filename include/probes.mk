# SPDX-License-Identifier: GPL-2.0-only
#
# What the headers of the kernel at hand offer. One line per interface that
# changed between 6.1 and 7.3; nothing asks for a version, so that stable and
# enterprise backports build too.
# vfio_pci_compat.h is the only user of the results.

kernel-has = $(if $(shell grep -swE '$(2)' $(srctree)/include/linux/$(1)),-DHAVE_$(3))

# 6.2: iommufd: bind_iommufd, unbind_iommufd, attach_ioas
ccflags-y += $(call kernel-has,vfio.h,vfio_iommufd_physical_bind,VFIO_IOMMUFD)
# 6.6: iommufd: detach_ioas
ccflags-y += $(call kernel-has,vfio.h,vfio_iommufd_physical_detach_ioas,VFIO_DETACH_IOAS)
# 6.12: asm/unaligned.h moved to linux/unaligned.h
ccflags-y += $(if $(wildcard $(srctree)/include/linux/unaligned.h),-DHAVE_LINUX_UNALIGNED)
# 6.15: iommufd: pasid_attach_ioas, pasid_detach_ioas
ccflags-y += $(call kernel-has,vfio.h,vfio_iommufd_physical_pasid_attach_ioas,VFIO_PASID_IOAS)
# 6.18: the VF token is matched by a callback, which is mandatory
ccflags-y += $(call kernel-has,vfio_pci_core.h,vfio_pci_core_match_token_uuid,VFIO_MATCH_TOKEN)
# 6.19: BARs as dma-bufs: pci_ops of the device
ccflags-y += $(call kernel-has,vfio_pci_core.h,vfio_pci_device_ops,VFIO_PCI_DEVICE_OPS)
# 7.0: region info left the ioctl callback for one of its own
ccflags-y += $(call kernel-has,vfio.h,get_region_info_caps,VFIO_REGION_INFO_CAPS)
# 7.3: nointxmask, disable_vga and disable_idle_d3 became fields of the device
ccflags-y += $(call kernel-has,vfio_pci_core.h,vfio_pci_core_set_params,VFIO_PCI_SET_PARAMS)
