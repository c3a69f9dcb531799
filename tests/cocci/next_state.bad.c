// SPDX-License-Identifier: GPL-2.0-only
/* Calls that may not return. */

static int bare(struct vfio_device *dev, u32 from, u32 to,
		enum vfio_device_mig_state *next)
{
	return vfio_mig_get_next_state(dev, from, to, next);	/* expect */
}

static int in_a_loop(struct acme *acme, u32 to)
{
	enum vfio_device_mig_state next;
	int ret;

	while (acme->state != to) {
		ret = vfio_mig_get_next_state(&acme->dev, acme->state,	/* expect */
					      to, &next);
		if (ret)
			return ret;
		acme->state = next;
	}
	return 0;
}

static int on_one_path(struct vfio_device *dev, u32 from, u32 to, bool careful,
		       enum vfio_device_mig_state *next)
{
	if (careful) {
		if (!vfio_pci_mig_reachable(dev, from, to))
			return -EINVAL;
	}
	return vfio_mig_get_next_state(dev, from, to, next);	/* expect */
}

static int of_another_pair(struct vfio_device *dev, u32 from, u32 to,
			   enum vfio_device_mig_state *next)
{
	if (!vfio_pci_mig_reachable(dev, to, from))
		return -EINVAL;
	return vfio_mig_get_next_state(dev, from, to, next);	/* expect */
}

static int changed(struct vfio_device *dev, u32 from, u32 to,
		   enum vfio_device_mig_state *next)
{
	if (!vfio_pci_mig_reachable(dev, from, to))
		return -EINVAL;
	to = VFIO_DEVICE_STATE_PRE_COPY;
	return vfio_mig_get_next_state(dev, from, to, next);	/* expect */
}

static int not_ended(struct vfio_device *dev, u32 from, u32 to,
		     enum vfio_device_mig_state *next)
{
	if (!vfio_pci_mig_reachable(dev, from, to))
		dev_err(dev->dev, "no such arc\n");
	return vfio_mig_get_next_state(dev, from, to, next);	/* expect */
}

static const struct acme_ops acme_ops = {
	.next_state = vfio_mig_get_next_state,	/* expect */
};
