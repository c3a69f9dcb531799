// SPDX-License-Identifier: GPL-2.0-only
/*
 * Every call that a user of a VFIO device can make, with what is in range and
 * what is not, and what came of each.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "trace.h"

#define ARRAY_SIZE(array)	(sizeof(array) / sizeof((array)[0]))
#define PAGE			4096
#define MAX_REGIONS		16
#define INDEX_OFFSET(index)	((uint64_t)(index) << 40)

const char *const diff_area_names[DIFF_AREAS] = {
	"info", "regions", "data", "config", "mmap", "irqs", "reset",
	"features", "ioctls", "file",
};

static struct diff_trace *out;

/* An argument of an ioctl, with room for capabilities behind it. */
union argument {
	struct vfio_device_info device;
	struct vfio_region_info region;
	struct vfio_irq_info irq;
	struct vfio_irq_set irqs;
	struct vfio_pci_hot_reset_info hot_info;
	struct vfio_pci_hot_reset hot_reset;
	struct vfio_device_feature feature;
	struct vfio_device_gfx_plane_info plane;
	struct vfio_device_ioeventfd ioeventfd;
	uint32_t words[512];
	uint8_t bytes[2048];
};

__attribute__((format(printf, 2, 0)))
static void line(const char *key, const char *fmt, va_list args)
{
	struct diff_line *new;

	if (out->count == out->room) {
		out->room = out->room ? 2 * out->room : 256;
		out->lines = realloc(out->lines, out->room * sizeof(*new));
		if (!out->lines)
			exit(1);
	}
	new = &out->lines[out->count++];
	snprintf(new->key, sizeof(new->key), "%s", key);
	if (vasprintf(&new->value, fmt, args) < 0)
		exit(1);
}

static char key[64];

__attribute__((format(printf, 1, 2)))
static void at(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(key, sizeof(key), fmt, args);
	va_end(args);
}

__attribute__((format(printf, 1, 2)))
static void is(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	line(key, fmt, args);
	va_end(args);
}

/* What a system call returned. */
static void outcome(long ret)
{
	is("%ld/%d", ret, ret < 0 ? errno : 0);
}

void diff_trace_free(struct diff_trace *trace)
{
	size_t i;

	for (i = 0; i < trace->count; i++)
		free(trace->lines[i].value);
	free(trace->lines);
	memset(trace, 0, sizeof(*trace));
}

static const char *hex(const void *data, size_t len)
{
	static char text[2 * sizeof(union argument) + 1];
	const uint8_t *bytes = data;
	size_t i;

	for (i = 0; i < len; i++)
		sprintf(text + 2 * i, "%02x", bytes[i]);
	text[2 * len] = '\0';
	return text;
}

/* The result of an ioctl and all that it left in its argument. */
static void call(struct diff_target *t, unsigned long cmd, union argument *arg,
		 size_t shown)
{
	int ret = ioctl(t->dev.fd, cmd, arg);

	is("%d/%d %s", ret, ret < 0 ? errno : 0, hex(arg, shown));
}

/* argsz that is too small by one, right, and large, also beyond reason. */
static const uint32_t argument_sizes[] = {
	0, 4, 12, 15, 16, 20, 23, 24, 31, 32, 48, 64, 512, sizeof(union argument),
};

static void trace_info(struct diff_target *t)
{
	union argument arg;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(argument_sizes); i++) {
		memset(&arg, 0, sizeof(arg));
		arg.device.argsz = argument_sizes[i];
		at("info argsz=%u", argument_sizes[i]);
		call(t, VFIO_DEVICE_GET_INFO, &arg, 256);
	}
	at("info NULL");
	outcome(ioctl(t->dev.fd, VFIO_DEVICE_GET_INFO, NULL));
}

