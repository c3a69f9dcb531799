// SPDX-License-Identifier: GPL-2.0-only
/* The pair of states is tested before each call. */

static int tested(struct vfio_device *dev, u32 from, u32 to,
		  enum vfio_device_mig_state *next)
{
	if (!vfio_pci_mig_reachable(dev, from, to))
		return -EINVAL;
	return vfio_mig_get_next_state(dev, from, to, next);
}

static int tested_in_a_loop(struct acme *acme, u32 to)
{
	enum vfio_device_mig_state next;
	int ret;

	while (acme->state != to) {
		if (!vfio_pci_mig_reachable(&acme->dev, acme->state, to))
			return -EINVAL;

		ret = vfio_mig_get_next_state(&acme->dev, acme->state, to,
					      &next);
		if (ret)
			return ret;
	}
	return 0;
}
