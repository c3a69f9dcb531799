// SPDX-License-Identifier: GPL-2.0-only
/*
 * A function as a folder in configfs, and its folder "vf" for all its VFs.
 */
#include <linux/ctype.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "pci_mock.h"

static struct mock_template *to_template(struct config_item *item)
{
	return container_of(to_config_group(item), struct mock_template, group);
}

static struct mock_function *to_function(struct config_item *item)
{
	return container_of(to_template(item), struct mock_function, self);
}

struct mock_function *mock_function_of(struct config_item *item)
{
	return to_function(item);
}

/* What hardware is built of does not change while the bus is live. */
static struct mock_template *mock_edit_begin(struct config_item *item)
{
	struct mock_template *template = to_template(item);

	mutex_lock(&template->mock->lock);
	if (!template->mock->bus)
		return template;

	mutex_unlock(&template->mock->lock);
	return ERR_PTR(-EBUSY);
}

static ssize_t mock_edit_end(struct mock_template *template, int ret,
			     size_t count)
{
	mutex_unlock(&template->mock->lock);
	return ret < 0 ? ret : count;
}

/* What registers hold does. */
static ssize_t mock_poke(struct config_item *item, unsigned int where,
			 unsigned int size, u32 val, size_t count)
{
	struct mock_template *template = to_template(item);
	unsigned long flags;

	raw_spin_lock_irqsave(&template->mock->config_lock, flags);
	mock_space_set(&template->space, where, size, val);
	raw_spin_unlock_irqrestore(&template->mock->config_lock, flags);
	return count;
}

static ssize_t mock_poke_hex(struct config_item *item, const char *page,
			     size_t count, unsigned int where,
			     unsigned int size)
{
	u32 val;

	if (kstrtou32(page, 16, &val))
		return -EINVAL;
	return mock_poke(item, where, size, val, count);
}

static ssize_t mock_function_vendor_store(struct config_item *item,
					  const char *page, size_t count)
{
	return mock_poke_hex(item, page, count, PCI_VENDOR_ID, 2);
}
CONFIGFS_ATTR_WO(mock_function_, vendor);

static ssize_t mock_function_device_store(struct config_item *item,
					  const char *page, size_t count)
{
	return mock_poke_hex(item, page, count, PCI_DEVICE_ID, 2);
}
CONFIGFS_ATTR_WO(mock_function_, device);

static ssize_t mock_function_class_store(struct config_item *item,
					 const char *page, size_t count)
{
	return mock_poke_hex(item, page, count, PCI_CLASS_PROG, 3);
}
CONFIGFS_ATTR_WO(mock_function_, class);

/* "OFFSET WIDTH VALUE", in hex. */
static int mock_parse_register(const char *page, unsigned int *where,
			       unsigned int *size, unsigned int *val)
{
	if (sscanf(page, "%x %x %x", where, size, val) != 3)
		return -EINVAL;
	if (!*size || *size > 4 || *where > PCI_CFG_SPACE_EXP_SIZE - *size)
		return -EINVAL;
	return 0;
}

static ssize_t mock_function_config_store(struct config_item *item,
					  const char *page, size_t count)
{
	unsigned int where, size, val;
	int ret;

	ret = mock_parse_register(page, &where, &size, &val);
	return ret ?: mock_poke(item, where, size, val, count);
}
CONFIGFS_ATTR_WO(mock_function_, config);

static ssize_t mock_function_writable_store(struct config_item *item,
					    const char *page, size_t count)
{
	struct mock_template *template;
	unsigned int where, size, mask;
	int ret;

	ret = mock_parse_register(page, &where, &size, &mask);
	if (ret)
		return ret;
	template = mock_edit_begin(item);
	if (IS_ERR(template))
		return PTR_ERR(template);

	mock_space_allow(&template->space, where, size, mask);
	return mock_edit_end(template, 0, count);
}
CONFIGFS_ATTR_WO(mock_function_, writable);

static ssize_t mock_function_express_store(struct config_item *item,
					   const char *page, size_t count)
{
	struct mock_template *template;
	char type[16], flr[8] = "";
	u8 port;
	int ret;

	if (sscanf(page, "%15s %7s", type, flr) < 1)
		return -EINVAL;
	if (!strcmp(type, "endpoint"))
		port = PCI_EXP_TYPE_ENDPOINT;
	else if (!strcmp(type, "integrated"))
		port = PCI_EXP_TYPE_RC_END;
	else
		return -EINVAL;
	if (flr[0] && strcmp(flr, "flr"))
		return -EINVAL;

	template = mock_edit_begin(item);
	if (IS_ERR(template))
		return PTR_ERR(template);

	ret = mock_express_add(&template->space, port, flr[0]);
	return mock_edit_end(template, ret, count);
}
CONFIGFS_ATTR_WO(mock_function_, express);

