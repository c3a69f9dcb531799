// SPDX-License-Identifier: GPL-2.0-only
/*
 * The nvgrace vendor: the memory of the GPU as BARs that the function does not
 * have, and what becomes of a GPU whose firmware properties are broken.
 *
 * Mainline's nvgrace-gpu-vfio-pci, unmodified, runs the same program on the same
 * mock (driver=mainline); what it does otherwise is skipped there, with what.
 */
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "bed.h"
#include "kselftest_harness.h"
#include "subject.h"

#define GPU		"02.0"
#define GPU_2		"03.0"
#define GH200		0x2342
#define WINDOW		0x300000ull	/* of the memory held back: no power of two */
#define SPAN		0x400000ull
#define BAR0		0x10
#define BAR2		0x18
#define BAR4		0x20
#define COMMAND		0x04
#define PMCSR		0x44		/* in the only capability but Express */

/* NVIDIA's, that MIG can do without an uncached part; at 0x100. */
#define DVSEC_MIG	"23 1 de10c00003000100"
/* CXL Device, of 0x3c bytes; Range 1 Size Low is 0x1c into it. */
#define DVSEC_CXL	"23 1 981ec00300000000" \
			"00000000000000000000000000000000" \
			"00000000000000000000000000000000" \
			"00000000000000000000000000000000"
#define CXL_RANGE	(0x10c + 0x1c)
#define CXL_VALID	1u
#define CXL_ACTIVE	2u

#define GIB		0x40000000ull
#define HUGE_PAGE	0x200000

static uint8_t pattern[WINDOW], got[WINDOW + 64];

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

static void __attribute__((constructor)) check_driver(void)
{
	if (!bed_mainline()) {
		bed_need_ours();
	} else if (!bed_run("grep -q nvgrace-gpu-vfio-pci /lib/modules/*/modules.dep")) {
		if (bed_run("modprobe nvgrace-gpu-vfio-pci"))
			exit(1);
	} else {
		printf("TAP version 13\n"
		       "1..0 # SKIP mainline of this kernel has no driver for it\n");
		exit(4);
	}
}

/*
 * Does mainline's driver map all pages at mmap(), and not ask whether memory is
 * ready? That of 6.12 does; later ones map at a fault, and ask.
 */
static bool mainline_never_waits(void)
{
	return bed_mainline() && !bed_kernel_has("nvgrace_gpu_vfio_pci_huge_fault");
}

/* Until 6.9 vfio-pci-core keeps to itself where an area is mapped. */
static bool core_hides_areas(void)
{
	return bed_kernel_has("vfio_pci_mmap_close");
}

#define NEVER_WAITS	"mainline of this kernel takes memory for ready"

static int gpu_bind(const char *bdf)
{
	return bed_bind_to(bdf, bed_mainline() ? "nvgrace_gpu_vfio_pci" :
						 "vfio-pci");
}

static void properties(uint64_t base, uint64_t size)
{
	bed_node("gpu");
	bed_node_set("gpu", "u64", "nvidia,gpu-mem-base-pa %llx",
		     (unsigned long long)base);
	bed_node_set("gpu", "u64", "nvidia,gpu-mem-size %llx",
		     (unsigned long long)size);
}

static void function(const char *slot)
{
	bed_mock_function(slot, 0x10de, GH200, 0x030200);
	bed_mock_set(slot, "bar", "0 %x", SUBJECT_GPU_REGS);
	bed_mock_set(slot, "power", "no_soft_reset");
	bed_mock_set(slot, "express", "integrated flr");
}

static void platform(void)
{
	size_t i;

	for (i = 0; i < sizeof(pattern); i++)
		pattern[i] = i * 7 + (i >> 8) + (i >> 16);
	bed_puts("on\n", BED_PARAMETER);
	bed_mock_remove();
	bed_mock_bus();
	function(GPU);
}

struct gpu {
	char bdf[32];
	struct bed_device dev;
	struct vfio_region_info config, bar2, bar4;
};

/* Bind, open, enable memory. */
static int gpu_open(struct gpu *gpu)
{
	uint16_t command = htole16(6);
	int ret;

	bed_mock_live();
	snprintf(gpu->bdf, sizeof(gpu->bdf), "%s", bed_mock_bdf(GPU));
	subject_gpu_status(gpu->bdf, SUBJECT_GPU_READY);
	ret = gpu_bind(gpu->bdf) ?: bed_open(&gpu->dev, gpu->bdf);
	if (ret)
		return ret;

	ret = bed_region(&gpu->dev, VFIO_PCI_CONFIG_REGION_INDEX, &gpu->config) ?:
	      bed_region(&gpu->dev, VFIO_PCI_BAR2_REGION_INDEX, &gpu->bar2) ?:
	      bed_region(&gpu->dev, VFIO_PCI_BAR4_REGION_INDEX, &gpu->bar4);
	bed_pwrite(&gpu->dev, &command, 2, gpu->config.offset + COMMAND);
	return ret;
}

static void config_set16(struct gpu *gpu, unsigned int where, uint16_t val)
{
	val = htole16(val);
	bed_pwrite(&gpu->dev, &val, 2, gpu->config.offset + where);
}

static void *gpu_mmap(struct gpu *gpu, size_t len)
{
	return mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_SHARED, gpu->dev.fd,
		    gpu->bar4.offset);
}

/* A GPU whose link is up and whose memory is ready, all of it cached. */
FIXTURE(nvgrace) {
	struct gpu gpu;
};

/* With what is written to the GPU's configuration so far, and its memory filled. */
static int gpu_begin(struct gpu *gpu)
{
	properties(BED_FIRMWARE, WINDOW);
	bed_mock_set(GPU, "node", "gpu");
	bed_firmware(BED_FIRMWARE, pattern, sizeof(pattern));
	return gpu_open(gpu);
}

FIXTURE_SETUP(nvgrace)
{
	platform();
	bed_mock_set(GPU, "extended_capability", DVSEC_MIG);
	ASSERT_EQ(0, gpu_begin(&self->gpu));
}

FIXTURE_TEARDOWN(nvgrace)
{
	bed_close(&self->gpu.dev);
	bed_mock_remove();
}