static void trace_regions(struct diff_target *t)
{
	static const uint32_t beyond[] = { 64, 255, 1u << 24, ~0u };
	union argument arg;
	uint32_t index;
	size_t i;

	for (index = 0; index < MAX_REGIONS; index++) {
		for (i = 0; i < ARRAY_SIZE(argument_sizes); i++) {
			memset(&arg, 0, sizeof(arg));
			arg.region.argsz = argument_sizes[i];
			arg.region.index = index;
			at("region %u argsz=%u", index, argument_sizes[i]);
			call(t, VFIO_DEVICE_GET_REGION_INFO, &arg, 256);
		}
	}
	for (i = 0; i < ARRAY_SIZE(beyond); i++) {
		memset(&arg, 0, sizeof(arg));
		arg.region.argsz = sizeof(arg);
		arg.region.index = beyond[i];
		at("region %#x", beyond[i]);
		call(t, VFIO_DEVICE_GET_REGION_INFO, &arg, 64);
	}
}

static uint64_t region_size(struct diff_target *t, unsigned int index)
{
	struct vfio_region_info info;

	return bed_region(&t->dev, index, &info) ? 0 : info.size;
}

static void set_command(struct diff_target *t, uint16_t command)
{
	bed_pwrite(&t->dev, &command, sizeof(command),
		   INDEX_OFFSET(VFIO_PCI_CONFIG_REGION_INDEX) + 4);
}

static void read_line(struct diff_target *t, unsigned int index, uint64_t pos,
		      size_t len, bool value)
{
	uint8_t bytes[64];
	long ret;

	memset(bytes, 0xa5, sizeof(bytes));
	ret = bed_pread(&t->dev, bytes, len, INDEX_OFFSET(index) + pos);
	at("read %u+%#llx %zu", index, (unsigned long long)pos, len);
	is("%ld %s", ret, value ? hex(bytes, len) : "");
}

static void trace_boundaries(struct diff_target *t, unsigned int index,
			     uint64_t size)
{
	static const size_t lengths[] = { 0, 1, 2, 3, 4, 5, 7, 8, 12, 16, 24 };
	bool value = t->stable_bars || index > VFIO_PCI_ROM_REGION_INDEX;
	uint64_t positions[] = {
		0, 1, 2, 3, 4, 6, 8, size - 16, size - 8, size - 5, size - 4,
		size - 3, size - 2, size - 1, size, size + 1, size + PAGE,
		(1ull << 40) - 1,
	};
	size_t i, j;

	for (i = 0; i < ARRAY_SIZE(positions); i++) {
		if (positions[i] >> 40)
			continue;
		for (j = 0; j < ARRAY_SIZE(lengths); j++)
			read_line(t, index, positions[i], lengths[j], value);
	}
	at("read %u NULL", index);
	is("%ld", bed_pread(&t->dev, NULL, 4, INDEX_OFFSET(index)));
	at("write %u beyond", index);
	is("%ld", bed_pwrite(&t->dev, "x", 1, INDEX_OFFSET(index) + size));
	at("write %u NULL", index);
	is("%ld", bed_pwrite(&t->dev, NULL, 4, INDEX_OFFSET(index)));
	at("write %u nothing", index);
	is("%ld", bed_pwrite(&t->dev, "", 0, INDEX_OFFSET(index)));
}

/*
 * Writes of every length at every alignment, behind what the reads look at: the
 * other driver finds what this one wrote.
 */
static void trace_writes(struct diff_target *t, unsigned int index)
{
	uint8_t bytes[16], back[32] = { 0 };
	size_t pos, len, i;
	long ret;

	bed_pwrite(&t->dev, back, sizeof(back), INDEX_OFFSET(index) + 32);
	for (pos = 0; pos < 8; pos++) {
		for (len = 1; len <= 9; len++) {
			for (i = 0; i < len; i++)
				bytes[i] = 16 * len + pos + i;
			ret = bed_pwrite(&t->dev, bytes, len,
					 INDEX_OFFSET(index) + 32 + pos);
			memset(back, 0, sizeof(back));
			bed_pread(&t->dev, back, sizeof(back),
				  INDEX_OFFSET(index) + 32);
			at("write %u+%zu %zu", index, 32 + pos, len);
			is("%ld %s", ret, hex(back, sizeof(back)));
		}
	}
}

