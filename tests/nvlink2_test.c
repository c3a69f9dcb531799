// SPDX-License-Identifier: GPL-2.0-only
/*
 * The nvlink2 vendor: a V100 with two links to a POWER9, as its device tree
 * describes it, and what becomes of it when that is broken.
 */
#include <endian.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include "bed.h"
#include "kselftest_harness.h"

#define GPU		"02.0"
#define BRIDGE_0	"03.0"
#define BRIDGE_1	"04.0"
#define NVIDIA		0x10de
#define IBM		0x1014
#define MEMORY		BED_FIRMWARE
#define MEMORY_SIZE	0x300000u
#define ATSD_0		(BED_FIRMWARE + 0x300000)
#define ATSD_1		(BED_FIRMWARE + 0x301000)
#define TARGET		0x0004000000000000ull
#define SPEED		9u
#define COMMAND		0x04
#define PMCSR		0x44		/* in the first capability */

static uint8_t pattern[MEMORY_SIZE], got[MEMORY_SIZE];

/* What a test leaves out of the device tree, or has in it instead. */
struct tree {
	const char *without;		/* "NODE PROPERTY" */
	const char *instead;		/* "NODE PROPERTY VALUE" */
};

/* A property: "NODE PROPERTY VALUE", unless the test says otherwise. */
static void property(const struct tree *tree, const char *kind,
		     const char *fmt, ...)
{
	char text[128], node[64];
	const char *value = text;
	size_t name, words;
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	name = strcspn(text, " ");
	words = name + 1 + strcspn(text + name + 1, " ");
	if (tree->without && strlen(tree->without) == words &&
	    !strncmp(tree->without, text, words))
		return;
	if (tree->instead && !strncmp(tree->instead, text, words + 1))
		value = tree->instead;
	snprintf(node, sizeof(node), "%.*s", (int)name, text);
	bed_node_set(node, kind, "%s", value + name + 1);
}

static void bridge_node(const struct tree *tree, const char *node,
			const char *link, unsigned int index)
{
	property(tree, "reference", "%s ibm,gpu gpu", node);
	property(tree, "reference", "%s ibm,nvlink %s", node, link);
	property(tree, "reference", "%s memory-region memory", node);
	property(tree, "u64", "%s ibm,device-tgt-addr %llx", node, TARGET);
	property(tree, "u32", "%s ibm,nvlink-speed %x", node, SPEED);
	property(tree, "u32", "%s ibm,npu-link-index %x", link, index);
}

static void device_tree(const struct tree *tree)
{
	static const char * const nodes[] = {
		"memory", "other", "link0", "link1", "gpu", "npu", "npu/b0",
		"npu/b1",
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(nodes); i++)
		bed_node(nodes[i]);
	property(tree, "u64", "memory reg %x %x", MEMORY, MEMORY_SIZE);
	property(tree, "u64", "other reg %x %x", MEMORY, MEMORY_SIZE / 2);
	property(tree, "u64", "npu ibm,mmio-atsd %x %x", ATSD_0, ATSD_1);
	property(tree, "reference", "gpu ibm,npu npu/b0 npu/b1");
	bridge_node(tree, "npu/b0", "link0", 0);
	bridge_node(tree, "npu/b1", "link1", 1);
}

static void function(const char *slot, unsigned int vendor,
		     unsigned int device, unsigned int class, const char *node)
{
	bed_mock_function(slot, vendor, device, class);
	bed_mock_set(slot, "bar", "0 10000");
	bed_mock_set(slot, "power", "no_soft_reset");
	bed_mock_set(slot, "express", "integrated flr");
	bed_mock_set(slot, "node", "%s", node);
}

static void __attribute__((constructor)) check_driver(void)
{
	bed_need_ours();
}