TEST_F(nvgrace, region)
{
	struct {
		struct vfio_region_info_cap_sparse_mmap cap;
		struct vfio_region_sparse_mmap_area area;
	} sparse;

	EXPECT_EQ(SPAN, self->gpu.bar4.size);
	EXPECT_EQ(0, self->gpu.bar2.size);
	EXPECT_EQ(VFIO_REGION_INFO_FLAG_READ | VFIO_REGION_INFO_FLAG_WRITE |
		  VFIO_REGION_INFO_FLAG_MMAP | VFIO_REGION_INFO_FLAG_CAPS,
		  self->gpu.bar4.flags);
	ASSERT_EQ(0, bed_region_capability(&self->gpu.dev,
					   VFIO_PCI_BAR4_REGION_INDEX,
					   VFIO_REGION_INFO_CAP_SPARSE_MMAP,
					   &sparse, sizeof(sparse)));
	EXPECT_EQ(1, sparse.cap.nr_areas);
	EXPECT_EQ(0, sparse.area.offset);
	EXPECT_EQ(WINDOW, sparse.area.size);
}

TEST_F(nvgrace, reads)
{
	struct gpu *gpu = &self->gpu;
	size_t i;

	/* The whole, and 64 bytes of ones behind it. */
	ASSERT_EQ(sizeof(got), bed_pread(&gpu->dev, got, sizeof(got),
					 gpu->bar4.offset));
	EXPECT_EQ(0, memcmp(pattern, got, WINDOW));
	for (i = WINDOW; i < sizeof(got); i++)
		ASSERT_EQ(0xff, got[i]);

	/* Any alignment; short at the end of the BAR, an error behind it. */
	for (i = 0; i < 16; i++) {
		ASSERT_EQ(33, bed_pread(&gpu->dev, got, 33,
					gpu->bar4.offset + 4091 + i));
		ASSERT_EQ(0, memcmp(pattern + 4091 + i, got, 33));
	}
	EXPECT_EQ(5, bed_pread(&gpu->dev, got, 64,
			       gpu->bar4.offset + SPAN - 5));
	EXPECT_EQ(-EINVAL, bed_pread(&gpu->dev, got, 1,
				     gpu->bar4.offset + SPAN));
	EXPECT_EQ(-EFAULT, bed_pread(&gpu->dev, NULL, 64, gpu->bar4.offset));
}

TEST_F(nvgrace, writes_and_mmap_see_the_same_memory)
{
	struct gpu *gpu = &self->gpu;
	uint8_t *mem = gpu_mmap(gpu, WINDOW);

	ASSERT_NE(MAP_FAILED, (void *)mem);
	EXPECT_EQ(0, memcmp(pattern, mem, WINDOW));

	ASSERT_EQ(7, bed_pwrite(&gpu->dev, "abcdefg", 7,
				gpu->bar4.offset + 0x1ffffd));
	EXPECT_EQ(0, memcmp(mem + 0x1ffffd, "abcdefg", 7));
	memcpy(mem + WINDOW - 4, "tail", 4);
	ASSERT_EQ(8, bed_pread(&gpu->dev, got, 8,
			       gpu->bar4.offset + WINDOW - 4));
	EXPECT_EQ(0, memcmp(got, "tail\xff\xff\xff\xff", 8));

	/* What is behind the memory takes writes, and keeps nothing. */
	EXPECT_EQ(64, bed_pwrite(&gpu->dev, pattern, 64,
				 gpu->bar4.offset + WINDOW));
	EXPECT_EQ(8, bed_pwrite(&gpu->dev, "overtail", 8,
				gpu->bar4.offset + WINDOW - 4));
	EXPECT_EQ(0, memcmp(mem + WINDOW - 4, "over", 4));
	EXPECT_EQ(EINVAL, bed_mmap_errno(&gpu->dev, WINDOW + 4096, MAP_SHARED,
					 gpu->bar4.offset));
	EXPECT_EQ(EINVAL, bed_mmap_errno(&gpu->dev, 4096, MAP_SHARED,
					 gpu->bar4.offset + WINDOW));
	munmap(mem, WINDOW);
}

/* Between the memory and itself, with no page of the user mapped yet. */
TEST_F(nvgrace, copies_within_the_device)
{
	struct gpu *gpu = &self->gpu;
	uint8_t *mem = gpu_mmap(gpu, WINDOW);

	ASSERT_NE(MAP_FAILED, (void *)mem);
	EXPECT_EQ(0x180000, bed_pread(&gpu->dev, mem, 0x180000,
				      gpu->bar4.offset + 0x180000));
	EXPECT_EQ(0, memcmp(mem, pattern + 0x180000, 0x180000));
	munmap(mem, WINDOW);
}

TEST_F(nvgrace, mmap_of_a_private_copy)
{
	if (bed_mainline())
		SKIP(return, "mainline maps private copies");
	EXPECT_EQ(EINVAL, bed_mmap_errno(&self->gpu.dev, 4096, MAP_PRIVATE,
					 self->gpu.bar4.offset));
}

TEST_F(nvgrace, ioeventfd)
{
	struct vfio_device_ioeventfd event = {
		.argsz	= sizeof(event),
		.flags	= VFIO_DEVICE_IOEVENTFD_32,
		.offset	= self->gpu.bar4.offset,
		.fd	= -1,
	};

	EXPECT_EQ(-1, ioctl(self->gpu.dev.fd, VFIO_DEVICE_IOEVENTFD, &event));
	EXPECT_EQ(ENOTTY, errno);
}

/* vfio-pci-core asks first whether the function has a BAR of that number. */
TEST_F(nvgrace, dma_buf_without_bar)
{
	if (!bed_kernel_has(BED_DMA_BUF))
		SKIP(return, "this kernel exports no dma-bufs");
	EXPECT_EQ(4096, bed_dma_buf_size(&self->gpu.dev, 0, 4096));
	EXPECT_EQ(-ENODEV, bed_dma_buf_size(&self->gpu.dev, 4, 4096));
	EXPECT_EQ(-ENODEV, bed_dma_buf_size(&self->gpu.dev, 2, 4096));
}

