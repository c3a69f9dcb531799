# SPDX-License-Identifier: GPL-2.0-only
#
# A thin front for Kbuild and the scripts; "make help" lists what it does, from the
# lines that say "## GROUP: TEXT".

# As Kbuild does, but before anything is copied to half of the path.
ifneq ($(or $(word 2,$(CURDIR)),$(findstring :,$(CURDIR))),)
$(error The path "$(CURDIR)" has a space or a colon in it, and Kbuild can not build there: move the clone)
endif

.PHONY: all
all: module	## build: vfio-pci.ko, into build/KVER (KVER=... KDIR=... VENDOR_IGD=n: without igd)

include module.mk

# The build tools of another Debian need that Debian's root around them.
IN_ROOT := $(if $(filter $(FETCHED)/%,$(KDIR)),$(and \
	  $(wildcard $(FETCHED)/.in-root),scripts/in-root.sh $(FETCHED)))

# The releases that check-all builds for, installs for and boots, and the default of
# RELEASES. Those that DKMS builds for are in dkms.conf.
KERNELS ?= 6.1 6.12 7.3

# One goal at a time: -j is for the makes of Kbuild.
.NOTPARALLEL:

# Goals that first install what they need start over, to see the new headers.
RESTART = $(MAKE) --no-print-directory

# The mock bus, and, as mock, the mock PF drivers on it, too.
.PHONY: bus mock
bus: MOCK_PFS := n
mock: MOCK_PFS := m
bus mock:
	@mkdir -p $(BUILD)/mock
	@cp -rsf $(CURDIR)/tests/mock/. $(BUILD)/mock
	$(IN_ROOT) $(MAKE) -C $(KDIR) M=$(CURDIR)/$(BUILD)/mock MOCK_PFS=$(MOCK_PFS) modules
	@cp $(BUILD)/mock/*.ko $(BUILD)/
	@[ $(MOCK_PFS) = n ] || cp $(BUILD)/mock/mlx5/mlx5_core.ko $(BUILD)/mock/virtio/virtio_pci_mock.ko $(BUILD)/
	@[ $(MOCK_PFS) = n ] || cp $(BUILD)/mock/mlx5/mlx5_other_fns.ko $(BUILD)/
# Not patched, and out of tree: as another build of mlx5_core.
	@[ $(MOCK_PFS) = n ] || sed s/intree=Y/intree_Y/ $(BUILD)/mlx5_core.ko >$(BUILD)/mlx5_core_other.ko
	@[ $(MOCK_PFS) = n ] || tests/mock/kernel_crcs.pl $(BUILD)/mlx5_core.ko $(KDIR)/Module.symvers

# What is to run on the mock virtio_pci, which may have other names for its exports.
RENAMED := -include $(CURDIR)/tests/mock/virtio/rename.h

# Mainline's variant drivers, which no kernel of Debian has, from their source; after mock.
.PHONY: mainline
mainline:
	@tests/mainline/source.sh $(KVER) $(BUILD)/mainline
	@grep mock_ $(BUILD)/mock/Module.symvers >$(BUILD)/mainline/mock.symvers || :
	$(IN_ROOT) $(MAKE) -C $(KDIR) M=$(CURDIR)/$(BUILD)/mainline KCFLAGS="$(RENAMED)" \
		KBUILD_EXTRA_SYMBOLS=$(CURDIR)/$(BUILD)/mainline/mock.symvers modules
	@cp $(BUILD)/mainline/*/*.ko $(BUILD)/

.PHONY: tests
tests:
	$(MAKE) -C tests

# What the test programs want in a VM: the module with and without the vendors that
# not every build has, whatever this host has, and the mocks.
.PHONY: check-modules
check-modules: mock
	@$(RESTART) module VENDOR_MLX5=n
	@$(RESTART) module VENDOR_MLX5=y VENDOR_VIRTIO=y KCFLAGS="$(RENAMED)" BUILD=$(BUILD)/with-all
	@! tests/mainline/source.sh $(KVER) $(BUILD)/mainline || $(RESTART) mainline

.PHONY: deps
deps:	## build: install, with apt, what building and the VM tests need and is missing
	@scripts/deps.sh build vm

.PHONY: kernels
kernels:	## build: fetch the kernels that check-all runs on, to build for with KVER=...
	@scripts/deps.sh kernels
	@set -e; for release in $(KERNELS); do \
	  case $(KVER) in \
	  $$release | $$release[!0-9]*) ;; \
	  *) scripts/kernel-fetch.sh $$release ;; \
	  esac; \
	done

.PHONY: run
run: deps	## test: build, boot a VM and show Intel GPUs, edu and nvme bound and read
	@mkdir -p build
	@echo "building the module, the mock bus and the programs"
	@$(RESTART) -s module bus tests >build/run-build.log 2>&1 || { cat build/run-build.log; exit 1; }
	@$(RESTART) -s run-vm

