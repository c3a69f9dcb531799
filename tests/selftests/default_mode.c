// SPDX-License-Identifier: GPL-2.0-only
/*
 * Linked into the kernel's own selftests, whose sources stay as they are: some
 * of their tests take the default IOMMU mode, iommufd, which not every kernel
 * was built with.
 */
#include <unistd.h>

extern const char *default_iommu_mode;

__attribute__((constructor)) static void choose_default_mode(void)
{
	if (access("/dev/iommu", F_OK))
		default_iommu_mode = "vfio_type1v2_iommu";
}