TEST_F(nvgrace, registers)
{
	const uint64_t ones = ~0ull;
	struct gpu *gpu = &self->gpu;
	uint64_t reg = gpu->config.offset + BAR4;
	unsigned int i, width;
	uint64_t bar;

	EXPECT_EQ(8, bed_pread(&gpu->dev, &bar, 8, reg));
	EXPECT_EQ(0xc, le64toh(bar));

	/* Sized and read in each width, as operating systems do. */
	for (width = 1; width <= 8; width *= 2) {
		for (i = 0; i < 8; i += width)
			ASSERT_EQ(width, bed_pwrite(&gpu->dev, &ones, width,
						    reg + i));
		for (i = 0; i < 8; i += width)
			ASSERT_EQ(width, bed_pread(&gpu->dev,
						   (uint8_t *)&bar + i, width,
						   reg + i));
		EXPECT_EQ(~(SPAN - 1) | 0xc, le64toh(bar));
	}
}

/* What configuration space has from BAR2 on after these bytes were written. */
static void expect_registers(const uint8_t *written, uint8_t *expect)
{
	uint64_t bar;

	memset(expect, 0, 24);
	memcpy(&bar, written, 8);
	bar = htole64((le64toh(bar) & ~(SPAN - 1)) | 0xc);
	memcpy(expect + BAR4 - BAR2, &bar, 8);
}

#define ONE_BAR	"mainline does one BAR of those that an access meets, at most"

/* Writes that begin before, in or behind the BAR, and end anywhere. */
TEST_F(nvgrace, registers_straddled)
{
	uint8_t written[8] = {}, expect[24], bytes[16], all[24];
	struct gpu *gpu = &self->gpu;
	unsigned int from, len, i;

	if (bed_mainline())
		SKIP(return, ONE_BAR);
	for (from = BAR4 - 4; from < BAR4 + 8; from++) {
		for (len = 1; len <= 12; len++) {
			for (i = 0; i < len; i++) {
				bytes[i] = from * 31 + len * 7 + i * 13;
				if (from + i >= BAR4 && from + i < BAR4 + 8)
					written[from + i - BAR4] = bytes[i];
			}
			ASSERT_EQ(len, bed_pwrite(&gpu->dev, bytes, len,
						  gpu->config.offset + from));
			expect_registers(written, expect);
			ASSERT_EQ(len, bed_pread(&gpu->dev, bytes, len,
						 gpu->config.offset + from));
			ASSERT_EQ(0, memcmp(expect + from - BAR2, bytes,
					    from + len > BAR2 + 24 ?
					    BAR2 + 24 - from : len));
			ASSERT_EQ(24, bed_pread(&gpu->dev, all, 24,
						gpu->config.offset + BAR2));
			ASSERT_EQ(0, memcmp(expect, all, 24));
		}
	}
}

#define LEAVES_IT	"mainline leaves it to hardware what memory that is off reads as"

/* Both ways that a function has to take its memory away, and back. */
static void off_and_on(struct __test_metadata *_metadata, struct gpu *gpu,
		       unsigned int where, uint16_t off, uint16_t on)
{
	uint8_t *mem = gpu_mmap(gpu, WINDOW);

	ASSERT_NE(MAP_FAILED, (void *)mem);
	EXPECT_EQ(0, bed_touch(mem + 0x1000));
	EXPECT_EQ(4, bed_pread(&gpu->dev, got, 4, gpu->bar4.offset));

	config_set16(gpu, where, off);
	EXPECT_EQ(-EIO, bed_pread(&gpu->dev, got, 4, gpu->bar4.offset));
	EXPECT_EQ(-EIO, bed_pwrite(&gpu->dev, got, 4, gpu->bar4.offset));
	EXPECT_EQ(-EIO, bed_pread(&gpu->dev, got, 4,
				  gpu->bar4.offset + WINDOW));
	EXPECT_EQ(-EFAULT, bed_touch(mem + 0x1000));
	EXPECT_EQ(-EFAULT, bed_touch(mem + 0x201000));

	config_set16(gpu, where, on);
	EXPECT_EQ(0, bed_touch(mem + 0x1000));
	EXPECT_EQ(0, memcmp(pattern, mem, WINDOW));
	munmap(mem, WINDOW);
}

TEST_F(nvgrace, memory_disabled)
{
	if (bed_mainline())
		SKIP(return, LEAVES_IT);
	off_and_on(_metadata, &self->gpu, COMMAND, 4, 6);
}

TEST_F(nvgrace, d3)
{
	if (bed_mainline())
		SKIP(return, LEAVES_IT);
	off_and_on(_metadata, &self->gpu, PMCSR, 3, 0);
}

/* Where mremap() puts it, it is taken away as before. */
TEST_F(nvgrace, memory_disabled_after_mremap)
{
	struct gpu *gpu = &self->gpu;
	uint8_t *mem, *place;

	if (bed_mainline())
		SKIP(return, LEAVES_IT);
	mem = gpu_mmap(gpu, WINDOW);
	ASSERT_NE(MAP_FAILED, (void *)mem);
	EXPECT_EQ(0, bed_touch(mem + 0x1000));
	place = mmap(NULL, WINDOW, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, (void *)place);
	ASSERT_EQ((void *)place, mremap(mem, WINDOW, WINDOW,
					MREMAP_MAYMOVE | MREMAP_FIXED, place));

	config_set16(gpu, COMMAND, 4);
	EXPECT_EQ(-EFAULT, bed_touch(place + 0x1000));
	config_set16(gpu, COMMAND, 6);
	EXPECT_EQ(0, memcmp(pattern, place, WINDOW));

	/* Likewise what is left of an area of which a part was moved. */
	mem = mremap(place + 0x100000, 0x100000, 0x100000,
		     MREMAP_MAYMOVE | MREMAP_FIXED, place + 0x800000);
	ASSERT_NE(MAP_FAILED, (void *)mem);
	EXPECT_EQ(0, memcmp(pattern, place, 0x100000));
	EXPECT_EQ(0, memcmp(pattern + 0x100000, mem, 0x100000));
	config_set16(gpu, COMMAND, 4);
	EXPECT_EQ(-EFAULT, bed_touch(place + 0x1000));
	EXPECT_EQ(-EFAULT, bed_touch(place + 0x201000));
	EXPECT_EQ(-EFAULT, bed_touch(mem));
	munmap(place, WINDOW);
	munmap(mem, 0x100000);
}

