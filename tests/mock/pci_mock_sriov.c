// SPDX-License-Identifier: GPL-2.0-only
/*
 * SR-IOV. Nothing but the registers of the PF says which VFs there are: they
 * come with VF Enable, and go with it, also when a reset of the PF clears it.
 */
#include <linux/mm.h>
#include <linux/string.h>

#include "pci_mock.h"

#define MOCK_PAGE_SIZE_4K	1	/* in the Supported Page Sizes register */
#define MOCK_MAX_VFS		256

static u16 mock_sriov_get(const struct mock_space *space, unsigned int reg)
{
	return mock_space_get(space, space->sriov + reg, 2);
}

/* VF @i has the routing id of the PF, plus @offset, plus @i times @stride. */
int mock_sriov_add(struct mock_space *space, u16 total, u16 offset, u16 stride,
		   u16 device)
{
	u8 bytes[PCI_EXT_CAP_SRIOV_SIZEOF - 4] = {};
	int where;

	if (space->sriov)
		return -EEXIST;
	if (!total || total > MOCK_MAX_VFS || !offset || !stride)
		return -EINVAL;

	where = mock_extended_add(space, PCI_EXT_CAP_ID_SRIOV, 1, bytes, NULL,
				  sizeof(bytes));
	if (where < 0)
		return where;

	mock_space_set(space, where + PCI_SRIOV_INITIAL_VF, 2, total);
	mock_space_set(space, where + PCI_SRIOV_TOTAL_VF, 2, total);
	mock_space_set(space, where + PCI_SRIOV_VF_OFFSET, 2, offset);
	mock_space_set(space, where + PCI_SRIOV_VF_STRIDE, 2, stride);
	mock_space_set(space, where + PCI_SRIOV_VF_DID, 2, device);
	mock_space_set(space, where + PCI_SRIOV_SUP_PGSIZE, 4,
		       MOCK_PAGE_SIZE_4K);
	mock_space_set(space, where + PCI_SRIOV_SYS_PGSIZE, 4,
		       MOCK_PAGE_SIZE_4K);
	mock_space_allow(space, where + PCI_SRIOV_CTRL, 2,
			 PCI_SRIOV_CTRL_VFE | PCI_SRIOV_CTRL_MSE);
	mock_space_allow(space, where + PCI_SRIOV_NUM_VF, 2, 0xffff);
	mock_space_allow(space, where + PCI_SRIOV_SYS_PGSIZE, 4,
			 MOCK_PAGE_SIZE_4K);
	space->sriov = where;
	return 0;
}

/* @size is that of one VF, of whole pages. */
int mock_sriov_bar(struct mock_space *space, unsigned int index, u64 size,
		   u32 flags)
{
	if (!space->sriov || size < SZ_4K)
		return -EINVAL;

	return mock_space_bar(space, space->sriov + PCI_SRIOV_BAR, index, size,
			      flags);
}

bool mock_sriov_enabled(const struct mock_space *space)
{
	return space->sriov &&
	       mock_sriov_get(space, PCI_SRIOV_CTRL) & PCI_SRIOV_CTRL_VFE;
}

int mock_sriov_alloc(struct mock_function *fn)
{
	const struct mock_space *space = &fn->self.space;

	if (!space->sriov)
		return 0;

	fn->vfs = kvcalloc(mock_sriov_get(space, PCI_SRIOV_TOTAL_VF),
			   sizeof(*fn->vfs), GFP_KERNEL);
	return fn->vfs ? 0 : -ENOMEM;
}

void mock_sriov_free(struct mock_function *fn)
{
	kvfree(fn->vfs);
	fn->vfs = NULL;
}

/* What the folder of the VFs leaves open is as with the PF. */
static void mock_sriov_inherit(struct mock_space *vf,
			       const struct mock_space *pf, unsigned int where)
{
	if (!mock_space_get(vf, where, 4))
		mock_space_set(vf, where, 4, mock_space_get(pf, where, 4));
}

void mock_sriov_power_on(struct mock_function *fn)
{
	const struct mock_space *pf = &fn->self.space;
	unsigned int total = mock_sriov_get(pf, PCI_SRIOV_TOTAL_VF);
	unsigned int i;

	for (i = 0; i < total; i++) {
		fn->vfs[i] = fn->vf.space;
		mock_sriov_inherit(&fn->vfs[i], pf, PCI_CLASS_REVISION);
		mock_sriov_inherit(&fn->vfs[i], pf, PCI_SUBSYSTEM_VENDOR_ID);
	}
}

/* The VF that answers to a routing id, or NULL. */
struct mock_space *mock_sriov_find(struct mock_function *fn, unsigned int rid)
{
	const struct mock_space *pf = &fn->self.space;
	unsigned int first, stride, count;

	if (!mock_sriov_enabled(pf) || fn->vf.lost)
		return NULL;

	first = fn->devfn + mock_sriov_get(pf, PCI_SRIOV_VF_OFFSET);
	stride = mock_sriov_get(pf, PCI_SRIOV_VF_STRIDE);
	count = mock_sriov_get(pf, PCI_SRIOV_NUM_VF);
	if (rid < first || (rid - first) % stride ||
	    (rid - first) / stride >= count ||
	    count > mock_sriov_get(pf, PCI_SRIOV_TOTAL_VF))
		return NULL;

	return &fn->vfs[(rid - first) / stride];
}