static ssize_t mock_function_power_store(struct config_item *item,
					 const char *page, size_t count)
{
	struct mock_template *template;
	bool soft_reset;
	int ret;

	if (sysfs_streq(page, "reset"))
		soft_reset = true;
	else if (sysfs_streq(page, "no_soft_reset"))
		soft_reset = false;
	else
		return -EINVAL;

	template = mock_edit_begin(item);
	if (IS_ERR(template))
		return PTR_ERR(template);

	ret = mock_power_add(&template->space, soft_reset);
	return mock_edit_end(template, ret, count);
}
CONFIGFS_ATTR_WO(mock_function_, power);

/* The next word of @text as hex bytes, in place; their number, 0 at the end. */
static int mock_parse_bytes(char **text, u8 **bytes)
{
	char *word = strsep(text, " ");
	size_t len = word ? strlen(word) : 0;
	size_t i;

	*bytes = (u8 *)word;
	if (len % 2)
		return -EINVAL;
	for (i = 0; i < len; i += 2) {
		if (!isxdigit(word[i]) || !isxdigit(word[i + 1]) ||
		    sscanf(word + i, "%2hhx", *bytes + i / 2) != 1)
			return -EINVAL;
	}
	return len / 2;
}

static int mock_parse_body(char **text, u8 **bytes, u8 **mask)
{
	int len, mask_len;

	len = mock_parse_bytes(text, bytes);
	if (len <= 0)
		return -EINVAL;
	mask_len = mock_parse_bytes(text, mask);
	if (mask_len < 0 || (mask_len && mask_len != len))
		return -EINVAL;
	if (!mask_len)
		*mask = NULL;
	return len;
}

static int mock_parse_hex(char **text, unsigned int *val)
{
	char *word = strsep(text, " ");

	return word && !kstrtouint(word, 16, val) ? 0 : -EINVAL;
}

/* "ID BYTES [MASK]", in hex; BYTES from offset 2 on. */
static int mock_capability_parse(struct mock_space *space, char *text)
{
	unsigned int id;
	u8 *bytes, *mask;
	int len;

	if (mock_parse_hex(&text, &id) || id > 0xff)
		return -EINVAL;
	len = mock_parse_body(&text, &bytes, &mask);
	if (len < 0)
		return len;

	return mock_capability_add(space, id, bytes, mask, len);
}

/* "ID VERSION BYTES [MASK]", in hex; BYTES from offset 4 on. */
static int mock_extended_parse(struct mock_space *space, char *text)
{
	unsigned int id, version;
	u8 *bytes, *mask;
	int len;

	if (mock_parse_hex(&text, &id) || id > 0xffff ||
	    mock_parse_hex(&text, &version) || version > 0xf)
		return -EINVAL;
	len = mock_parse_body(&text, &bytes, &mask);
	if (len < 0)
		return len;

	return mock_extended_add(space, id, version, bytes, mask, len);
}

static ssize_t mock_edit_text(struct config_item *item, const char *page,
			      size_t count,
			      int (*parse)(struct mock_space *, char *))
{
	struct mock_template *template;
	char *text;
	int ret;

	text = kstrdup(page, GFP_KERNEL);
	if (!text)
		return -ENOMEM;

	template = mock_edit_begin(item);
	if (IS_ERR(template)) {
		kfree(text);
		return PTR_ERR(template);
	}

	ret = parse(&template->space, strim(text));
	kfree(text);
	return mock_edit_end(template, ret, count);
}

static ssize_t mock_function_capability_store(struct config_item *item,
					      const char *page, size_t count)
{
	return mock_edit_text(item, page, count, mock_capability_parse);
}
CONFIGFS_ATTR_WO(mock_function_, capability);

static ssize_t mock_function_extended_capability_store(struct config_item *item,
						       const char *page,
						       size_t count)
{
	return mock_edit_text(item, page, count, mock_extended_parse);
}
CONFIGFS_ATTR_WO(mock_function_, extended_capability);

/* "INDEX SIZE [FLAGS]", in hex; without FLAGS, of 64 bits. */
static ssize_t mock_bar_store(struct config_item *item, const char *page,
			      size_t count, bool of_vf)
{
	u32 flags = PCI_BASE_ADDRESS_MEM_TYPE_64;
	struct mock_template *template;
	unsigned int index;
	u64 size;
	int ret;

	if (sscanf(page, "%x %llx %x", &index, &size, &flags) < 2 ||
	    index >= PCI_STD_NUM_BARS)
		return -EINVAL;
	template = mock_edit_begin(item);
	if (IS_ERR(template))
		return PTR_ERR(template);

	if (of_vf)
		ret = mock_sriov_bar(&template->space, index, size, flags);
	else
		ret = mock_space_bar(&template->space, PCI_BASE_ADDRESS_0,
				     index, size, flags);
	return mock_edit_end(template, ret, count);
}

static ssize_t mock_function_bar_store(struct config_item *item,
				       const char *page, size_t count)
{
	return mock_bar_store(item, page, count, false);
}
CONFIGFS_ATTR_WO(mock_function_, bar);

