// SPDX-License-Identifier: GPL-2.0-only
/*
 * Device parts: one part, with all bytes of the state.
 */
#include <linux/crc32.h>
#include <linux/dma-mapping.h>
#include <linux/mm.h>
#include <linux/module.h>

#include "virtio_mock.h"

u8 __iomem *mock_state(struct mock_pf *pf, struct mock_vf *vf)
{
	return pf->bars + (vf - pf->vf) * pf->bar_size + MOCK_STATE_AT;
}

u32 mock_state_size(struct mock_vf *vf)
{
	return MOCK_STATE_SIZE + vf->extra_size;
}

static u8 *mock_state_read(struct mock_pf *pf, struct mock_vf *vf)
{
	struct mock_part part = {
		.type	= cpu_to_le16(MOCK_PART_TYPE),
		.length	= cpu_to_le32(mock_state_size(vf)),
	};
	u8 *bytes = kvmalloc(sizeof(part) + mock_state_size(vf),
			     GFP_KERNEL | __GFP_NOWARN);

	if (!bytes)
		return NULL;
	memcpy(bytes, &part, sizeof(part));
	memcpy_fromio(bytes + sizeof(part), mock_state(pf, vf),
		      MOCK_STATE_SIZE);
	if (vf->extra_size)
		memcpy(bytes + sizeof(part) + MOCK_STATE_SIZE, vf->extra,
		       vf->extra_size);
	return bytes;
}

u32 mock_state_sum(struct mock_pf *pf, struct mock_vf *vf)
{
	u8 *bytes = mock_state_read(pf, vf);
	u32 sum;

	if (!bytes)
		return 0;
	sum = crc32(0, bytes, sizeof(struct mock_part) + mock_state_size(vf));
	kvfree(bytes);
	return sum;
}

bool virtio_pci_admin_has_dev_parts(struct pci_dev *pdev)
{
	struct mock_vf *vf;
	struct mock_pf *pf = mock_pf_of(pdev, &vf);

	return pf && READ_ONCE(pf->parts);
}
EXPORT_SYMBOL_GPL(virtio_pci_admin_has_dev_parts);

static bool mock_object_is(struct mock_vf *vf, u16 type, u32 id, u8 use)
{
	return !type && id < ARRAY_SIZE(vf->object) && vf->object[id] == use;
}

int virtio_pci_admin_dev_parts_metadata_get(struct pci_dev *pdev, u16 obj_type,
					    u32 id, u8 metadata_type, u32 *out)
{
	struct mock_vf *vf;
	struct mock_pf *pf = mock_begin(pdev, MOCK_METADATA, &vf);

	if (IS_ERR(pf))
		return PTR_ERR(pf);

	if (!mock_object_is(vf, obj_type, id, 1) || metadata_type)
		return mock_end(pf, mock_violation(pf, "metadata of nothing"));
	*out = sizeof(struct mock_part) + mock_state_size(vf);
	return mock_end(pf, 0);
}
EXPORT_SYMBOL_GPL(virtio_pci_admin_dev_parts_metadata_get);

/* Mapped as virtio_pci does it, so that what can not be is found. */
static int mock_map(struct mock_pf *pf, struct scatterlist *sg,
		    enum dma_data_direction dir, size_t *len)
{
	int count = sg_nents(sg);
	struct scatterlist *at;

	*len = 0;
	for (at = sg; at; at = sg_next(at))
		*len += at->length;
	return dma_map_sg(&pf->pdev->dev, sg, count, dir) ? count : -EIO;
}

int virtio_pci_admin_dev_parts_get(struct pci_dev *pdev, u16 obj_type, u32 id,
				   u8 get_type, struct scatterlist *res_sg,
				   u32 *res_size)
{
	struct mock_vf *vf;
	struct mock_pf *pf = mock_begin(pdev, MOCK_PARTS_GET, &vf);
	size_t room, size;
	u8 *bytes;
	int count;

	if (IS_ERR(pf))
		return PTR_ERR(pf);
	if (!mock_object_is(vf, obj_type, id, 1) || get_type != 1)
		return mock_end(pf, mock_violation(pf, "get of nothing"));

	count = mock_map(pf, res_sg, DMA_FROM_DEVICE, &room);
	if (count < 0)
		return mock_end(pf, count);
	dma_unmap_sg(&pf->pdev->dev, res_sg, count, DMA_FROM_DEVICE);

	size = sizeof(struct mock_part) + mock_state_size(vf);
	if (size > room)
		return mock_end(pf, -EINVAL);
	bytes = mock_state_read(pf, vf);
	if (!bytes)
		return mock_end(pf, -ENOMEM);
	*res_size = sg_copy_from_buffer(res_sg, count, bytes, size);
	kvfree(bytes);
	return mock_end(pf, 0);
}
EXPORT_SYMBOL_GPL(virtio_pci_admin_dev_parts_get);

/* What a "set" begins with: virtio_admin_cmd_resource_obj_cmd_hdr. */
struct mock_head {
	__le16 type;
	u8 reserved[2];
	__le32 id;
	struct mock_part part;
};

static int mock_set(struct mock_pf *pf, struct mock_vf *vf, const u8 *bytes,
		    size_t len)
{
	const struct mock_head *head = (const struct mock_head *)bytes;

	if (len < sizeof(*head))
		return mock_violation(pf, "set without a part");
	if (!mock_object_is(vf, le16_to_cpu(head->type), le32_to_cpu(head->id),
			    2))
		return mock_violation(pf, "set of nothing");
	if (!vf->stopped)
		return mock_violation(pf, "set of a device that runs");

	/* From here on, it is the stream's fault. */
	if (le16_to_cpu(head->part.type) != MOCK_PART_TYPE ||
	    le32_to_cpu(head->part.length) != mock_state_size(vf) ||
	    len != sizeof(*head) + mock_state_size(vf))
		return -EINVAL;

	bytes += sizeof(*head);
	memcpy_toio(mock_state(pf, vf), bytes, MOCK_STATE_SIZE);
	if (vf->extra_size)
		memcpy(vf->extra, bytes + MOCK_STATE_SIZE, vf->extra_size);
	return 0;
}

int virtio_pci_admin_dev_parts_set(struct pci_dev *pdev,
				   struct scatterlist *data_sg)
{
	struct mock_vf *vf;
	struct mock_pf *pf = mock_begin(pdev, MOCK_PARTS_SET, &vf);
	int count, ret;
	size_t len;
	u8 *bytes;

	if (IS_ERR(pf))
		return PTR_ERR(pf);

	count = mock_map(pf, data_sg, DMA_TO_DEVICE, &len);
	if (count < 0)
		return mock_end(pf, count);
	dma_unmap_sg(&pf->pdev->dev, data_sg, count, DMA_TO_DEVICE);

	bytes = kvmalloc(len, GFP_KERNEL | __GFP_NOWARN);
	if (!bytes)
		return mock_end(pf, -ENOMEM);
	sg_copy_to_buffer(data_sg, count, bytes, len);
	ret = mock_set(pf, vf, bytes, len);
	kvfree(bytes);
	return mock_end(pf, ret);
}
EXPORT_SYMBOL_GPL(virtio_pci_admin_dev_parts_set);
