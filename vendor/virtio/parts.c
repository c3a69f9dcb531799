// SPDX-License-Identifier: GPL-2.0-only
/*
 * Migration by device parts (virtio 1.4, "Device parts"): the PF reads them from
 * a VF and writes them to one. The stream is that of the kernel's
 * virtio-vfio-pci: a record for each time that the parts were read.
 *
 * A device can not tell what has changed. In pre-copy, all of it is read again,
 * but not all the time.
 */
#include <linux/jiffies.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>

#include "virtio.h"

/* The size of a command has 32 bits, and its data begins with a head. */
#define VIRTIOVF_MAX_IMAGE	(U32_MAX - sizeof(struct virtio_compat_parts_head))

/* How long what was read in pre-copy counts as current. */
#define VIRTIOVF_CURRENT	HZ

static const struct vfio_pci_mig_format virtiovf_format = {
	.framed		= true,
	.max_image	= VIRTIOVF_MAX_IMAGE,
};

/*
 * virtio_pci waits for the answer to an admin command. It returns -EIO if the queue
 * is broken, so that no answer can come.
 */
static int virtiovf_run(struct vfio_pci_mig_device *device,
			enum vfio_pci_mig_run from, enum vfio_pci_mig_run to,
			bool *unknown)
{
	bool stopped = from != VFIO_PCI_MIG_RUNNING;
	bool stop = to != VFIO_PCI_MIG_RUNNING;
	struct virtiovf *vf = to_virtiovf(device);
	int ret;

	/* It stops as a whole: there is nothing between P2P and STOPPED. */
	if (stop == stopped)
		return 0;

	ret = vf->admin.mode_set(virtiovf_pdev(vf),
				 stop ? VIRTIO_COMPAT_MODE_STOPPED : 0);
	*unknown = ret == -EIO;
	return ret;
}

static int virtiovf_object_get(struct virtiovf *vf, u8 type)
{
	int ret;

	if (vf->has_object[type])
		return 0;

	ret = vf->admin.obj_create(virtiovf_pdev(vf), VIRTIO_COMPAT_RESOURCE_PARTS,
				   type, &vf->object[type]);
	vf->has_object[type] = !ret;
	return ret;
}

static void virtiovf_objects_put(struct virtiovf *vf)
{
	unsigned int type;

	for (type = 0; type < VIRTIOVF_OBJECTS; type++) {
		if (vf->has_object[type])
			vf->admin.obj_destroy(virtiovf_pdev(vf),
					      VIRTIO_COMPAT_RESOURCE_PARTS,
					      vf->object[type]);
		vf->has_object[type] = false;
	}
}

static int virtiovf_open(struct vfio_pci_mig_device *device)
{
	to_virtiovf(device)->session = true;
	return 0;
}

static void virtiovf_close(struct vfio_pci_mig_device *device)
{
	struct virtiovf *vf = to_virtiovf(device);

	vf->session = false;
	virtiovf_objects_put(vf);
}

static int virtiovf_parts_size(struct virtiovf *vf, u32 *bytes)
{
	int ret;

	ret = virtiovf_object_get(vf, VIRTIO_COMPAT_OBJECT_GET);
	if (ret)
		return ret;

	ret = vf->admin.metadata_get(virtiovf_pdev(vf), VIRTIO_COMPAT_RESOURCE_PARTS,
				     vf->object[VIRTIO_COMPAT_OBJECT_GET],
				     VIRTIO_COMPAT_METADATA_SIZE, bytes);
	if (!vf->session)
		virtiovf_objects_put(vf);
	return ret;
}

static int virtiovf_query(struct vfio_pci_mig_device *device,
			  unsigned int flags, struct vfio_pci_mig_size *size)
{
	struct virtiovf *vf = to_virtiovf(device);
	u32 bytes;
	int ret;

	*size = (struct vfio_pci_mig_size){};
	if (flags & VFIO_PCI_MIG_ABANDON)
		return 0;
	/* Between two reads in pre-copy. After the last one, nothing is current. */
	if (flags & VFIO_PCI_MIG_TRACK &&
	    time_before(jiffies, vf->saved + VIRTIOVF_CURRENT))
		return 0;

	ret = virtiovf_parts_size(vf, &bytes);
	if (ret)
		return ret;

	/* Not even the features of the driver: no such device can be loaded. */
	if (!bytes)
		return -EINVAL;

	size->next = bytes;
	size->total = bytes;
	return 0;
}

