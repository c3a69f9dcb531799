# SPDX-License-Identifier: GPL-2.0-only
#
# A thin front for Kbuild and the scripts; "make help" lists what it does.

.PHONY: all
all: module	## build vfio-pci.ko into build/KVER (KVER=... or KDIR=...; VENDOR_IGD=n leaves igd out, as NVLINK2, NVGRACE, VIRTIO; VENDOR_MLX5=y takes mlx5 in)

include module.mk

# The build tools of another Debian need that Debian's root around them.
IN_ROOT := $(if $(filter $(FETCHED)/%,$(KDIR)),$(and \
	  $(wildcard $(FETCHED)/.in-root),scripts/in-root.sh $(FETCHED)))

# The releases that check-all builds for, installs for and boots, and the default of
# RELEASES. Those that DKMS builds for are in dkms.conf.
KERNELS ?= 6.1 6.12 7.3

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
deps:	## install, with apt, what building and the VM tests need and is missing
	@scripts/deps.sh build vm

.PHONY: kernels
kernels:	## fetch the kernels that check-all runs on, to build for with KVER=...
	@scripts/deps.sh kernels
	@set -e; for release in $(filter-out 6.1,$(KERNELS)); do \
	  scripts/kernel-fetch.sh $$release; \
	done

.PHONY: run
run: deps	## build, boot a VM and show Intel GPUs, edu and nvme bound and read
	@mkdir -p build
	@echo "building the module, the mock bus and the programs"
	@$(RESTART) -s module bus tests >build/run-build.log 2>&1 || { cat build/run-build.log; exit 1; }
	@$(RESTART) -s run-vm

.PHONY: run-vm
run-vm:
	@tests/vm/demo.sh -k $(KVER)

.PHONY: check
check:	## lint, build, installation, then every test in VMs, against the in-tree driver too
	@scripts/check.sh lint check-build check-packages check-install check-vm

.PHONY: check-all
check-all:	## the same on each supported kernel: what is not installed is fetched
	@scripts/check.sh lint check-packages check-kernels

.PHONY: check-kernels
check-kernels:
	@scripts/deps.sh build vm install kernels
	@$(RESTART) -s check-kernels-run

.PHONY: check-kernels-run
check-kernels-run:
	@KVER=$(KVER) scripts/check-kernels.sh $(KERNELS)

.PHONY: check-selftests
check-selftests:	## the kernel's own VFIO selftests, on ours and the in-tree driver, each kernel
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

# Those whose Debian kernels have VFIO.
FOREIGN ?= 6.1/arm64 6.12/arm64 6.12/ppc64el 6.12/s390x
.PHONY: check-arch
check-arch:	## build for arm64, ppc64le and s390x, and boot these under QEMU
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
	@tests/build/fetch_test.sh

.PHONY: check-vm
check-vm: deps
	@$(RESTART) check-modules tests
	@tests/vm/check.sh -k $(KVER)

.PHONY: lint
lint:	## W=1, sparse, checkpatch, kernel-doc, coccicheck and the rest, silent or failed
	@scripts/deps.sh build lint
	@$(RESTART) -s lint-run

.PHONY: lint-run
lint-run:
	@KVER=$(KVER) scripts/lint.sh

.PHONY: check-install
check-install:
	@scripts/deps.sh build vm install
	@$(RESTART) -s check-install-run

.PHONY: check-install-run
check-install-run:
	@tests/install/install_test.sh $(KVER)

.PHONY: dist
dist:	## the source archive, into build/dist: the same bytes each time
	@scripts/dist.sh build/dist

.PHONY: deb
deb:	## the Debian package, into build/deb
	@scripts/deps.sh deb
	@scripts/deb.sh build/deb

.PHONY: rpm
rpm:	## the RPM package, with the same files, into build/rpm
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
check-clients:	## QEMU, libvirt, DPDK and driverctl, in VMs with Debian 12 and 13
	@scripts/deps.sh clients
	@scripts/check.sh check-clients-12 check-clients-13