/* And a process that inherited it. */
TEST_F(nvgrace, memory_disabled_after_fork)
{
	struct gpu *gpu = &self->gpu;
	int ready[2], status;
	uint8_t *mem;
	pid_t pid;
	char byte;

	if (bed_mainline())
		SKIP(return, LEAVES_IT);
	mem = gpu_mmap(gpu, WINDOW);
	ASSERT_NE(MAP_FAILED, (void *)mem);
	EXPECT_EQ(0, bed_touch(mem));
	ASSERT_EQ(0, pipe(ready));
	pid = fork();
	if (!pid) {
		close(ready[1]);
		_exit(read(ready[0], &byte, 1) || bed_touch(mem) != -EFAULT);
	}

	config_set16(gpu, COMMAND, 4);
	close(ready[1]);
	close(ready[0]);
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_EQ(0, status);
	munmap(mem, WINDOW);
}

TEST_F(nvgrace, reset)
{
	const uint64_t ones = ~0ull;
	struct gpu *gpu = &self->gpu;
	uint8_t *mem = gpu_mmap(gpu, WINDOW);
	uint64_t bar;

	ASSERT_NE(MAP_FAILED, (void *)mem);
	EXPECT_EQ(0, bed_touch(mem));
	EXPECT_EQ(8, bed_pwrite(&gpu->dev, &ones, 8,
				gpu->config.offset + BAR4));
	ASSERT_EQ(0, ioctl(gpu->dev.fd, VFIO_DEVICE_RESET));
	EXPECT_EQ(8, bed_pread(&gpu->dev, &bar, 8, gpu->config.offset + BAR4));
	EXPECT_EQ(0xc, le64toh(bar));
	config_set16(gpu, COMMAND, 6);
	/* What the reset took away does not come back there. */
	if (mainline_never_waits()) {
		munmap(mem, WINDOW);
		mem = gpu_mmap(gpu, WINDOW);
		ASSERT_NE(MAP_FAILED, (void *)mem);
	}
	EXPECT_EQ(0, memcmp(pattern, mem, WINDOW));
	munmap(mem, WINDOW);
}

/*
 * The user's own reset clears the register of BAR 4. A reset by root does not, as
 * the PCI core restores what it knows. Of BAR 0, vfio-pci-core keeps what was
 * written over both.
 */
TEST_F(nvgrace, registers_over_resets)
{
	struct gpu *gpu = &self->gpu;
	uint64_t config = gpu->config.offset;
	const uint64_t where = htole64(0x4455660000000ull);
	const uint32_t low = htole32(0x12000000);
	uint64_t bar;

	EXPECT_EQ(4, bed_pwrite(&gpu->dev, &low, 4, config + BAR0));
	EXPECT_EQ(8, bed_pwrite(&gpu->dev, &where, 8, config + BAR4));
	ASSERT_EQ(0, bed_puts("1", BED_DEVICES "/%s/reset", gpu->bdf));
	EXPECT_EQ(0x12000000, bed_get32(&gpu->dev, config + BAR0) & ~0xfu);
	EXPECT_EQ(8, bed_pread(&gpu->dev, &bar, 8, config + BAR4));
	EXPECT_EQ(0x445566000000cull, le64toh(bar));

	ASSERT_EQ(0, ioctl(gpu->dev.fd, VFIO_DEVICE_RESET));
	EXPECT_EQ(0x12000000, bed_get32(&gpu->dev, config + BAR0) & ~0xfu);
	EXPECT_EQ(8, bed_pread(&gpu->dev, &bar, 8, config + BAR4));
	EXPECT_EQ(0xc, le64toh(bar));
}

/* In a child: 0 if it can read. It waits as long as the driver lets it. */
static pid_t child_read(struct gpu *gpu, const uint8_t *mem)
{
	pid_t pid = fork();

	if (pid)
		return pid;
	if (mem)
		_exit(bed_touch(mem) ? 1 : 0);
	_exit(bed_pread(&gpu->dev, got, 4, gpu->bar4.offset) == 4 ? 0 : 1);
}

static int child_status(pid_t pid)
{
	int status;

	if (waitpid(pid, &status, 0) != pid)
		return -errno;
	return WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status);
}

static bool child_waits(pid_t pid)
{
	usleep(300000);
	return !waitpid(pid, NULL, WNOHANG);
}

/* It waits for as long as the memory is not ready, and no longer. */
static void waits(struct __test_metadata *_metadata, struct gpu *gpu, pid_t pid)
{
	EXPECT_TRUE(child_waits(pid));
	subject_gpu_status(gpu->bdf, SUBJECT_GPU_READY);
	EXPECT_EQ(0, child_status(pid));
}

TEST_F(nvgrace, waits_until_ready)
{
	struct gpu *gpu = &self->gpu;
	uint8_t *mem;
	pid_t pid;

	if (mainline_never_waits())
		SKIP(return, NEVER_WAITS);
	subject_gpu_status(gpu->bdf, 0);
	waits(_metadata, gpu, child_read(gpu, NULL));

	/* It was found ready, and is looked at again after a reset only. */
	subject_gpu_status(gpu->bdf, 0);
	EXPECT_EQ(4, bed_pread(&gpu->dev, got, 4, gpu->bar4.offset));

	mem = gpu_mmap(gpu, WINDOW);
	ASSERT_NE(MAP_FAILED, (void *)mem);
	EXPECT_EQ(0, bed_touch(mem));
	ASSERT_EQ(0, ioctl(gpu->dev.fd, VFIO_DEVICE_RESET));
	config_set16(gpu, COMMAND, 6);
	waits(_metadata, gpu, child_read(gpu, mem));

	/* Who waits can be killed. */
	subject_gpu_status(gpu->bdf, 0);
	ASSERT_EQ(0, ioctl(gpu->dev.fd, VFIO_DEVICE_RESET));
	config_set16(gpu, COMMAND, 6);
	pid = child_read(gpu, NULL);
	EXPECT_TRUE(child_waits(pid));
	kill(pid, SIGKILL);
	EXPECT_EQ(SIGKILL, child_status(pid));
	munmap(mem, WINDOW);
}

/* While @pid waits, what needs memory_lock for itself does not have to. */
static void waits_without_locks(struct __test_metadata *_metadata,
				struct gpu *gpu, pid_t pid)
{
	double start = now();

	EXPECT_TRUE(child_waits(pid));
	config_set16(gpu, COMMAND, 6);
	EXPECT_GT(5, now() - start);
	waits(_metadata, gpu, pid);
}