static void trace_data(struct diff_target *t)
{
	unsigned int index;
	uint64_t size;

	for (index = 0; index < MAX_REGIONS; index++) {
		if (index == VFIO_PCI_CONFIG_REGION_INDEX)
			continue;
		size = region_size(t, index);
		set_command(t, 6);
		trace_boundaries(t, index, size);
		if (t->stable_bars && size && index <= VFIO_PCI_BAR5_REGION_INDEX)
			trace_writes(t, index);

		set_command(t, 0);
		read_line(t, index, 0, 4, false);
		at("disabled write %u", index);
		is("%ld", bed_pwrite(&t->dev, NULL, 4, INDEX_OFFSET(index)));
	}
	set_command(t, 6);
}

/*
 * Write one register, look at it, put it back. Not the command register, nor
 * what starts a reset, a change of power or of link: their areas are others.
 */
static void config_write(struct diff_target *t, unsigned int pos, size_t len,
			 uint32_t value)
{
	uint64_t base = INDEX_OFFSET(VFIO_PCI_CONFIG_REGION_INDEX);
	uint32_t before = 0, after = 0;
	long ret;

	bed_pread(&t->dev, &before, len, base + pos);
	ret = bed_pwrite(&t->dev, &value, len, base + pos);
	bed_pread(&t->dev, &after, len, base + pos);
	bed_pwrite(&t->dev, &before, len, base + pos);
	at("config write %#x %zu %#x", pos, len, value);
	is("%ld %0*x", ret, 2 * (int)len, after);
}

static void trace_config(struct diff_target *t)
{
	uint64_t size = region_size(t, VFIO_PCI_CONFIG_REGION_INDEX);
	static const size_t widths[] = { 1, 2, 4 };
	unsigned int pos;
	size_t i;

	set_command(t, 6);
	for (i = 0; i < ARRAY_SIZE(widths); i++) {
		for (pos = 0; pos + widths[i] <= size; pos += widths[i])
			read_line(t, VFIO_PCI_CONFIG_REGION_INDEX, pos,
				  widths[i], true);
	}
	for (pos = 0; pos < 256; pos++) {
		for (i = 1; i <= 9; i++)
			read_line(t, VFIO_PCI_CONFIG_REGION_INDEX, pos, i, true);
	}
	for (pos = 0; pos < size; pos++) {
		if (pos == 4 || pos == 5)
			continue;
		config_write(t, pos, 1, 0xff);
		config_write(t, pos, 1, 0);
	}
	for (pos = 0x10; pos < 0x40; pos++) {
		config_write(t, pos, 2, 0xffff);
		config_write(t, pos, 4, 0xffffffff);
	}
	for (pos = size - 5; pos <= size + 4; pos++) {
		read_line(t, VFIO_PCI_CONFIG_REGION_INDEX, pos, 4, true);
		read_line(t, VFIO_PCI_CONFIG_REGION_INDEX, pos, 1, true);
	}
	set_command(t, 6);
	read_line(t, VFIO_PCI_CONFIG_REGION_INDEX, 0, 64, true);
}

static void map_line(struct diff_target *t, unsigned int index, uint64_t pos,
		     size_t len, int prot, int flags)
{
	void *mem;

	errno = 0;
	mem = mmap(NULL, len, prot, flags, t->dev.fd, INDEX_OFFSET(index) + pos);
	at("mmap %u+%#llx %#zx prot=%d flags=%d", index,
	   (unsigned long long)pos, len, prot, flags);
	is("%d", errno);
	if (mem == MAP_FAILED)
		return;

	if (t->stable_bars && (prot & PROT_READ)) {
		at("mapped %u+%#llx %#zx", index, (unsigned long long)pos, len);
		is("%#x", *(volatile uint32_t *)mem);
	}
	munmap(mem, len);
}