.PHONY: run-vm
run-vm:
	@tests/vm/demo.sh -k $(KVER)

.PHONY: check
check:	## test: lint, build, installation and every test in VMs, on the kernel of this host
	@scripts/check.sh lint check-build check-packages check-install check-vm

.PHONY: check-all
check-all:	## test: the same on each supported kernel: what is not installed is fetched
	@QUICK=1 scripts/check.sh lint check-packages check-kernels check-fresh

.PHONY: check-kernels
check-kernels:
	@scripts/deps.sh build vm install kernels
	@$(RESTART) -s check-kernels-run

.PHONY: check-kernels-run
check-kernels-run:
	@KVER=$(KVER) scripts/check-kernels.sh $(KERNELS)

# SUITE=bookworm for Debian 12; COMMANDS="make (run|deb)" for those that match;
# QUICK=1, as in check-all, for those that do not take long.
SUITE ?= trixie
COMMANDS ?= .
.PHONY: check-fresh
check-fresh:	## test: what the README tells to type, in a fresh Debian 13 (SUITE=bookworm: 12)
	@scripts/deps.sh kernels
	@tests/fresh/readme_test.sh $(SUITE) "$(COMMANDS)"

.PHONY: check-selftests
check-selftests:	## test: the kernel's own VFIO selftests, on both drivers, on each kernel
	@scripts/deps.sh build vm kernels selftests
	@$(RESTART) -s check-selftests-run

# RELEASES="7.3" for fewer of them.
RELEASES ?= $(KERNELS)
.PHONY: check-selftests-run
check-selftests-run:
	@tests/selftests/build.sh
	@set -e; log=build/selftests/build.log; kvers=; \
	for release in $(RELEASES); do \
	  kver=$$(scripts/kernel-fetch.sh $$release); \
	  $(RESTART) -s module mock tests KVER=$$kver >$$log 2>&1 || { cat $$log; exit 1; }; \
	  kvers="$$kvers $$kver"; \
	done; \
	tests/selftests/check.sh $$kvers

.PHONY: check-iommufd
check-iommufd:	## test: mlx5's log of pages, and QEMU with device files, on a kernel with IOMMUFD
	@scripts/deps.sh build vm kernels
	@scripts/check.sh check-iommufd-run

.PHONY: check-iommufd-run
check-iommufd-run:
	@tests/kernel/iommufd-check.sh

# Those whose Debian kernels have VFIO.
FOREIGN ?= 6.1/arm64 6.12/arm64 6.12/ppc64el 6.12/s390x
.PHONY: check-arch
check-arch:	## test: build for arm64, ppc64le and s390x, and boot these under QEMU
	@scripts/deps.sh build vm kernels arch
	@scripts/check.sh check-arch-run

.PHONY: check-arch-run
check-arch-run:
	@tests/arch/check.sh $(FOREIGN)

.PHONY: check-build
check-build:
	@scripts/deps.sh build
	@$(RESTART) -s check-build-run

.PHONY: check-build-run
check-build-run:
	@tests/build/build_test.sh $(KVER)
	@$(IN_ROOT) tests/build/headers_test.sh $(KVER)
	@tests/build/fetch_test.sh

.PHONY: check-vm
check-vm: deps
	@$(RESTART) check-modules tests
	@tests/vm/check.sh -k $(KVER)

.PHONY: lint
lint:	## test: W=1, sparse, checkpatch, kernel-doc, coccicheck and the rest
	@scripts/deps.sh build lint
	@$(RESTART) -s lint-run

.PHONY: lint-run
lint-run:
	@KVER=$(KVER) scripts/lint.sh

.PHONY: check-install
check-install:
	@scripts/deps.sh build vm install kernels
	@$(RESTART) -s check-install-run

.PHONY: check-install-run
check-install-run:
	@tests/install/words_test.sh
	@tests/install/install_test.sh bookworm || [ $$? -eq 4 ]
	@tests/install/install_test.sh trixie || [ $$? -eq 4 ]

.PHONY: dist
dist:	## build: the source archive, into build/dist: the same bytes each time
	@scripts/dist.sh build/dist

.PHONY: check-boot
check-boot:	## test: boots of Debian 12 and 13 whose initramfs has vfio-pci, after make install
	@scripts/deps.sh build vm kernels clients
	@scripts/check.sh check-boot-run

.PHONY: check-boot-run
check-boot-run:
	@tests/install/boot.sh

.PHONY: deb
deb:	## build: the Debian package, into build/deb
	@scripts/deps.sh deb
	@scripts/deb.sh build/deb

.PHONY: rpm
rpm:	## build: the RPM package, with the same files, into build/rpm
	@scripts/deps.sh rpm
	@scripts/rpm.sh build/rpm

.PHONY: check-packages
check-packages:
	@scripts/deps.sh build deb rpm arch-package
	@$(RESTART) -s check-packages-run

.PHONY: check-packages-run
check-packages-run:
	@tests/packages/packages_test.sh $(KVER)

