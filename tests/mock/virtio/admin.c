// SPDX-License-Identifier: GPL-2.0-only
/*
 * What all commands have in common, and those for the mode of a VF and for the
 * objects that its parts are read and written by.
 */
#include <linux/module.h>

#include "virtio_mock.h"

/*
 * Returns with the lock of the PF held, for mock_end(); or an ERR_PTR, also where
 * a test wants the command to fail.
 */
struct mock_pf *mock_begin(struct pci_dev *pdev, enum mock_command command,
			   struct mock_vf **vf)
{
	struct mock_pf *pf = mock_pf_of(pdev, vf);

	if (!pf)
		return ERR_PTR(-ENODEV);

	flush_work(&(*vf)->flr);
	mutex_lock(&pf->lock);
	pf->commands[command]++;
	if (pf->fail_count[command]) {
		pf->fail_count[command]--;
		mutex_unlock(&pf->lock);
		return ERR_PTR(pf->fail[command]);
	}
	return pf;
}

int mock_end(struct mock_pf *pf, int ret)
{
	mutex_unlock(&pf->lock);
	return ret;
}

int mock_violation(struct mock_pf *pf, const char *what)
{
	pf->violations++;
	pci_info(pf->pdev, "mock: %s\n", what);
	return -EINVAL;
}

unsigned int mock_objects(struct mock_pf *pf)
{
	unsigned int vf, id, count = 0;

	for (vf = 0; vf < MOCK_VFS; vf++) {
		for (id = 0; id < ARRAY_SIZE(pf->vf[vf].object); id++)
			count += !!pf->vf[vf].object[id];
	}
	return count;
}

int virtio_pci_admin_mode_set(struct pci_dev *pdev, u8 mode)
{
	struct mock_vf *vf;
	struct mock_pf *pf = mock_begin(pdev, MOCK_MODE_SET, &vf);

	if (IS_ERR(pf))
		return PTR_ERR(pf);

	if (mode > 1)
		return mock_end(pf, mock_violation(pf, "unknown mode"));
	vf->stopped = mode;
	return mock_end(pf, 0);
}
EXPORT_SYMBOL_GPL(virtio_pci_admin_mode_set);

int virtio_pci_admin_obj_create(struct pci_dev *pdev, u16 obj_type,
				u8 operation_type, u32 *obj_id)
{
	struct mock_vf *vf;
	struct mock_pf *pf = mock_begin(pdev, MOCK_OBJ_CREATE, &vf);
	unsigned int id;

	if (IS_ERR(pf))
		return PTR_ERR(pf);

	if (obj_type || operation_type > 1)
		return mock_end(pf, mock_violation(pf, "unknown object"));
	for (id = 0; id < ARRAY_SIZE(vf->object); id++) {
		if (vf->object[id])
			continue;
		vf->object[id] = operation_type + 1;
		*obj_id = id;
		return mock_end(pf, 0);
	}
	return mock_end(pf, -ENOSPC);
}
EXPORT_SYMBOL_GPL(virtio_pci_admin_obj_create);

int virtio_pci_admin_obj_destroy(struct pci_dev *pdev, u16 obj_type, u32 id)
{
	struct mock_vf *vf;
	struct mock_pf *pf = mock_begin(pdev, MOCK_OBJ_DESTROY, &vf);

	if (IS_ERR(pf))
		return PTR_ERR(pf);

	if (obj_type || id >= ARRAY_SIZE(vf->object) || !vf->object[id])
		return mock_end(pf, mock_violation(pf, "no such object"));
	vf->object[id] = 0;
	return mock_end(pf, 0);
}
EXPORT_SYMBOL_GPL(virtio_pci_admin_obj_destroy);