TEST_F(nvgrace, waits_without_locks)
{
	struct gpu *gpu = &self->gpu;
	uint8_t *mem;

	if (mainline_never_waits())
		SKIP(return, NEVER_WAITS);
	if (bed_mainline())
		SKIP(return, "mainline waits for the registers with memory_lock held");
	mem = gpu_mmap(gpu, WINDOW);
	ASSERT_NE(MAP_FAILED, (void *)mem);
	subject_gpu_status(gpu->bdf, 0);
	waits_without_locks(_metadata, gpu, child_read(gpu, NULL));

	subject_gpu_status(gpu->bdf, 0);
	ASSERT_EQ(0, ioctl(gpu->dev.fd, VFIO_DEVICE_RESET));
	config_set16(gpu, COMMAND, 6);
	waits_without_locks(_metadata, gpu, child_read(gpu, mem));
	munmap(mem, WINDOW);
}

static int low_power(struct gpu *gpu, unsigned int feature)
{
	struct vfio_device_feature arg = {
		.argsz = sizeof(arg), .flags = feature | VFIO_DEVICE_FEATURE_SET,
	};

	return ioctl(gpu->dev.fd, VFIO_DEVICE_FEATURE, &arg) ? -errno : 0;
}

/* The state that the function is in within a second, or not. */
static bool power_state_is(struct gpu *gpu, const char *state)
{
	int i;

	for (i = 0; i < 50; i++) {
		if (!strcmp(state, bed_read(BED_DEVICES "/%s/power_state",
					    gpu->bdf)))
			return true;
		usleep(20000);
	}
	return false;
}

TEST_F(nvgrace, low_power)
{
	struct gpu *gpu = &self->gpu;
	uint8_t *mem;

	if (bed_mainline())
		SKIP(return, "mainline looks again only after a reset");
	mem = gpu_mmap(gpu, WINDOW);
	ASSERT_NE(MAP_FAILED, (void *)mem);
	EXPECT_EQ(0, bed_touch(mem));
	ASSERT_EQ(0, low_power(gpu, VFIO_DEVICE_FEATURE_LOW_POWER_ENTRY));
	EXPECT_TRUE(power_state_is(gpu, "D3hot\n"));
	EXPECT_EQ(-EFAULT, bed_touch(mem));

	/* A read wakes the function up, and does not tell anything for later. */
	EXPECT_EQ(4, bed_pread(&gpu->dev, got, 4, gpu->bar4.offset));
	EXPECT_TRUE(power_state_is(gpu, "D3hot\n"));
	ASSERT_EQ(0, low_power(gpu, VFIO_DEVICE_FEATURE_LOW_POWER_EXIT));
	subject_gpu_status(gpu->bdf, 0);
	waits(_metadata, gpu, child_read(gpu, NULL));
	EXPECT_EQ(0, bed_touch(mem));
	munmap(mem, WINDOW);
}

/* Who waits keeps the function awake, and gets no memory from one in low power. */
TEST_F(nvgrace, low_power_during_a_wait)
{
	struct gpu *gpu = &self->gpu;
	uint8_t *mem;
	pid_t pid;

	if (bed_mainline())
		SKIP(return, "mainline waits with memory_lock held");
	mem = gpu_mmap(gpu, WINDOW);
	ASSERT_NE(MAP_FAILED, (void *)mem);
	subject_gpu_status(gpu->bdf, 0);
	pid = child_read(gpu, mem);
	EXPECT_TRUE(child_waits(pid));
	ASSERT_EQ(0, low_power(gpu, VFIO_DEVICE_FEATURE_LOW_POWER_ENTRY));
	EXPECT_TRUE(child_waits(pid));
	EXPECT_STREQ("D0\n", bed_read(BED_DEVICES "/%s/power_state", gpu->bdf));
	subject_gpu_status(gpu->bdf, SUBJECT_GPU_READY);
	EXPECT_EQ(1, child_status(pid));
	EXPECT_TRUE(power_state_is(gpu, "D3hot\n"));
	ASSERT_EQ(0, low_power(gpu, VFIO_DEVICE_FEATURE_LOW_POWER_EXIT));
	EXPECT_EQ(0, bed_touch(mem));
	munmap(mem, WINDOW);
}

/* A read that meets a reset by root returns when that is done. */
TEST_F(nvgrace, read_during_a_reset_by_root)
{
	struct gpu *gpu = &self->gpu;
	pid_t pid;

	if (bed_mainline())
		SKIP(return, "mainline does not wait for resets of others");
	pid = bed_reset_begun(GPU, gpu->bdf);
	EXPECT_EQ(4, bed_pread(&gpu->dev, got, 4, gpu->bar4.offset));
	EXPECT_EQ(0, bed_reset_done(pid));
}

/* One whose function has the BARs as well, far smaller than what they stand for. */
FIXTURE(bars) {
	struct gpu gpu;
};

FIXTURE_SETUP(bars)
{
	platform();
	bed_mock_set(GPU, "bar", "2 10000");
	bed_mock_set(GPU, "bar", "4 10000");
	bed_mock_set(GPU, "extended_capability", DVSEC_MIG);
	ASSERT_EQ(0, gpu_begin(&self->gpu));
}

FIXTURE_TEARDOWN(bars)
{
	bed_close(&self->gpu.dev);
	bed_mock_remove();
}

TEST_F(bars, regions)
{
	struct gpu *gpu = &self->gpu;
	uint64_t bar;

	EXPECT_EQ(SPAN, gpu->bar4.size);
	EXPECT_EQ(0x10000, gpu->bar2.size);
	EXPECT_EQ(8, bed_pread(&gpu->dev, &bar, 8, gpu->config.offset + BAR4));
	EXPECT_EQ(0xc, le64toh(bar));
	ASSERT_EQ(64, bed_pread(&gpu->dev, got, 64, gpu->bar4.offset));
	EXPECT_EQ(0, memcmp(pattern, got, 64));
}

TEST_F(bars, dma_buf)
{
	struct gpu *gpu = &self->gpu;

	if (!bed_kernel_has(BED_DMA_BUF))
		SKIP(return, "this kernel exports no dma-bufs");
	EXPECT_EQ(WINDOW, bed_dma_buf_size(&gpu->dev, 4, WINDOW));
	EXPECT_EQ(-EINVAL, bed_dma_buf_size(&gpu->dev, 4, SPAN));
	EXPECT_EQ(0x10000, bed_dma_buf_size(&gpu->dev, 2, 0x10000));
	EXPECT_EQ(-EINVAL, bed_dma_buf_size(&gpu->dev, 2, WINDOW));
}

