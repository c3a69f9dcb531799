// SPDX-License-Identifier: GPL-2.0-only
/*
 * The mock of a PF with its driver: VFs, knobs and statistics in sysfs.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "migration.h"

#define VFS	4

/* For set-up that has to work. */
void bed_must(int ret, const char *what)
{
	if (!ret)
		return;
	printf("Bail out! %s: %s\n", what, strerror(-ret));
	exit(1);
}

/* While the group has one function without a driver, its domain can change. */
static void translate_dma(void)
{
	if (bed_puts("DMA", BED_PARENT_TYPE))
		printf("# the PF has an identity domain\n");
}

/* With VFs in a group of their own. False if it is there already. */
bool bed_pf_bus(const char *bus)
{
	if (bed_exists("/sys/kernel/config/pci_mock/%s", bus))
		return false;
	bed_mock_remove();
	translate_dma();
	bed_mock_bus_at(bus, BED_PARENT);
	bed_mock_bus_set(bus, "vf_parent", BED_PARENT_2);
	return true;
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

int bed_pf_knob(const char *pf, const char *name, const char *fmt, va_list args)
{
	char text[64];

	vsnprintf(text, sizeof(text), fmt, args);
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