# Both make a root of Debian first, once, which takes minutes and needs root.
.PHONY: check-clients
check-clients:	## test: QEMU, libvirt, DPDK and driverctl, in VMs with Debian 12 and 13
	@scripts/deps.sh clients
	@scripts/check.sh check-clients-12 check-clients-13

.PHONY: check-clients-12
check-clients-12:
	@tests/debian/clients.sh -s bookworm

.PHONY: check-clients-13
check-clients-13:
	@tests/debian/clients.sh -s trixie

.PHONY: check-deb
check-deb:	## test: the package and install.sh in VMs with Debian 12 and 13, over reboots
	@scripts/deps.sh clients deb rpm
	@scripts/check.sh check-deb-12 check-deb-13

.PHONY: check-deb-12
check-deb-12:
	@tests/debian/maintainer.sh -s bookworm
	@tests/debian/package.sh -s bookworm

.PHONY: check-deb-13
check-deb-13:
	@tests/debian/maintainer.sh -s trixie
	@tests/debian/package.sh -s trixie

.PHONY: bench
bench: deps	## measure: ratios to the in-tree driver, by instruction counting
	@$(RESTART) module mock tests VENDOR_MLX5=n
	@tests/bench/bench.sh -k $(KVER)

.PHONY: bench-migration
bench-migration: deps	## measure: saving and loading as ratios to mainline's driver, in ten minutes
	@$(RESTART) check-modules tests
	@tests/bench/migration.sh -k $(KVER)

.PHONY: bench-memory
bench-memory: deps	## measure: coherent GPU memory as ratios to mainline's driver, 6.12 and 7.3
	@scripts/deps.sh kernels
	@set -e; for release in $(filter-out 6.1,$(RELEASES)); do \
	  kver=$$(scripts/kernel-fetch.sh $$release); \
	  $(RESTART) -s check-modules tests KVER=$$kver >build/bench-memory.log 2>&1 || \
	    { cat build/bench-memory.log; exit 1; }; \
	  echo "$$kver"; \
	  tests/bench/memory.sh -k $$kver; \
	done

.PHONY: debug-kernel
debug-kernel:	## test: build a kernel with KASAN, lockdep and more, into build/debug-kernel
	@scripts/deps.sh debug
	@tests/debug/kernel.sh build

.PHONY: check-debug
check-debug:	## test: on the debug kernel, the VMs of the plan, mainline's variants aside
	@scripts/deps.sh build vm debug
	@scripts/check.sh check-debug-run

.PHONY: check-debug-run
check-debug-run:
	@tests/debug/check.sh

.PHONY: check-debug-long
check-debug-long:	## test: on the debug kernel, a thousand rounds of races, 100,000 random calls
	@scripts/deps.sh build vm debug
	@scripts/check.sh check-debug-long-run

.PHONY: check-debug-long-run
check-debug-long-run:
	@tests/debug/check.sh long

.PHONY: bench-scale
bench-scale: deps	## measure: what one of 10, 100 and 1,000 functions costs, on both drivers
	@$(RESTART) module bus tests VENDOR_MLX5=n
	@tests/bench/scale.sh -k $(KVER)

.PHONY: lines
lines:	## measure: lines of code of each vendor's features, beside those of mainline
	@scripts/deps.sh build kernels
	@set -e; kver=$$(scripts/kernel-fetch.sh 7.3); \
	  tests/mainline/source.sh $$kver build/$$kver/mainline; \
	  tests/report/lines.sh build/$$kver/mainline

# PARTS="fuzz bench" for fewer of them.
.PHONY: report
report:	## measure: check-debug, fuzz, lines and each bench, and one page of their figures
	@KVER=$(KVER) tests/report/report.sh $(PARTS)

.PHONY: fuzz
fuzz:	## test: a million inputs (RUNS=...) to each parser, with sanitizers; coverage
	@scripts/deps.sh fuzz
	@tests/fuzz/fuzz.sh

# No other kernel than the running one, unless the user names it.
TO_INSTALL_FOR = $(if $(filter file,$(origin KVER)),$(shell uname -r),$(KVER))
.PHONY: install
install:	## install: install through DKMS for the running kernel, or KVER=..., and prefer it
	@KVER=$(TO_INSTALL_FOR) scripts/deps.sh install
	@scripts/install.sh install $(TO_INSTALL_FOR)

.PHONY: uninstall
uninstall:	## install: back to the vfio-pci of the kernel
	@scripts/install.sh uninstall $(TO_INSTALL_FOR)

.PHONY: clean
clean:	## build: remove build/
	rm -rf build

.PHONY: help
help:	## build: this list
	@for group in build install test measure; do \
	  echo "$$group:"; \
	  sed -n "s/^\([a-z0-9-]*\):.*## $$group: \(.*\)/  make \1\t\2/p" $(MAKEFILE_LIST) | expand -t 25; \
	done