static void platform(const struct tree *tree)
{
	size_t i;

	for (i = 0; i < sizeof(pattern); i++)
		pattern[i] = i * 5 + (i >> 8) + (i >> 16);
	bed_firmware(MEMORY, pattern, sizeof(pattern));
	bed_puts("on\n", BED_PARAMETER);
	bed_mock_remove();
	bed_mock_bus();
	device_tree(tree);
	function(GPU, NVIDIA, 0x1db1, 0x030200, "gpu");
	function(BRIDGE_0, IBM, 0x04ea, 0x068000, "npu/b0");
	function(BRIDGE_1, IBM, 0x04ea, 0x068000, "npu/b1");
	bed_mock_live();
}

struct opened {
	char bdf[32];
	struct bed_device dev;
	struct vfio_region_info config, region;
};

static void config_set16(struct opened *opened, unsigned int where,
			 uint16_t val)
{
	val = htole16(val);
	bed_pwrite(&opened->dev, &val, 2, opened->config.offset + where);
}

static int open_at(struct opened *opened, const char *slot, unsigned int vendor)
{
	int ret;

	snprintf(opened->bdf, sizeof(opened->bdf), "%s", bed_mock_bdf(slot));
	ret = bed_bind(opened->bdf) ?: bed_open(&opened->dev, opened->bdf) ?:
	      bed_region(&opened->dev, VFIO_PCI_CONFIG_REGION_INDEX,
			 &opened->config) ?:
	      bed_vendor_region(&opened->dev,
				VFIO_REGION_TYPE_PCI_VENDOR_TYPE | vendor,
				vendor == NVIDIA ?
				VFIO_REGION_SUBTYPE_NVIDIA_NVLINK2_RAM :
				VFIO_REGION_SUBTYPE_IBM_NVLINK2_ATSD,
				&opened->region);
	if (!ret)
		config_set16(opened, COMMAND, 6);
	return ret;
}

static uint64_t ssatgt(struct opened *opened)
{
	struct vfio_region_info_cap_nvlink2_ssatgt cap = {};

	bed_region_capability(&opened->dev, opened->region.index,
			      VFIO_REGION_INFO_CAP_NVLINK2_SSATGT,
			      &cap, sizeof(cap));
	return cap.tgt;
}

FIXTURE(nvlink2) {
	struct opened opened;
};

FIXTURE_SETUP(nvlink2)
{
	static const struct tree whole;

	platform(&whole);
}

FIXTURE_TEARDOWN(nvlink2)
{
	bed_close(&self->opened.dev);
	bed_mock_remove();
}

TEST_F(nvlink2, gpu_memory)
{
	struct opened *gpu = &self->opened;
	uint8_t *mem;

	ASSERT_EQ(0, open_at(gpu, GPU, NVIDIA));
	EXPECT_STREQ("nvlink2: selected\n", bed_vendor_log(gpu->bdf));
	EXPECT_EQ(MEMORY_SIZE, gpu->region.size);
	EXPECT_EQ(TARGET, ssatgt(gpu));
	ASSERT_EQ(MEMORY_SIZE, bed_pread(&gpu->dev, got, MEMORY_SIZE,
					 gpu->region.offset));
	EXPECT_EQ(0, memcmp(pattern, got, MEMORY_SIZE));
	EXPECT_EQ(3, bed_pread(&gpu->dev, got, 64,
			       gpu->region.offset + MEMORY_SIZE - 3));
	EXPECT_EQ(-EINVAL, bed_pread(&gpu->dev, got, 1,
				     gpu->region.offset + MEMORY_SIZE));

	mem = mmap(NULL, MEMORY_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED,
		   gpu->dev.fd, gpu->region.offset);
	ASSERT_NE(MAP_FAILED, (void *)mem);
	EXPECT_EQ(0, memcmp(pattern, mem, MEMORY_SIZE));
	EXPECT_EQ(5, bed_pwrite(&gpu->dev, "hello", 5,
				gpu->region.offset + 0x1ffffe));
	EXPECT_EQ(0, memcmp(mem + 0x1ffffe, "hello", 5));
	EXPECT_EQ(EINVAL, bed_mmap_errno(&gpu->dev, MEMORY_SIZE + 0x1000,
					 MAP_SHARED, gpu->region.offset));
	EXPECT_EQ(EINVAL, bed_mmap_errno(&gpu->dev, 0x1000, MAP_PRIVATE,
					 gpu->region.offset));
	munmap(mem, MEMORY_SIZE);
}