static void trace_mmap(struct diff_target *t)
{
	unsigned int index;
	uint64_t size;

	set_command(t, 6);
	for (index = 0; index < MAX_REGIONS; index++) {
		size = region_size(t, index);
		map_line(t, index, 0, PAGE, PROT_READ, MAP_SHARED);
		map_line(t, index, 0, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED);
		map_line(t, index, 0, PAGE, PROT_WRITE, MAP_SHARED);
		map_line(t, index, 0, PAGE, PROT_READ, MAP_PRIVATE);
		map_line(t, index, 0, PAGE / 2, PROT_READ, MAP_SHARED);
		map_line(t, index, 0, 2 * PAGE, PROT_READ, MAP_SHARED);
		map_line(t, index, PAGE, PAGE, PROT_READ, MAP_SHARED);
		map_line(t, index, PAGE / 2, PAGE, PROT_READ, MAP_SHARED);
		if (size < PAGE)
			continue;
		map_line(t, index, 0, size, PROT_READ, MAP_SHARED);
		map_line(t, index, 0, size + PAGE, PROT_READ, MAP_SHARED);
		map_line(t, index, size - PAGE, PAGE, PROT_READ, MAP_SHARED);
		map_line(t, index, size, PAGE, PROT_READ, MAP_SHARED);
	}
}

static const struct {
	const char *name;
	uint32_t flags;
} irq_requests[] = {
	{ "none mask", VFIO_IRQ_SET_DATA_NONE | VFIO_IRQ_SET_ACTION_MASK },
	{ "none unmask", VFIO_IRQ_SET_DATA_NONE | VFIO_IRQ_SET_ACTION_UNMASK },
	{ "none trigger", VFIO_IRQ_SET_DATA_NONE | VFIO_IRQ_SET_ACTION_TRIGGER },
	{ "bool mask", VFIO_IRQ_SET_DATA_BOOL | VFIO_IRQ_SET_ACTION_MASK },
	{ "bool unmask", VFIO_IRQ_SET_DATA_BOOL | VFIO_IRQ_SET_ACTION_UNMASK },
	{ "bool trigger", VFIO_IRQ_SET_DATA_BOOL | VFIO_IRQ_SET_ACTION_TRIGGER },
	{ "eventfd mask", VFIO_IRQ_SET_DATA_EVENTFD | VFIO_IRQ_SET_ACTION_MASK },
	{ "eventfd unmask", VFIO_IRQ_SET_DATA_EVENTFD | VFIO_IRQ_SET_ACTION_UNMASK },
	{ "eventfd trigger", VFIO_IRQ_SET_DATA_EVENTFD | VFIO_IRQ_SET_ACTION_TRIGGER },
	{ "no action", VFIO_IRQ_SET_DATA_NONE },
	{ "no data", VFIO_IRQ_SET_ACTION_TRIGGER },
	{ "two kinds of data", VFIO_IRQ_SET_DATA_NONE | VFIO_IRQ_SET_DATA_BOOL |
			       VFIO_IRQ_SET_ACTION_TRIGGER },
	{ "two actions", VFIO_IRQ_SET_DATA_NONE | VFIO_IRQ_SET_ACTION_MASK |
			 VFIO_IRQ_SET_ACTION_UNMASK },
	{ "unknown flag", 1u << 31 | VFIO_IRQ_SET_DATA_NONE |
			  VFIO_IRQ_SET_ACTION_TRIGGER },
};

static int irq_set(struct diff_target *t, unsigned int index, uint32_t flags,
		   uint32_t start, uint32_t count, uint32_t argsz, int fd)
{
	union argument arg = { .irqs = {
		.argsz = argsz, .flags = flags, .index = index, .start = start,
		.count = count,
	} };
	size_t i;

	for (i = 0; i < 64; i++) {
		if (flags & VFIO_IRQ_SET_DATA_EVENTFD)
			memcpy(arg.irqs.data + 4 * i, &fd, sizeof(fd));
		else
			arg.irqs.data[i] = 1;
	}
	return ioctl(t->dev.fd, VFIO_DEVICE_SET_IRQS, &arg) ? errno : 0;
}

static void irq_off(struct diff_target *t, unsigned int index)
{
	irq_set(t, index, VFIO_IRQ_SET_DATA_NONE | VFIO_IRQ_SET_ACTION_TRIGGER,
		0, 0, sizeof(struct vfio_irq_set), -1);
}

