// SPDX-License-Identifier: GPL-2.0-only
/*
 * The mock of a PF with its driver: VFs, knobs and statistics in sysfs.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "migration.h"

#define VFS	4

/* Is all DMA that no IOMMU translates bounced? */
bool bed_dma_bounces(void)
{
	return strstr(bed_read("/proc/cmdline"), "swiotlb=force");
}

/*
 * While the group has one function without a driver, its domain can change.
 * pf_domain=identity on the kernel command line leaves it as it is, so that the PF
 * sees the addresses of the CPU, or those of bounce buffers with swiotlb=force.
 */
static void translate_dma(const char *parent)
{
	if (strstr(bed_read("/proc/cmdline"), "pf_domain=identity"))
		return;
	if (bed_puts("DMA", BED_GROUP_TYPE, parent))
		printf("# the PF has an identity domain\n");
}

static void make_pf(const struct bed_pf *pf)
{
	char slot[32], vf[40];

	snprintf(slot, sizeof(slot), "%s/00.0", pf->bus);
	snprintf(vf, sizeof(vf), "%s/vf", slot);
	translate_dma(pf->parent);
	bed_mock_bus_at(pf->bus, pf->parent);
	bed_mock_bus_set(pf->bus, "vf_parent", pf->vf_parent);
	bed_mock_function(slot, pf->vendor, pf->device, pf->class);
	bed_mock_set(slot, "express", "endpoint flr");
	bed_mock_set(slot, "sriov", "4 100 1 %x", pf->vf_device);
	bed_mock_set(slot, "vf_bar", "%u %x", pf->vf_bar, pf->vf_bar_size);
	bed_mock_set(vf, "express", "endpoint flr");
	if (pf->vf_capability)
		bed_mock_set(vf, "capability", "%s", pf->vf_capability);
	bed_mock_bus_live(pf->bus);
}

static bool is_made(const struct bed_pf *pf)
{
	return bed_exists("/sys/kernel/config/pci_mock/%s", pf->bus);
}

/*
 * The PF, which stays for the next test, with two VFs in a group of their own.
 * @bdf receives where it is.
 */
void bed_pf_begin(const struct bed_pf *pf, char *bdf, size_t size)
{
	if (!is_made(pf))
		bed_mock_remove();
	bed_pf_add(pf, bdf, size);
}

/* Likewise, beside what there is. */
void bed_pf_add(const struct bed_pf *pf, char *bdf, size_t size)
{
	char slot[32], command[64];

	snprintf(command, sizeof(command), "modprobe %s", pf->module);
	bed_must(bed_run(command), command);
	if (!is_made(pf))
		make_pf(pf);
	snprintf(slot, sizeof(slot), "%s/00.0", pf->bus);
	snprintf(bdf, size, "%s", bed_mock_bdf(slot));
	if (!bed_exists(BED_DEVICES "/%s/virtfn1", bdf))
		bed_must(bed_puts("2", BED_DEVICES "/%s/sriov_numvfs", bdf),
			 "create VFs");
}

/* One like it, behind other functions of the machine, to exist beside it. */
struct bed_pf bed_pf_elsewhere(const struct bed_pf *pf, const char *bus)
{
	struct bed_pf other = *pf;

	other.bus = bus;
	other.parent = BED_PARENT_3;
	other.vf_parent = BED_HIGH_MEMORY;
	return other;
}

/* One that has no driver of its own, and a VF with its ids. Returns where it is. */
const char *bed_pf_undriven(const char *bus, const char *parent,
			    unsigned int vendor, unsigned int device)
{
	char slot[32], vf[40];

	snprintf(slot, sizeof(slot), "%s/00.0", bus);
	snprintf(vf, sizeof(vf), "%s/vf", slot);
	bed_mock_bus_at(bus, parent);
	bed_mock_bus_set(bus, "vf_parent", BED_PARENT_3);
	bed_mock_function(slot, vendor, device, 0x020000);
	bed_mock_set(slot, "express", "endpoint");
	bed_mock_set(slot, "sriov", "1 100 1 %x", device);
	bed_mock_set(slot, "vf_bar", "2 2000");
	bed_mock_set(vf, "express", "endpoint flr");
	bed_mock_bus_live(bus);
	return bed_mock_bdf(slot);
}

/* In a static buffer for each VF; "" if it is not there. */
const char *bed_pf_vf(const char *pf, unsigned int vf)
{
	static char bdf[VFS][32];
	char path[128], target[256];
	ssize_t len;

	snprintf(path, sizeof(path), BED_DEVICES "/%s/virtfn%u", pf, vf);
	len = readlink(path, target, sizeof(target) - 1);
	if (len < 0 || vf >= VFS)
		return "";
	target[len] = '\0';
	snprintf(bdf[vf], sizeof(bdf[vf]), "%.31s", strrchr(target, '/') + 1);
	return bdf[vf];
}

int bed_pf_knob(const char *pf, const char *name, const char *fmt, ...)
{
	va_list args;
	char text[64];

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	return bed_puts(text, BED_DEVICES "/%s/mock%s/%s", pf,
			bed_exists(BED_DEVICES "/%s/mock/%s", pf, name) ?
			"" : "_caps", name);
}

/* A line of the statistics; -1 if there is no such. */
long bed_pf_stat(const char *pf, const char *name)
{
	const char *at = bed_read(BED_DEVICES "/%s/mock/stats", pf);
	size_t len = strlen(name);

	for (; at && *at; at = strchr(at, '\n') ? strchr(at, '\n') + 1 : NULL) {
		if (!strncmp(at, name, len) && at[len] == ' ')
			return strtol(at + len, NULL, 10);
	}
	return -1;
}

/* By the name of the driver, whose module may have to be loaded. */
int bed_pf_bind_vf(const char *bdf, const char *driver)
{
	char command[64];

	if (bed_exists("/sys/bus/pci/drivers/%s/%s", driver, bdf))
		return 0;
	bed_pf_unbind_vf(bdf);
	snprintf(command, sizeof(command), "modprobe %s", driver);
	if (strcmp(driver, "vfio-pci"))
		bed_run(command);
	return bed_bind_to(bdf, driver);
}

void bed_pf_unbind_vf(const char *bdf)
{
	if (bed_exists(BED_DEVICES "/%s/driver", bdf))
		bed_puts(bdf, BED_DEVICES "/%s/driver/unbind", bdf);
}

/* All VFs are in one group, which can be opened only once. */
int bed_open_more(struct bed_device *dev, const struct bed_device *first,
		  const char *bdf)
{
	dev->container = -1;
	dev->group = -1;
	dev->fd = ioctl(first->group, VFIO_GROUP_GET_DEVICE_FD, bdf);
	return dev->fd < 0 ? -errno : 0;
}
