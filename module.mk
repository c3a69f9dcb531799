# SPDX-License-Identifier: GPL-2.0-only
#
# Build vfio-pci.ko: "make module KVER=... KDIR=...". The whole Makefile of what
# DKMS builds (see scripts/dkms-tree.sh), and a part of that of the project.

# The kernel to build for: the running one when its headers are here, else the
# newest whose headers are. KDIR=... names a header tree directly. "make kernels"
# fetches others, below build/kernels, and KVER=... then names one of them.
ifdef KDIR
KVER ?= $(or $(shell sed -n 's/^.define UTS_RELEASE "\(.*\)"/\1/p' \
	  $(KDIR)/include/generated/utsrelease.h 2>/dev/null),unknown)
else
KVER ?= $(or $(patsubst /lib/modules/%/build,%,\
	  $(or $(wildcard /lib/modules/$(shell uname -r)/build),\
	       $(shell ls -dv /lib/modules/*/build 2>/dev/null | tail -n 1))),\
	  unknown)
endif
# DKMS 3.0 reads the name of the compiler from a make, which says "make[1]: Entering
# directory" in front of it where DKMS itself was started by one.
ifneq ($(and $(filter environment,$(origin CC)),$(filter %:,$(CC))),)
unexport CC
endif
FETCHED := $(CURDIR)/build/kernels/$(KVER)
KDIR ?= $(firstword $(wildcard /lib/modules/$(KVER)/build \
	  $(FETCHED)/usr/src/linux-headers-$(KVER)) /lib/modules/$(KVER)/build)
BUILD := build/$(KVER)
SOURCES := Kbuild include vfio_pci vendor

# Objects stay out of the source tree: Kbuild works on a farm of links to it.
.PHONY: module
module:
	@$(IN_ROOT) include/header-tree.sh $(KDIR) $(KVER)
	@mkdir -p $(BUILD)
	@find $(BUILD) -xtype l -delete
	@cp -rsf $(addprefix $(CURDIR)/,$(SOURCES)) $(BUILD)
	$(IN_ROOT) $(MAKE) -C $(KDIR) M=$(CURDIR)/$(BUILD) modules