static ssize_t mock_function_vf_bar_store(struct config_item *item,
					  const char *page, size_t count)
{
	return mock_bar_store(item, page, count, true);
}
CONFIGFS_ATTR_WO(mock_function_, vf_bar);

/* "TOTAL OFFSET STRIDE DEVICE", in hex. */
static ssize_t mock_function_sriov_store(struct config_item *item,
					 const char *page, size_t count)
{
	unsigned int total, offset, stride, device;
	struct mock_template *template;
	int ret;

	if (sscanf(page, "%x %x %x %x", &total, &offset, &stride,
		   &device) != 4 ||
	    (total | offset | stride | device) > U16_MAX)
		return -EINVAL;

	template = mock_edit_begin(item);
	if (IS_ERR(template))
		return PTR_ERR(template);

	ret = mock_sriov_add(&template->space, total, offset, stride, device);
	return mock_edit_end(template, ret, count);
}
CONFIGFS_ATTR_WO(mock_function_, sriov);

static ssize_t mock_function_node_store(struct config_item *item,
					const char *page, size_t count)
{
	struct mock_template *template;
	struct mock_node *node;

	node = mock_node_get(page);
	if (!node)
		return -ENOENT;

	template = mock_edit_begin(item);
	if (IS_ERR(template)) {
		mock_node_put(node);
		return PTR_ERR(template);
	}

	mock_node_put(template->node);
	template->node = node;
	return mock_edit_end(template, 0, count);
}
CONFIGFS_ATTR_WO(mock_function_, node);

static ssize_t mock_function_lost_store(struct config_item *item,
					const char *page, size_t count)
{
	bool lost;

	if (kstrtobool(page, &lost))
		return -EINVAL;
	WRITE_ONCE(to_template(item)->lost, lost);
	return count;
}
CONFIGFS_ATTR_WO(mock_function_, lost);

/* While the bus is live: surprise removal, and insertion. */
static ssize_t mock_function_present_store(struct config_item *item,
					   const char *page, size_t count)
{
	bool present;

	if (kstrtobool(page, &present))
		return -EINVAL;
	mock_bus_plug(to_function(item), present);
	return count;
}
CONFIGFS_ATTR_WO(mock_function_, present);

static ssize_t mock_function_resets_show(struct config_item *item, char *page)
{
	return sprintf(page, "%u\n",
		       READ_ONCE(to_template(item)->space.resets));
}
CONFIGFS_ATTR_RO(mock_function_, resets);

static struct configfs_attribute *mock_function_attrs[] = {
	&mock_function_attr_vendor,
	&mock_function_attr_device,
	&mock_function_attr_class,
	&mock_function_attr_config,
	&mock_function_attr_writable,
	&mock_function_attr_bar,
	&mock_function_attr_express,
	&mock_function_attr_power,
	&mock_function_attr_capability,
	&mock_function_attr_extended_capability,
	&mock_function_attr_sriov,
	&mock_function_attr_vf_bar,
	&mock_function_attr_node,
	&mock_function_attr_lost,
	&mock_function_attr_present,
	&mock_function_attr_resets,
	NULL
};

static struct configfs_attribute *mock_vf_attrs[] = {
	&mock_function_attr_class,
	&mock_function_attr_config,
	&mock_function_attr_writable,
	&mock_function_attr_express,
	&mock_function_attr_power,
	&mock_function_attr_capability,
	&mock_function_attr_extended_capability,
	&mock_function_attr_node,
	&mock_function_attr_lost,
	NULL
};

static void mock_function_release(struct config_item *item)
{
	struct mock_function *fn = to_function(item);

	mock_node_put(fn->vf.node);
	mock_node_put(fn->self.node);
	kvfree(fn);
}

static struct configfs_item_operations mock_function_item_ops = {
	.release = mock_function_release,
};

static const struct config_item_type mock_function_type = {
	.ct_item_ops	= &mock_function_item_ops,
	.ct_attrs	= mock_function_attrs,
	.ct_owner	= THIS_MODULE,
};

/* Part of the function, and released with it. */
static const struct config_item_type mock_vf_type = {
	.ct_attrs	= mock_vf_attrs,
	.ct_owner	= THIS_MODULE,
};

struct mock_function *mock_function_alloc(struct mock_bus *mock,
					  const char *name, unsigned int devfn)
{
	struct mock_function *fn = kvzalloc(sizeof(*fn), GFP_KERNEL);

	if (!fn)
		return NULL;

	fn->devfn = devfn;
	fn->present = true;
	fn->self.mock = mock;
	fn->vf.mock = mock;
	mock_space_init(&fn->self.space);
	mock_space_init_vf(&fn->vf.space);
	config_group_init_type_name(&fn->self.group, name, &mock_function_type);
	config_group_init_type_name(&fn->vf.group, "vf", &mock_vf_type);
	configfs_add_default_group(&fn->vf.group, &fn->self.group);
	return fn;
}