static void trace_irq_requests(struct diff_target *t, unsigned int index)
{
	static const uint32_t starts[] = { 0, 1, 2, 1000, ~0u };
	static const uint32_t counts[] = { 0, 1, 2, 3, 40, ~0u };
	size_t i, j, k;
	int ret;

	for (i = 0; i < ARRAY_SIZE(irq_requests); i++) {
		for (j = 0; j < ARRAY_SIZE(starts); j++) {
			for (k = 0; k < ARRAY_SIZE(counts); k++) {
				int fd = eventfd(0, EFD_NONBLOCK);

				ret = irq_set(t, index, irq_requests[i].flags,
					      starts[j], counts[k],
					      sizeof(union argument), fd);
				at("irq %u %s %u+%u", index,
				   irq_requests[i].name, starts[j], counts[k]);
				is("%d", ret);
				irq_off(t, index);
				close(fd);
			}
		}
		ret = irq_set(t, index, irq_requests[i].flags, 0, 1,
			      sizeof(struct vfio_irq_set), -1);
		at("irq %u %s argsz without data", index, irq_requests[i].name);
		is("%d", ret);
		ret = irq_set(t, index, irq_requests[i].flags, 0, 1, 16, -1);
		at("irq %u %s argsz=16", index, irq_requests[i].name);
		is("%d", ret);
		irq_off(t, index);
	}
}

/* A user may fire what it has set up, by hand. */
static void trace_irq_loopback(struct diff_target *t, unsigned int index)
{
	int fd = eventfd(0, EFD_NONBLOCK);
	uint64_t fired = 0;
	int set, trigger;

	set = irq_set(t, index, VFIO_IRQ_SET_DATA_EVENTFD |
		      VFIO_IRQ_SET_ACTION_TRIGGER, 0, 1,
		      sizeof(union argument), fd);
	trigger = irq_set(t, index, VFIO_IRQ_SET_DATA_BOOL |
			  VFIO_IRQ_SET_ACTION_TRIGGER, 0, 1,
			  sizeof(union argument), -1);
	if (read(fd, &fired, sizeof(fired)) != sizeof(fired))
		fired = 0;
	at("irq %u loopback", index);
	is("%d %d %llu", set, trigger, (unsigned long long)fired);
	at("irq %u eventfd -1", index);
	is("%d", irq_set(t, index, VFIO_IRQ_SET_DATA_EVENTFD |
			 VFIO_IRQ_SET_ACTION_TRIGGER, 0, 1,
			 sizeof(union argument), -1));
	at("irq %u not an eventfd", index);
	is("%d", irq_set(t, index, VFIO_IRQ_SET_DATA_EVENTFD |
			 VFIO_IRQ_SET_ACTION_TRIGGER, 0, 1,
			 sizeof(union argument), t->dev.fd));
	irq_off(t, index);
	close(fd);
}

static void trace_irqs(struct diff_target *t)
{
	union argument arg;
	uint32_t index;
	size_t i;

	for (index = 0; index < VFIO_PCI_NUM_IRQS + 2; index++) {
		for (i = 0; i < ARRAY_SIZE(argument_sizes); i++) {
			memset(&arg, 0, sizeof(arg));
			arg.irq.argsz = argument_sizes[i];
			arg.irq.index = index;
			at("irq info %u argsz=%u", index, argument_sizes[i]);
			call(t, VFIO_DEVICE_GET_IRQ_INFO, &arg, 32);
		}
		trace_irq_requests(t, index);
		trace_irq_loopback(t, index);
	}
}

static void trace_hot_reset(struct diff_target *t)
{
	static const uint32_t counts[] = { 0, 1, 2, 64, ~0u };
	union argument arg;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(argument_sizes); i++) {
		memset(&arg, 0, sizeof(arg));
		arg.hot_info.argsz = argument_sizes[i];
		at("hot reset info argsz=%u", argument_sizes[i]);
		call(t, VFIO_DEVICE_GET_PCI_HOT_RESET_INFO, &arg, 64);
	}
	for (i = 0; i < ARRAY_SIZE(counts); i++) {
		memset(&arg, 0, sizeof(arg));
		arg.hot_reset.argsz = sizeof(arg);
		arg.hot_reset.count = counts[i];
		arg.hot_reset.group_fds[0] = counts[i] == 2 ? -1 : t->dev.group;
		arg.hot_reset.group_fds[1] = t->dev.group;
		at("hot reset count=%u", counts[i]);
		outcome(ioctl(t->dev.fd, VFIO_DEVICE_PCI_HOT_RESET, &arg));
	}
	memset(&arg, 0, sizeof(arg));
	arg.hot_reset.argsz = sizeof(arg);
	arg.hot_reset.flags = 1;
	at("hot reset flags=1");
	outcome(ioctl(t->dev.fd, VFIO_DEVICE_PCI_HOT_RESET, &arg));
}

