# SPDX-License-Identifier: GPL-2.0-only
#
# What the headers of the kernel at hand offer. One line per interface that
# changed between 6.1 and 7.3; nothing asks for a version, so that stable and
# enterprise backports build too.
# vfio_pci_compat.h and vfio_pci_compat_mm.h are the only users of the results.

kernel-has = $(if $(shell grep -swE '$(2)' $(srctree)/include/linux/$(1)),-DHAVE_$(3))

# 6.2: iommufd: bind_iommufd, unbind_iommufd, attach_ioas
ccflags-y += $(call kernel-has,vfio.h,vfio_iommufd_physical_bind,VFIO_IOMMUFD)
# 6.3: the flags of a mapped area are set by a function
ccflags-y += $(call kernel-has,mm.h,vm_flags_set,VM_FLAGS_SET)
# 6.6: page faults may hold the lock of one area only
ccflags-y += $(call kernel-has,mm.h,release_fault_lock,RELEASE_FAULT_LOCK)
# 6.6: iommufd: detach_ioas
ccflags-y += $(call kernel-has,vfio.h,vfio_iommufd_physical_detach_ioas,VFIO_DETACH_IOAS)
# 6.8: BARs are mapped by an exported function
ccflags-y += $(call kernel-has,vfio_pci_core.h,vfio_pci_core_setup_barmap,VFIO_PCI_SETUP_BARMAP)
# 6.9: a user mapping can tell KVM that it may be uncached memory
ccflags-y += $(call kernel-has,mm.h,VM_ALLOW_ANY_UNCACHED,VM_ALLOW_ANY_UNCACHED)
# until 6.10: vfio-pci-core lists the mapped areas of a device
ccflags-y += $(call kernel-has,vfio_pci_core.h,vma_list,VFIO_VMA_LIST)
# 6.12: asm/unaligned.h moved to linux/unaligned.h
ccflags-y += $(if $(wildcard $(srctree)/include/linux/unaligned.h),-DHAVE_LINUX_UNALIGNED)
# 6.15: iommufd: pasid_attach_ioas, pasid_detach_ioas
ccflags-y += $(call kernel-has,vfio.h,vfio_iommufd_physical_pasid_attach_ioas,VFIO_PASID_IOAS)
# 6.17: the VF token is matched by a callback, which is mandatory
ccflags-y += $(call kernel-has,vfio_pci_core.h,vfio_pci_core_match_token_uuid,VFIO_MATCH_TOKEN)
# until 6.17: page frame numbers had a type of their own
ccflags-y += $(if $(wildcard $(srctree)/include/linux/pfn_t.h),-DHAVE_PFN_T)
# 6.19: BARs as dma-bufs: pci_ops of the device
ccflags-y += $(call kernel-has,vfio_pci_core.h,vfio_pci_device_ops,VFIO_PCI_DEVICE_OPS)
# until 6.19: struct phys_vec of dma-bufs had another name
ccflags-y += $(call kernel-has,vfio_pci_core.h,dma_buf_phys_vec,DMA_BUF_PHYS_VEC)
# 6.19: region info left the ioctl callback for one of its own
ccflags-y += $(call kernel-has,vfio.h,get_region_info_caps,VFIO_REGION_INFO_CAPS)
# 7.2: nointxmask, disable_vga and disable_idle_d3 became fields of the device
ccflags-y += $(call kernel-has,vfio_pci_core.h,vfio_pci_core_set_params,VFIO_PCI_SET_PARAMS)
# 7.2: BARs are mapped when the device is enabled
ccflags-y += $(call kernel-has,vfio_pci_core.h,vfio_pci_core_get_iomap,VFIO_PCI_GET_IOMAP)
# 6.19: __vfio_pci_memory_enabled() is exported
ccflags-y += $(call kernel-has,vfio_pci_core.h,__vfio_pci_memory_enabled,VFIO_PCI_MEMORY_ENABLED)
# 6.19: memory failures reach memory that has no struct page
ccflags-y += $(call kernel-has,memory-failure.h,register_pfn_address_space,PFN_ADDRESS_SPACE)
# 6.2: the states of pre-copy, and migration_get_data_size, which is mandatory
ccflags-y += $(call kernel-has,../uapi/linux/vfio.h,VFIO_MIG_GET_PRECOPY_INFO,VFIO_PRE_COPY)
ccflags-y += $(call kernel-has,vfio.h,migration_get_data_size,VFIO_MIG_DATA_SIZE)
# 6.8 at the latest: iova_bitmap moved to iommufd and may be missing
ccflags-y += $(call kernel-has,iova_bitmap.h,CONFIG_IOMMUFD_DRIVER,IOVA_BITMAP_IN_IOMMUFD)
# 7.0: precopy_info_v2 of the device, and VFIO_PRECOPY_INFO_REINIT
ccflags-y += $(call kernel-has,vfio.h,precopy_info_v2,VFIO_PRECOPY_INFO_V2)
# 6.3: mlx5: multi_load and tracking of changes; then migration in chunks
ccflags-y += $(call kernel-has,mlx5/mlx5_ifc.h,migration_multi_load,MLX5_MULTI_LOAD)
ccflags-y += $(call kernel-has,mlx5/mlx5_ifc.h,migration_in_chunks,MLX5_IN_CHUNKS)
# 7.1: mlx5: the firmware tells when there is a new initial state
ccflags-y += $(call kernel-has,mlx5/mlx5_ifc.h,MLX5_QUERY_VHCA_MIG_STATE_OPER_MIGRATION_INIT,MLX5_MIGRATION_STATE)
# 6.6: mlx5: mlx5_vector2eqn and mlx5_comp_vectors_count were renamed
ccflags-y += $(call kernel-has,mlx5/driver.h,mlx5_comp_eqn_get,MLX5_COMP_EQN_GET)
# 6.8: virtio: admin commands for VFs, by functions of virtio_pci
ccflags-y += $(if $(wildcard $(srctree)/include/linux/virtio_pci_admin.h),-DHAVE_VIRTIO_PCI_ADMIN)
# until 7.1, but not in later stable kernels: driver_override is a field of struct pci_dev
ccflags-y += $(call kernel-has,pci.h,driver_override;,PCI_DRIVER_OVERRIDE)