/* A part that tells in configuration space, and has a second to do so. */
FIXTURE(cxl) {
	struct gpu gpu;
};

static void range_set(uint32_t val)
{
	bed_mock_set(GPU, "config", "%x 4 %x", CXL_RANGE, val);
}

/* Mainline's driver does not bind before the memory is ready. */
FIXTURE_SETUP(cxl)
{
	platform();
	bed_mock_set(GPU, "extended_capability", DVSEC_MIG);
	bed_mock_set(GPU, "extended_capability", DVSEC_CXL);
	range_set(CXL_VALID | CXL_ACTIVE);
	ASSERT_EQ(0, gpu_begin(&self->gpu));
}

FIXTURE_TEARDOWN(cxl)
{
	bed_close(&self->gpu.dev);
	bed_mock_remove();
}

/* Within the second that it may take, and not for ever. */
static void gives_up(struct __test_metadata *_metadata, struct gpu *gpu,
		     const uint8_t *mem)
{
	double start = now();

	if (mem) {
		EXPECT_EQ(-EFAULT, bed_touch(mem));
	} else {
		EXPECT_EQ(-ETIME, bed_pread(&gpu->dev, got, 4,
					    gpu->bar4.offset));
	}
	EXPECT_LT(0.9, now() - start);
	EXPECT_GT(10, now() - start);
}

TEST_F(cxl, never_ready)
{
	struct gpu *gpu = &self->gpu;
	uint8_t *mem;

	if (mainline_never_waits())
		SKIP(return, NEVER_WAITS);
	mem = gpu_mmap(gpu, WINDOW);
	ASSERT_NE(MAP_FAILED, (void *)mem);
	range_set(0);
	gives_up(_metadata, gpu, NULL);
	range_set(CXL_VALID);
	gives_up(_metadata, gpu, mem);

	/* Late, but there. */
	range_set(CXL_VALID | CXL_ACTIVE);
	EXPECT_EQ(4, bed_pread(&gpu->dev, got, 4, gpu->bar4.offset));
	EXPECT_EQ(0, bed_touch(mem));

	/* Gone with a reset. */
	range_set(0);
	EXPECT_EQ(4, bed_pread(&gpu->dev, got, 4, gpu->bar4.offset));
	ASSERT_EQ(0, ioctl(gpu->dev.fd, VFIO_DEVICE_RESET));
	config_set16(gpu, COMMAND, 6);
	gives_up(_metadata, gpu, mem);

	/* All ones: it fell off the bus. No waiting for that. */
	range_set(~0u);
	EXPECT_EQ(-ENODEV, bed_pread(&gpu->dev, got, 4, gpu->bar4.offset));
	munmap(mem, WINDOW);
}

/* Where a huge page would fit, a fault is asked for that first. */
TEST_F(cxl, never_ready_and_aligned)
{
	struct gpu *gpu = &self->gpu;
	double once, start = now();
	uint8_t *mem, *place;

	if (bed_mainline())
		SKIP(return, "mainline waits in its own way");
	range_set(0);
	EXPECT_EQ(-ETIME, bed_pread(&gpu->dev, got, 4, gpu->bar4.offset));
	once = now() - start;

	place = mmap(NULL, 4 * HUGE_PAGE, PROT_NONE,
		     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, (void *)place);
	place += HUGE_PAGE - (uintptr_t)place % HUGE_PAGE;
	mem = mmap(place, WINDOW, PROT_READ | PROT_WRITE,
		   MAP_SHARED | MAP_FIXED, gpu->dev.fd, gpu->bar4.offset);
	ASSERT_EQ((void *)place, (void *)mem);
	start = now();
	EXPECT_EQ(-EFAULT, bed_touch(mem));
	EXPECT_GT(1.6 * once, now() - start);
	munmap(mem, WINDOW);
}

/* Of another one than the user, while that has the memory mapped. */
static void reset_by_root(struct __test_metadata *_metadata, struct gpu *gpu,
			  const uint8_t *mem)
{
	range_set(CXL_VALID | CXL_ACTIVE);
	EXPECT_EQ(4, bed_pread(&gpu->dev, got, 4, gpu->bar4.offset));
	EXPECT_EQ(0, bed_touch(mem));
	range_set(0);
	ASSERT_EQ(0, bed_puts("1", BED_DEVICES "/%s/reset", gpu->bdf));
}

TEST_F(cxl, reset_by_root)
{
	struct gpu *gpu = &self->gpu;
	uint8_t *mem;

	if (mainline_never_waits())
		SKIP(return, NEVER_WAITS);
	mem = gpu_mmap(gpu, WINDOW);
	ASSERT_NE(MAP_FAILED, (void *)mem);
	reset_by_root(_metadata, gpu, mem);
	gives_up(_metadata, gpu, NULL);
	munmap(mem, WINDOW);
}

TEST_F(cxl, reset_by_root_while_mapped)
{
	struct gpu *gpu = &self->gpu;
	uint8_t *mem;

	if (bed_mainline())
		SKIP(return, "mainline leaves what is mapped as it is");
	if (core_hides_areas())
		SKIP(return, "vfio-pci-core of this kernel hides what is mapped");
	mem = gpu_mmap(gpu, WINDOW);
	ASSERT_NE(MAP_FAILED, (void *)mem);
	reset_by_root(_metadata, gpu, mem);
	gives_up(_metadata, gpu, mem);
	range_set(CXL_VALID | CXL_ACTIVE);
	EXPECT_EQ(0, memcmp(pattern, mem, WINDOW));
	munmap(mem, WINDOW);
}

/* A part that keeps an uncached GiB: 2.25 GiB are 1 GiB, and 1.25 GiB. */
FIXTURE(reserved) {
	struct gpu gpu;
	uint64_t base;
};

FIXTURE_SETUP(reserved)
{
	platform();
	self->base = bed_high_memory();
	ASSERT_NE(0, self->base);
	bed_puts("1", BED_DEVICES "/" BED_HIGH_MEMORY "/enable");
	properties(self->base, 9 * GIB / 4);
	bed_mock_set(GPU, "node", "gpu");
	bed_firmware(self->base + GIB, pattern, 0x3000);
	bed_firmware(self->base + 9 * GIB / 4 - 0x1000, pattern, 0x1000);
	ASSERT_EQ(0, gpu_open(&self->gpu));
}