static void off_and_on(struct __test_metadata *_metadata, struct opened *gpu,
		       const uint8_t *mem, unsigned int where, uint16_t off,
		       uint16_t on)
{
	EXPECT_EQ(0, bed_touch(mem));
	config_set16(gpu, where, off);
	EXPECT_EQ(-EIO, bed_pread(&gpu->dev, got, 4, gpu->region.offset));
	EXPECT_EQ(-EIO, bed_pwrite(&gpu->dev, got, 4, gpu->region.offset));
	EXPECT_EQ(-EFAULT, bed_touch(mem));
	config_set16(gpu, where, on);
	EXPECT_EQ(0, bed_touch(mem));
}

TEST_F(nvlink2, gpu_memory_disabled_and_reset)
{
	struct opened *gpu = &self->opened;
	uint8_t *mem;

	ASSERT_EQ(0, open_at(gpu, GPU, NVIDIA));
	mem = mmap(NULL, MEMORY_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED,
		   gpu->dev.fd, gpu->region.offset);
	ASSERT_NE(MAP_FAILED, (void *)mem);
	off_and_on(_metadata, gpu, mem, COMMAND, 4, 6);
	off_and_on(_metadata, gpu, mem, PMCSR, 3, 0);

	ASSERT_EQ(0, ioctl(gpu->dev.fd, VFIO_DEVICE_RESET));
	config_set16(gpu, COMMAND, 6);
	EXPECT_EQ(0, memcmp(pattern, mem, MEMORY_SIZE));
	munmap(mem, MEMORY_SIZE);
}

/* While the links are reset, an access would freeze the bridge. */
TEST_F(nvlink2, gpu_memory_touched_during_a_reset_by_root)
{
	struct opened *gpu = &self->opened;
	uint8_t *mem;
	pid_t pid;

	ASSERT_EQ(0, open_at(gpu, GPU, NVIDIA));
	mem = mmap(NULL, MEMORY_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED,
		   gpu->dev.fd, gpu->region.offset);
	ASSERT_NE(MAP_FAILED, (void *)mem);
	pid = bed_reset_begun(GPU, gpu->bdf);
	EXPECT_EQ(0, bed_touch(mem));
	EXPECT_EQ(0, bed_reset_done(pid));
	EXPECT_EQ(0, memcmp(pattern, mem, MEMORY_SIZE));
	munmap(mem, MEMORY_SIZE);
}

TEST_F(nvlink2, gpu_opened_again)
{
	struct opened *gpu = &self->opened;
	int i;

	for (i = 0; i < 3; i++) {
		ASSERT_EQ(0, open_at(gpu, GPU, NVIDIA));
		EXPECT_EQ(4, bed_pread(&gpu->dev, got, 4, gpu->region.offset));
		if (i == 2)
			break;
		bed_close(&gpu->dev);
		ASSERT_EQ(0, bed_unbind(gpu->bdf));
	}
}