/* A reset puts back what a user had written. */
static void trace_reset(struct diff_target *t)
{
	int i;

	for (i = 0; i < 2; i++) {
		set_command(t, 2);
		config_write(t, 0x3c, 1, 0x5a);
		at("reset %d", i);
		outcome(ioctl(t->dev.fd, VFIO_DEVICE_RESET));
		read_line(t, VFIO_PCI_CONFIG_REGION_INDEX, 0, 64, true);
	}
	trace_hot_reset(t);
	read_line(t, VFIO_PCI_CONFIG_REGION_INDEX, 0, 64, true);
}

static void trace_features(struct diff_target *t)
{
	static const uint32_t operations[] = {
		0, VFIO_DEVICE_FEATURE_GET, VFIO_DEVICE_FEATURE_SET,
		VFIO_DEVICE_FEATURE_PROBE,
		VFIO_DEVICE_FEATURE_PROBE | VFIO_DEVICE_FEATURE_GET,
		VFIO_DEVICE_FEATURE_PROBE | VFIO_DEVICE_FEATURE_SET,
		VFIO_DEVICE_FEATURE_PROBE | VFIO_DEVICE_FEATURE_GET |
		VFIO_DEVICE_FEATURE_SET,
		VFIO_DEVICE_FEATURE_GET | VFIO_DEVICE_FEATURE_SET,
		VFIO_DEVICE_FEATURE_GET | 1u << 19,
	};
	static const uint32_t sizes[] = {
		0, 7, 8, 9, 12, 16, 23, 24, 32, sizeof(union argument)
	};
	union argument arg;
	uint32_t feature;
	size_t i, j;

	for (feature = 0; feature < 24; feature++) {
		for (i = 0; i < ARRAY_SIZE(operations); i++) {
			for (j = 0; j < ARRAY_SIZE(sizes); j++) {
				memset(&arg, 0, sizeof(arg));
				arg.feature.argsz = sizes[j];
				arg.feature.flags = operations[i] | feature;
				at("feature %u %#x argsz=%u", feature,
				   operations[i], sizes[j]);
				call(t, VFIO_DEVICE_FEATURE, &arg, 64);
			}
		}
	}
	memset(&arg, 0, sizeof(arg));
	arg.feature.argsz = sizeof(arg);
	arg.feature.flags = VFIO_DEVICE_FEATURE_PROBE | 0xffff;
	at("feature 0xffff");
	call(t, VFIO_DEVICE_FEATURE, &arg, 16);

	/* Low power was entered above; any access ends it, and so does this. */
	ioctl(t->dev.fd, VFIO_DEVICE_RESET);
	read_line(t, VFIO_PCI_CONFIG_REGION_INDEX, 0, 64, true);
}

static void trace_ioeventfds(struct diff_target *t)
{
	static const uint32_t flags[] = { 0, 1, 2, 3, 4, 8, 9, 16, 32 };
	static const uint64_t positions[] = { 0, 1, 2, 4, 8, 1ull << 39 };
	uint32_t index;
	size_t i, j;

	for (index = 0; index <= VFIO_PCI_VGA_REGION_INDEX; index++) {
		for (i = 0; i < ARRAY_SIZE(flags); i++) {
			for (j = 0; j < ARRAY_SIZE(positions); j++) {
				int fd = eventfd(0, 0);
				union argument arg = { .ioeventfd = {
					.argsz = sizeof(arg.ioeventfd),
					.flags = flags[i], .fd = fd,
					.offset = INDEX_OFFSET(index) +
						  positions[j],
				} };

				at("ioeventfd %u+%#llx flags=%u", index,
				   (unsigned long long)positions[j], flags[i]);
				outcome(ioctl(t->dev.fd, VFIO_DEVICE_IOEVENTFD, &arg));
				arg.ioeventfd.fd = -1;
				outcome(ioctl(t->dev.fd, VFIO_DEVICE_IOEVENTFD, &arg));
				close(fd);
			}
		}
	}
}

