// SPDX-License-Identifier: GPL-2.0-only
/*
 * Legacy I/O: registers that keep what is written.
 */
#include <linux/module.h>

#include "virtio_mock.h"

bool virtio_pci_admin_has_legacy_io(struct pci_dev *pdev)
{
	struct mock_vf *vf;
	struct mock_pf *pf = mock_pf_of(pdev, &vf);

	return pf && READ_ONCE(pf->legacy);
}
EXPORT_SYMBOL_GPL(virtio_pci_admin_has_legacy_io);

static int mock_legacy(struct pci_dev *pdev, bool common, u8 offset, u8 size,
		       u8 *buf, bool write)
{
	struct mock_vf *vf;
	struct mock_pf *pf = mock_begin(pdev, MOCK_LEGACY, &vf);
	u8 *at, *from, *to;

	if (IS_ERR(pf))
		return PTR_ERR(pf);
	if (!size || offset + size > (common ? sizeof(vf->common) :
					       sizeof(vf->device)))
		return mock_end(pf, -EINVAL);

	at = (common ? vf->common : vf->device) + offset;
	from = write ? buf : at;
	to = write ? at : buf;
	memcpy(to, from, size);
	return mock_end(pf, 0);
}

int virtio_pci_admin_legacy_common_io_write(struct pci_dev *pdev, u8 offset,
					    u8 size, u8 *buf)
{
	return mock_legacy(pdev, true, offset, size, buf, true);
}
EXPORT_SYMBOL_GPL(virtio_pci_admin_legacy_common_io_write);

int virtio_pci_admin_legacy_common_io_read(struct pci_dev *pdev, u8 offset,
					   u8 size, u8 *buf)
{
	return mock_legacy(pdev, true, offset, size, buf, false);
}
EXPORT_SYMBOL_GPL(virtio_pci_admin_legacy_common_io_read);

int virtio_pci_admin_legacy_device_io_write(struct pci_dev *pdev, u8 offset,
					    u8 size, u8 *buf)
{
	return mock_legacy(pdev, false, offset, size, buf, true);
}
EXPORT_SYMBOL_GPL(virtio_pci_admin_legacy_device_io_write);

int virtio_pci_admin_legacy_device_io_read(struct pci_dev *pdev, u8 offset,
					   u8 size, u8 *buf)
{
	return mock_legacy(pdev, false, offset, size, buf, false);
}
EXPORT_SYMBOL_GPL(virtio_pci_admin_legacy_device_io_read);

int virtio_pci_admin_legacy_io_notify_info(struct pci_dev *pdev,
					   u8 req_bar_flags, u8 *bar,
					   u64 *bar_offset)
{
	struct mock_vf *vf;
	struct mock_pf *pf = mock_begin(pdev, MOCK_NOTIFY_INFO, &vf);

	if (IS_ERR(pf))
		return PTR_ERR(pf);
	if (req_bar_flags != 2)
		return mock_end(pf, -ENOENT);
	*bar = pf->notify_bar;
	*bar_offset = pf->notify_offset;
	return mock_end(pf, 0);
}
EXPORT_SYMBOL_GPL(virtio_pci_admin_legacy_io_notify_info);