FIXTURE_TEARDOWN(reserved)
{
	bed_close(&self->gpu.dev);
	bed_mock_remove();
	bed_puts("0", BED_DEVICES "/" BED_HIGH_MEMORY "/enable");
}

TEST_F(reserved, two_bars)
{
	struct gpu *gpu = &self->gpu;
	uint8_t *mem;

	/* Of what is not reserved, before that is cut to 512 MiB. */
	EXPECT_EQ(2 * GIB, gpu->bar4.size);
	EXPECT_EQ(2 * GIB, gpu->bar2.size);
	ASSERT_EQ(0x3000, bed_pread(&gpu->dev, got, 0x3000, gpu->bar2.offset));
	EXPECT_EQ(0, memcmp(pattern, got, 0x3000));
	ASSERT_EQ(0x1000, bed_pread(&gpu->dev, got, 0x1000, gpu->bar2.offset +
				    5 * GIB / 4 - 0x1000));
	EXPECT_EQ(0, memcmp(pattern, got, 0x1000));

	mem = mmap(NULL, 0x3000, PROT_READ | PROT_WRITE, MAP_SHARED,
		   gpu->dev.fd, gpu->bar2.offset);
	ASSERT_NE(MAP_FAILED, (void *)mem);
	EXPECT_EQ(0, memcmp(pattern, mem, 0x3000));
	mem[0x1001] = 0x5a;
	EXPECT_EQ(1, bed_pread(&gpu->dev, got, 1, gpu->bar2.offset + 0x1001));
	EXPECT_EQ(0x5a, got[0]);
	munmap(mem, 0x3000);

	/* The end of one is not the start of the other. */
	memset(got, 0, 16);
	EXPECT_EQ(16, bed_pread(&gpu->dev, got, 16, gpu->bar4.offset + GIB - 8));
	EXPECT_EQ(0, memcmp(got + 8, "\xff\xff\xff\xff\xff\xff\xff\xff", 8));
	EXPECT_EQ(EINVAL, bed_mmap_errno(&gpu->dev, 0x2000, MAP_SHARED,
					 gpu->bar4.offset + GIB - 0x1000));
}

#define LARGE		0x20000000ul
#define PIECE		0x400000ul