TEST_F(nvlink2, bridge)
{
	struct vfio_region_info_cap_nvlink2_lnkspd speed = {};
	struct opened *bridge = &self->opened;
	uint64_t val = 0x1122334455667788ull, *mem;
	uint64_t reg;

	bed_firmware(ATSD_1, pattern, 0x1000);
	ASSERT_EQ(0, open_at(bridge, BRIDGE_1, IBM));
	EXPECT_STREQ("nvlink2: selected\n", bed_vendor_log(bridge->bdf));
	EXPECT_EQ(0x1000, bridge->region.size);
	EXPECT_EQ(TARGET, ssatgt(bridge));
	ASSERT_EQ(0, bed_region_capability(&bridge->dev, bridge->region.index,
					   VFIO_REGION_INFO_CAP_NVLINK2_LNKSPD,
					   &speed, sizeof(speed)));
	EXPECT_EQ(SPEED, speed.link_speed);

	/* Its own page, in pieces of any size and place. */
	reg = bridge->region.offset;
	ASSERT_EQ(0x1000, bed_pread(&bridge->dev, got, 0x1000, reg));
	EXPECT_EQ(0, memcmp(pattern, got, 0x1000));
	ASSERT_EQ(21, bed_pread(&bridge->dev, got, 21, reg + 0x103));
	EXPECT_EQ(0, memcmp(pattern + 0x103, got, 21));
	EXPECT_EQ(3, bed_pread(&bridge->dev, got, 8, reg + 0xffd));
	EXPECT_EQ(-EINVAL, bed_pread(&bridge->dev, got, 8, reg + 0x1000));

	mem = mmap(NULL, 0x1000, PROT_READ | PROT_WRITE, MAP_SHARED,
		   bridge->dev.fd, reg);
	ASSERT_NE(MAP_FAILED, (void *)mem);
	EXPECT_EQ(8, bed_pwrite(&bridge->dev, &val, 8, reg + 0x40));
	EXPECT_EQ(val, mem[8]);
	EXPECT_EQ(EINVAL, bed_mmap_errno(&bridge->dev, 0x2000, MAP_SHARED,
					 reg));
	munmap(mem, 0x1000);
}

/* The region is there for its capabilities, and is empty. */
FIXTURE(no_atsd) {
	struct opened opened;
};

FIXTURE_SETUP(no_atsd)
{
	static const struct tree tree = { .without = "npu ibm,mmio-atsd" };

	platform(&tree);
}

FIXTURE_TEARDOWN(no_atsd)
{
	bed_close(&self->opened.dev);
	bed_mock_remove();
}

TEST_F(no_atsd, an_empty_region)
{
	struct opened *bridge = &self->opened;

	ASSERT_EQ(0, open_at(bridge, BRIDGE_0, IBM));
	EXPECT_STREQ("nvlink2: selected: no ATSD register for link 0, so its region is empty\n",
		     bed_vendor_log(bridge->bdf));
	EXPECT_EQ(0, bridge->region.size);
	EXPECT_EQ(0, bridge->region.flags & VFIO_REGION_INFO_FLAG_MMAP);
	EXPECT_EQ(TARGET, ssatgt(bridge));
	EXPECT_EQ(-EINVAL, bed_pread(&bridge->dev, got, 4,
				     bridge->region.offset));
	EXPECT_NE(0, bed_mmap_errno(&bridge->dev, 0x1000, MAP_SHARED,
				    bridge->region.offset));
}

FIXTURE(broken) {
	char bdf[32];
};

FIXTURE_VARIANT(broken) {
	const char *slot;
	struct tree tree;
	const char *reason;
};

#define BROKEN(name)	FIXTURE_VARIANT_ADD(broken, name)

BROKEN(gpu_no_bridges) {
	.slot = GPU, .tree.without = "gpu ibm,npu",
	.reason = "no ibm,npu in the device tree",
};

BROKEN(gpu_bridge_of_another) {
	.slot = GPU, .tree.instead = "npu/b0 ibm,gpu npu",
	.reason = "bridge 0 of the GPU does not name it",
};

BROKEN(gpu_bridge_of_none) {
	.slot = GPU, .tree.without = "npu/b1 ibm,gpu",
	.reason = "bridge 1 of the GPU does not name it",
};

BROKEN(gpu_no_target) {
	.slot = GPU, .tree.without = "npu/b0 ibm,device-tgt-addr",
	.reason = "bridge 0 of the GPU has no ibm,device-tgt-addr",
};

BROKEN(gpu_no_memory) {
	.slot = GPU, .tree.without = "npu/b0 memory-region",
	.reason = "bridge 0 of the GPU has no memory-region",
};

BROKEN(gpu_no_reg) {
	.slot = GPU, .tree.without = "memory reg",
	.reason = "memory-region of bridge 0 of the GPU has no address",
};

