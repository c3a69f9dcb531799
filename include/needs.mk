# SPDX-License-Identifier: GPL-2.0-only
#
# What every kernel must offer: a build without it stops, and says what it is.
# All of it is there since 6.1. Functions of vfio-pci-core must be declared and
# exported; of the rest, as HEADER:NAME, the headers tell enough.

vfio-core-functions := $(addprefix vfio_pci_core_, \
	aer_err_detected close_device disable enable finish_enable init_dev \
	ioctl ioctl_feature match mmap read register_dev_region \
	register_device release_dev request sriov_configure \
	unregister_device write)
vfio-needed := $(vfio-core-functions:%=vfio_pci_core.h:%) \
	vfio.h:_vfio_alloc_device vfio.h:vfio_put_device vfio.h:device_feature \
	pci.h:driver_managed_dma pci.h:pci_add_dynid \
	pci.h:PCI_DRIVER_OVERRIDE_DEVICE_VFIO iommu.h:iommu_group_for_each_dev
vfio-exported := $(vfio-core-functions) _vfio_alloc_device pci_add_dynid \
	iommu_group_for_each_dev

# Which of these does the kernel not export?
vfio-not-exported = $(shell awk -v want='$(1)' \
	'BEGIN { n = split(want, w) } { has[$$2] } \
	 END { for (i = 1; i <= n; i++) if (!(w[i] in has)) print w[i] }' \
	$(objtree)/Module.symvers)

# "make clean" reads this too, without a configuration.
ifdef CONFIG_MODULES

vfio-lacking := $(shell cd $(srctree)/include/linux && \
	printf '%s\n' $(vfio-needed) | while IFS=: read -r file name; do \
		grep -qsw "$$name" "$$file" || echo "$$name (linux/$$file)"; \
	done)
ifneq ($(vfio-lacking),)
$(error vfio-pci: the headers of this kernel, $(srctree), lack: $(vfio-lacking))
endif

ifndef CONFIG_VFIO_PCI_CORE
$(error vfio-pci: this kernel is built without CONFIG_VFIO_PCI_CORE, which vfio-pci is made of)
endif

vfio-lacking := $(call vfio-not-exported,$(vfio-exported))
ifneq ($(vfio-lacking),)
$(error vfio-pci: this kernel does not export, says $(objtree)/Module.symvers: $(vfio-lacking))
endif

endif