/* Many mappings of little memory, all of it there. */
static uint8_t *large_buffer(void)
{
	int fd = memfd_create("piece", 0);
	uint8_t *buf = mmap(NULL, LARGE, PROT_NONE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	size_t at;

	if (fd < 0 || ftruncate(fd, PIECE) || buf == MAP_FAILED)
		return NULL;
	for (at = 0; at < LARGE; at += PIECE) {
		if (mmap(buf + at, PIECE, PROT_READ | PROT_WRITE,
			 MAP_SHARED | MAP_FIXED | MAP_POPULATE, fd, 0) ==
		    MAP_FAILED)
			return NULL;
	}
	return buf;
}

TEST_F(reserved, large_read_killed)
{
	struct gpu *gpu = &self->gpu;
	double start;
	int begun[2];
	uint8_t *buf;
	pid_t pid;
	char byte;

	if (bed_mainline())
		SKIP(return, "mainline reads all of it first");
	ASSERT_EQ(0, pipe(begun));
	pid = fork();
	if (!pid) {
		close(begun[0]);
		buf = large_buffer();
		if (!buf || write(begun[1], "", 1) != 1)
			_exit(1);
		_exit(bed_pread(&gpu->dev, buf, LARGE, gpu->bar4.offset) != LARGE);
	}
	close(begun[1]);
	ASSERT_EQ(1, read(begun[0], &byte, 1));
	close(begun[0]);
	usleep(100000);
	start = now();
	kill(pid, SIGKILL);
	EXPECT_EQ(SIGKILL, child_status(pid));
	EXPECT_GT(1, now() - start);
}

/* At once, with what is not there behind it. */
TEST_F(reserved, end)
{
	struct gpu *gpu = &self->gpu;
	uint64_t end = gpu->bar2.offset + 5 * GIB / 4;
	size_t i;

	if (bed_mainline())
		SKIP(return, "mainline ends an access to BAR 2 where the memory ends");
	ASSERT_EQ(0x1010, bed_pread(&gpu->dev, got, 0x1010, end - 0x1000));
	EXPECT_EQ(0, memcmp(pattern, got, 0x1000));
	for (i = 0x1000; i < 0x1010; i++)
		EXPECT_EQ(0xff, got[i]);
	EXPECT_EQ(16, bed_pwrite(&gpu->dev, "eight: and eight", 16, end - 8));
	ASSERT_EQ(16, bed_pread(&gpu->dev, got, 16, end - 8));
	EXPECT_EQ(0, memcmp(got, "eight: a\xff\xff\xff\xff\xff\xff\xff\xff", 16));
}

TEST_F(reserved, registers)
{
	uint64_t bars[2] = { ~0ull, ~0ull };
	struct gpu *gpu = &self->gpu;
	uint64_t reg = gpu->config.offset + BAR2;

	EXPECT_EQ(8, bed_pwrite(&gpu->dev, &bars[0], 8, reg));
	EXPECT_EQ(8, bed_pwrite(&gpu->dev, &bars[1], 8, reg + 8));
	EXPECT_EQ(8, bed_pread(&gpu->dev, &bars[0], 8, reg));
	EXPECT_EQ(8, bed_pread(&gpu->dev, &bars[1], 8, reg + 8));
	EXPECT_EQ(~(2 * GIB - 1) | 0xc, le64toh(bars[0]));
	EXPECT_EQ(~(2 * GIB - 1) | 0xc, le64toh(bars[1]));
}

TEST_F(reserved, registers_of_both)
{
	uint64_t bars[2] = { htole64(0x1180000000ull), htole64(0x2280000000ull) };
	struct gpu *gpu = &self->gpu;
	uint64_t reg = gpu->config.offset + BAR2;

	if (bed_mainline())
		SKIP(return, ONE_BAR);
	EXPECT_EQ(16, bed_pwrite(&gpu->dev, bars, 16, reg));
	EXPECT_EQ(16, bed_pread(&gpu->dev, bars, 16, reg));
	EXPECT_EQ(0x118000000cull, le64toh(bars[0]));
	EXPECT_EQ(0x228000000cull, le64toh(bars[1]));
}

FIXTURE(broken) {
	char bdf[32];
};

FIXTURE_VARIANT(broken) {
	uint64_t base, size;
	bool no_size, splits, no_regs;
	const char *reason;
	const char *mainline;	/* what it does instead of a plain device */
};

#define TAKES_IT	"makes a BAR of it"

#define BROKEN(name)	FIXTURE_VARIANT_ADD(broken, name)

BROKEN(absent) {
	.reason = "no nvidia,gpu-mem-base-pa",
};

BROKEN(size_absent) {
	.base = BED_FIRMWARE, .no_size = true,
	.reason = "no nvidia,gpu-mem-size",
};

BROKEN(size_zero) {
	.base = BED_FIRMWARE,
	.reason = "gpu-mem-size is 0",
};

BROKEN(base_unaligned) {
	.base = BED_FIRMWARE + 8, .size = 0x1000,
	.reason = "whole pages",
	.mainline = TAKES_IT,
};

BROKEN(size_unaligned) {
	.base = BED_FIRMWARE, .size = 0x1008,
	.reason = "whole pages",
	.mainline = TAKES_IT,
};

BROKEN(in_ram) {
	.base = 0x1000000, .size = 0x1000,
	.reason = "System RAM",
	.mainline = TAKES_IT,
};

BROKEN(ends_in_ram) {
	.base = BED_FIRMWARE + 0x300000, .size = 0x200000,
	.reason = "System RAM",
	.mainline = TAKES_IT,
};

BROKEN(wraps) {
	.base = ~0xfffull, .size = 0x2000,
	.reason = "wraps",
	.mainline = TAKES_IT,
};

BROKEN(beyond) {
	.base = 1ull << 60, .size = 0x1000,
	.reason = "beyond what the CPU",
	.mainline = TAKES_IT,
};

BROKEN(ends_beyond) {
	.base = 1ull << 32, .size = 1ull << 62,
	.reason = "beyond what the CPU",
	.mainline = TAKES_IT,
};

BROKEN(too_little) {
	.base = BED_FIRMWARE, .size = 0x1000, .splits = true,
	.reason = "0x1000 bytes is too little",
	.mainline = "does not bind",
};

BROKEN(no_registers) {
	.base = BED_FIRMWARE, .size = 0x1000, .no_regs = true,
	.reason = "BAR 0 is missing",
	.mainline = TAKES_IT ", or does not bind",
};

FIXTURE_SETUP(broken)
{
	bed_puts("on\n", BED_PARAMETER);
	bed_mock_remove();
	bed_mock_bus();
	bed_mock_function(GPU, 0x10de, GH200, 0x030200);
	if (!variant->no_regs)
		bed_mock_set(GPU, "bar", "0 %x", SUBJECT_GPU_REGS);
	bed_mock_set(GPU, "express", "integrated flr");
	if (!variant->splits)
		bed_mock_set(GPU, "extended_capability", DVSEC_MIG);
	if (!variant->base)
		return;

	bed_node("gpu");
	bed_node_set("gpu", "u64", "nvidia,gpu-mem-base-pa %llx",
		     (unsigned long long)variant->base);
	if (!variant->no_size)
		bed_node_set("gpu", "u64", "nvidia,gpu-mem-size %llx",
			     (unsigned long long)variant->size);
	bed_mock_set(GPU, "node", "gpu");
}

FIXTURE_TEARDOWN(broken)
{
	bed_mock_remove();
}

static void expect_decline(struct __test_metadata *_metadata, const char *bdf,
			   const char *reason)
{
	const char *log = bed_vendor_log(bdf);

	EXPECT_EQ(0, strncmp(log, "nvgrace: declined: ", 19));
	EXPECT_NE(NULL, strstr(log, reason));
	EXPECT_NE(NULL, strstr(log, "\ngeneric: selected\n"));
}

TEST_F(broken, leaves_a_generic_device)
{
	struct vfio_region_info bar4;
	struct bed_device dev;

	if (bed_mainline() && variant->mainline)
		SKIP(return, "mainline %s", variant->mainline);
	bed_mock_live();
	snprintf(self->bdf, sizeof(self->bdf), "%s", bed_mock_bdf(GPU));
	if (!variant->no_regs)
		subject_gpu_status(self->bdf, SUBJECT_GPU_READY);
	ASSERT_EQ(0, gpu_bind(self->bdf));
	if (!bed_mainline())
		expect_decline(_metadata, self->bdf, variant->reason);
	ASSERT_EQ(0, bed_open(&dev, self->bdf));
	ASSERT_EQ(0, bed_region(&dev, VFIO_PCI_BAR4_REGION_INDEX, &bar4));
	EXPECT_EQ(0, bar4.size);
	bed_close(&dev);
}

/* Two GPUs that firmware gave the same memory: the first has it. */
TEST(overlap)
{
	char bdf[2][32];
	int i;

	if (bed_mainline())
		SKIP(return, "mainline does not look for who has the memory");
	platform();
	function(GPU_2);
	bed_mock_set(GPU, "extended_capability", DVSEC_MIG);
	bed_mock_set(GPU_2, "extended_capability", DVSEC_MIG);
	properties(BED_FIRMWARE, WINDOW);
	bed_mock_set(GPU, "node", "gpu");
	bed_node("gpu2");
	bed_node_set("gpu2", "u64", "nvidia,gpu-mem-base-pa %x",
		     BED_FIRMWARE + 0x100000);
	bed_node_set("gpu2", "u64", "nvidia,gpu-mem-size 200000");
	bed_mock_set(GPU_2, "node", "gpu2");
	bed_mock_live();
	for (i = 0; i < 2; i++) {
		snprintf(bdf[i], sizeof(bdf[i]), "%s",
			 bed_mock_bdf(i ? GPU_2 : GPU));
		ASSERT_EQ(0, bed_bind(bdf[i]));
	}
	EXPECT_STREQ("nvgrace\n", bed_vendor(bdf[0]));
	EXPECT_NE(NULL, strstr(bed_vendor_log(bdf[1]),
			       "overlaps memory that another device or driver has"));

	ASSERT_EQ(0, bed_unbind(bdf[0]));
	ASSERT_EQ(0, bed_unbind(bdf[1]));
	ASSERT_EQ(0, bed_bind(bdf[1]));
	EXPECT_STREQ("nvgrace\n", bed_vendor(bdf[1]));
	bed_mock_remove();
}

TEST_HARNESS_MAIN