.PHONY: check-clients-12
check-clients-12:
	@tests/debian/clients.sh -s bookworm

.PHONY: check-clients-13
check-clients-13:
	@tests/debian/clients.sh -s trixie

.PHONY: check-deb
check-deb:	## the package and install.sh in VMs with Debian 12 and 13, over reboots
	@scripts/deps.sh clients deb
	@scripts/check.sh check-deb-12 check-deb-13

.PHONY: check-deb-12
check-deb-12:
	@tests/debian/package.sh -s bookworm

.PHONY: check-deb-13
check-deb-13:
	@tests/debian/package.sh -s trixie

.PHONY: bench
bench: deps	## ratios against the in-tree driver, by instruction counting
	@$(RESTART) module mock tests VENDOR_MLX5=n
	@tests/bench/bench.sh -k $(KVER)

.PHONY: bench-migration
bench-migration: deps	## saving and loading as ratios to mainline's driver, in ten minutes
	@$(RESTART) check-modules tests
	@tests/bench/migration.sh -k $(KVER)

.PHONY: bench-memory
bench-memory: deps	## coherent GPU memory as ratios to mainline's driver, 6.12 and 7.3
	@scripts/deps.sh kernels
	@set -e; for release in $(filter-out 6.1,$(RELEASES)); do \
	  kver=$$(scripts/kernel-fetch.sh $$release); \
	  $(RESTART) -s check-modules tests KVER=$$kver >build/bench-memory.log 2>&1 || \
	    { cat build/bench-memory.log; exit 1; }; \
	  echo "$$kver"; \
	  tests/bench/memory.sh -k $$kver; \
	done

.PHONY: debug-kernel
debug-kernel:	## build a kernel with KASAN, lockdep and more, once, into build/debug-kernel
	@scripts/deps.sh debug
	@tests/debug/kernel.sh build

.PHONY: check-debug
check-debug:	## the VMs of the plan, mainline's variants aside, on that kernel; any report of it fails
	@scripts/deps.sh build vm debug
	@scripts/check.sh check-debug-run

.PHONY: check-debug-run
check-debug-run:
	@tests/debug/check.sh

.PHONY: check-debug-long
check-debug-long:	## on that kernel, a thousand rounds of races, 100,000 random calls a vendor
	@scripts/deps.sh build vm debug
	@scripts/check.sh check-debug-long-run

.PHONY: check-debug-long-run
check-debug-long-run:
	@tests/debug/check.sh long

.PHONY: bench-scale
bench-scale: deps	## what one of 10, 100 and 1,000 functions costs, on both drivers
	@$(RESTART) module bus tests VENDOR_MLX5=n
	@tests/bench/scale.sh -k $(KVER)

.PHONY: lines
lines:	## lines of code of each vendor's features, beside those of mainline
	@scripts/deps.sh build kernels
	@set -e; kver=$$(scripts/kernel-fetch.sh 7.3); \
	  tests/mainline/source.sh $$kver build/$$kver/mainline; \
	  tests/report/lines.sh build/$$kver/mainline

# PARTS="fuzz bench" for fewer of them.
.PHONY: report
report:	## all of check-debug, fuzz, lines and each bench, and one page of figures of what they showed
	@KVER=$(KVER) tests/report/report.sh $(PARTS)

.PHONY: fuzz
fuzz:	## a million inputs (RUNS=...) to each parser, with sanitizers; coverage
	@scripts/deps.sh fuzz
	@tests/fuzz/fuzz.sh

.PHONY: install
install:	## install through DKMS for KVER and make modprobe prefer it
	@scripts/deps.sh install
	@scripts/install.sh install $(KVER)

.PHONY: uninstall
uninstall:	## back to the vfio-pci of the kernel
	@scripts/install.sh uninstall $(KVER)

.PHONY: clean
clean:	## remove build/
	rm -rf build

.PHONY: help
help:	## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 22