/* The memory of a buffer, behind @head, which may be NULL. */
static int virtiovf_table(struct sg_table *table, struct vfio_pci_mig_buf *buf,
			  size_t len, struct virtio_compat_parts_head *head)
{
	struct vfio_pci_mig_chunk *chunk = buf->chunks;
	struct scatterlist *sg, *last = NULL;
	size_t bytes;
	int ret;

	ret = sg_alloc_table(table, buf->nr_chunks + !!head,
			     GFP_KERNEL_ACCOUNT);
	if (ret)
		return ret;

	sg = table->sgl;
	if (head) {
		sg_set_buf(sg, head, sizeof(*head));
		last = sg;
		sg = sg_next(sg);
	}

	for (; len; len -= bytes, chunk++) {
		bytes = min_t(size_t, len, PAGE_SIZE << chunk->order);
		sg_set_page(sg, chunk->page, bytes, 0);
		last = sg;
		sg = sg_next(sg);
	}

	sg_mark_end(last);
	return 0;
}

static int virtiovf_fill(struct vfio_pci_mig_device *device,
			 struct vfio_pci_mig_buf *buf, unsigned int flags)
{
	size_t room = min_t(size_t, buf->size, VIRTIOVF_MAX_IMAGE);
	struct virtiovf *vf = to_virtiovf(device);
	struct sg_table table;
	u32 len;
	int ret;

	/* Nothing was begun in the device that would have to end. */
	if (flags & VFIO_PCI_MIG_ABANDON) {
		vfio_pci_mig_fill_done(device, 0, 0, 0);
		return 0;
	}

	ret = virtiovf_object_get(vf, VIRTIO_COMPAT_OBJECT_GET);
	if (ret)
		return ret;

	ret = virtiovf_table(&table, buf, room, NULL);
	if (ret)
		return ret;

	ret = vf->admin.parts_get(virtiovf_pdev(vf), VIRTIO_COMPAT_RESOURCE_PARTS,
				  vf->object[VIRTIO_COMPAT_OBJECT_GET],
				  VIRTIO_COMPAT_PARTS_ALL, table.sgl, &len);
	sg_free_table(&table);
	if (ret && !(flags & VFIO_PCI_MIG_TRACK))
		return ret;

	/*
	 * The device runs, so the parts may have grown since their size was read.
	 * All of them are read again, at the latest when it is stopped.
	 */
	if (ret)
		len = 0;
	else
		vf->saved = jiffies;

	vfio_pci_mig_fill_done(device, 0, len, 0);
	return 0;
}

static int virtiovf_load(struct vfio_pci_mig_device *device,
			 struct vfio_pci_mig_buf *buf)
{
	struct virtiovf *vf = to_virtiovf(device);
	struct virtio_compat_parts_head *head;
	struct sg_table table;
	int ret;

	ret = virtiovf_object_get(vf, VIRTIO_COMPAT_OBJECT_SET);
	if (ret)
		return ret;

	head = kzalloc(sizeof(*head), GFP_KERNEL_ACCOUNT);
	if (!head)
		return -ENOMEM;

	head->type = cpu_to_le16(VIRTIO_COMPAT_RESOURCE_PARTS);
	head->id = cpu_to_le32(vf->object[VIRTIO_COMPAT_OBJECT_SET]);
	ret = virtiovf_table(&table, buf, buf->len, head);
	if (ret)
		goto out_free;

	ret = vf->admin.parts_set(virtiovf_pdev(vf), table.sgl);
	sg_free_table(&table);
out_free:
	kfree(head);
	return ret;
}

static const struct vfio_pci_mig_ops virtiovf_mig_ops = {
	.format	= &virtiovf_format,
	.run	= virtiovf_run,
	.open	= virtiovf_open,
	.close	= virtiovf_close,
	.query	= virtiovf_query,
	.fill	= virtiovf_fill,
	.load	= virtiovf_load,
};

/**
 * virtiovf_parts_init() - offer migration
 * @vf: the VF; its PF has device parts
 *
 * Return: 0 or -ENOMEM.
 */
int virtiovf_parts_init(struct virtiovf *vf)
{
	struct pci_dev *pf = pci_physfn(virtiovf_pdev(vf));
	struct vfio_pci_mig_caps caps = {
		.flags	= VFIO_MIGRATION_STOP_COPY | VFIO_MIGRATION_P2P |
			  VFIO_MIGRATION_PRE_COPY,
		/* virtio_pci maps the buffers, for the admin queue of the PF. */
		.max_chunk = dma_max_mapping_size(&pf->dev),
	};

	return vfio_pci_mig_init(&vf->mig, &virtiovf_mig_ops, &caps);
}