BROKEN(gpu_reg_half) {
	.slot = GPU, .tree.instead = "memory reg 30000000",
	.reason = "memory-region of bridge 0 of the GPU has no address",
};

BROKEN(gpu_two_memories) {
	.slot = GPU, .tree.instead = "npu/b1 memory-region other",
	.reason = "bridges 0 and 1 of the GPU have different memory",
};

BROKEN(gpu_two_targets) {
	.slot = GPU, .tree.instead = "npu/b1 ibm,device-tgt-addr 0",
	.reason = "bridges 0 and 1 of the GPU have different memory",
};

BROKEN(gpu_in_ram) {
	.slot = GPU, .tree.instead = "memory reg 1000000 1000",
	.reason = "System RAM",
};

BROKEN(gpu_empty) {
	.slot = GPU, .tree.instead = "memory reg 30000000 0",
	.reason = "is empty",
};

BROKEN(gpu_wraps) {
	.slot = GPU, .tree.instead = "memory reg fffffffffffff000 2000",
	.reason = "wraps",
};

BROKEN(gpu_unaligned) {
	.slot = GPU, .tree.instead = "memory reg 30000010 1000",
	.reason = "whole pages",
};

BROKEN(bridge_no_gpu) {
	.slot = BRIDGE_0, .tree.without = "npu/b0 ibm,gpu",
	.reason = "no ibm,gpu in the device tree",
};

BROKEN(bridge_not_of_gpu) {
	.slot = BRIDGE_1, .tree.instead = "gpu ibm,npu npu/b0",
	.reason = "its ibm,gpu does not name it",
};

BROKEN(bridge_no_link) {
	.slot = BRIDGE_0, .tree.without = "npu/b0 ibm,nvlink",
	.reason = "no ibm,nvlink in the device tree",
};

BROKEN(bridge_no_index) {
	.slot = BRIDGE_0, .tree.without = "link0 ibm,npu-link-index",
	.reason = "its ibm,nvlink has no ibm,npu-link-index",
};

BROKEN(bridge_index) {
	.slot = BRIDGE_0, .tree.instead = "link0 ibm,npu-link-index 6",
	.reason = "ibm,npu-link-index 6: an NPU2 has 6 links",
};

BROKEN(bridge_no_target) {
	.slot = BRIDGE_0, .tree.without = "npu/b0 ibm,device-tgt-addr",
	.reason = "no ibm,device-tgt-addr",
};

BROKEN(bridge_no_speed) {
	.slot = BRIDGE_0, .tree.without = "npu/b0 ibm,nvlink-speed",
	.reason = "no ibm,nvlink-speed",
};

BROKEN(bridge_atsd_unaligned) {
	.slot = BRIDGE_0, .tree.instead = "npu ibm,mmio-atsd 30300008 0",
	.reason = "its page is not made of whole pages",
};

BROKEN(bridge_atsd_in_ram) {
	.slot = BRIDGE_0, .tree.instead = "npu ibm,mmio-atsd 1000000 0",
	.reason = "its page is in System RAM",
};

FIXTURE_SETUP(broken)
{
	platform(&variant->tree);
}

FIXTURE_TEARDOWN(broken)
{
	bed_mock_remove();
}

TEST_F(broken, leaves_a_generic_device)
{
	struct bed_device dev;
	const char *log;

	snprintf(self->bdf, sizeof(self->bdf), "%s",
		 bed_mock_bdf(variant->slot));
	ASSERT_EQ(0, bed_bind(self->bdf));
	log = bed_vendor_log(self->bdf);
	EXPECT_EQ(0, strncmp(log, "nvlink2: declined: ", 19));
	EXPECT_NE(NULL, strstr(log, variant->reason)) {
		TH_LOG("%s", log);
	}
	EXPECT_NE(NULL, strstr(log, "\ngeneric: selected\n"));
	ASSERT_EQ(0, bed_open(&dev, self->bdf));
	bed_close(&dev);
}

TEST_HARNESS_MAIN