/* Numbers of VFIO_DEVICE_RESET and of the calls that have areas of their own. */
static bool has_area(unsigned int number)
{
	return number >= 107 && number <= 117 && number != 114 && number != 115;
}

static void trace_ioctls(struct diff_target *t)
{
	union argument arg;
	unsigned int number;

	for (number = 100; number < 140; number++) {
		if (has_area(number))
			continue;
		memset(&arg, 0, sizeof(arg));
		arg.words[0] = sizeof(arg);
		at("ioctl %u", number);
		call(t, _IO(VFIO_TYPE, number), &arg, 64);
		at("ioctl %u NULL", number);
		outcome(ioctl(t->dev.fd, _IO(VFIO_TYPE, number), NULL));
	}
	at("ioctl of a terminal");
	outcome(ioctl(t->dev.fd, 0x5401, &arg));
	trace_ioeventfds(t);
}

static void open_line(struct diff_target *t, const char *what, const char *name)
{
	int fd = ioctl(t->dev.group, VFIO_GROUP_GET_DEVICE_FD, name);

	at("open \"%s\"", what);
	outcome(fd < 0 ? fd : 0);
	if (fd >= 0)
		close(fd);
}

static void trace_file(struct diff_target *t)
{
	struct pollfd poll_fd = { .fd = t->dev.fd, .events = POLLIN | POLLOUT };
	static const char *const bad_names[] = {
		"", "x", "0000:00:00.0", "ffff:ff:1f.7",
	};
	char name[96], byte;
	size_t i;

	at("lseek");
	outcome(lseek(t->dev.fd, 16, SEEK_SET));
	at("read without position");
	outcome(read(t->dev.fd, &byte, 1));
	at("poll");
	outcome(poll(&poll_fd, 1, 0));
	is("%#x", poll_fd.revents);
	at("fsync");
	outcome(fsync(t->dev.fd));
	at("ftruncate");
	outcome(ftruncate(t->dev.fd, 0));
	at("flags");
	outcome(fcntl(t->dev.fd, F_GETFL));

	/* Opened once more, it is the same device. */
	open_line(t, "once more", t->open_name);
	read_line(t, VFIO_PCI_CONFIG_REGION_INDEX, 0, 16, true);

	for (i = 0; i < ARRAY_SIZE(bad_names); i++)
		open_line(t, bad_names[i], bad_names[i]);
	snprintf(name, sizeof(name), "%.32s nonsense", t->bdf);
	open_line(t, "with nonsense", name);
	snprintf(name, sizeof(name), "%.32s vf_token=nonsense", t->bdf);
	open_line(t, "with a bad token", name);
	snprintf(name, sizeof(name),
		 "%.32s vf_token=00000000-0000-4000-8000-000000000000", t->bdf);
	open_line(t, "with another token", name);
}

static void (*const traces[DIFF_AREAS])(struct diff_target *t) = {
	[DIFF_INFO]	= trace_info,
	[DIFF_REGIONS]	= trace_regions,
	[DIFF_DATA]	= trace_data,
	[DIFF_CONFIG]	= trace_config,
	[DIFF_MMAP]	= trace_mmap,
	[DIFF_IRQS]	= trace_irqs,
	[DIFF_RESET]	= trace_reset,
	[DIFF_FEATURES]	= trace_features,
	[DIFF_IOCTLS]	= trace_ioctls,
	[DIFF_FILE]	= trace_file,
};

void diff_trace_area(enum diff_area area, struct diff_target *target,
		     struct diff_trace *trace)
{
	out = trace;
	traces[area](target);
}
