// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a driver sees of the firmware properties of a function, through the
 * interfaces that drivers use.
 *
 * Write "BDF[/CHILD]... KIND PROPERTY" to nodes/query, where KIND is u32, u64,
 * string, boolean or reference, or "BDF[/CHILD]... children"; then read the
 * values, in hex and separated by spaces. The write fails as the kernel's
 * interface does.
 */
#include <linux/pci.h>
#include <linux/property.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/sysfs.h>

#include "pci_mock.h"

#define MOCK_MAX_VALUES	32

static DEFINE_MUTEX(mock_query_lock);
static char mock_answer[512];

static __printf(1, 2) void mock_say(const char *fmt, ...)
{
	size_t len = strlen(mock_answer);
	va_list args;

	va_start(args, fmt);
	vsnprintf(mock_answer + len, sizeof(mock_answer) - len, fmt, args);
	va_end(args);
}

static void mock_say_word(const char *word)
{
	mock_say("%s%s", mock_answer[0] ? " " : "", word);
}

static int mock_say_u64(struct fwnode_handle *fwnode, const char *name)
{
	u64 vals[MOCK_MAX_VALUES];
	char word[24];
	int n, i, ret;

	n = fwnode_property_count_u64(fwnode, name);
	if (n < 0 || n > MOCK_MAX_VALUES)
		return n < 0 ? n : -E2BIG;
	ret = fwnode_property_read_u64_array(fwnode, name, vals, n);
	if (ret)
		return ret;
	for (i = 0; i < n; i++) {
		snprintf(word, sizeof(word), "%llx", vals[i]);
		mock_say_word(word);
	}
	return 0;
}

static int mock_say_u32(struct fwnode_handle *fwnode, const char *name)
{
	u32 vals[MOCK_MAX_VALUES];
	char word[16];
	int n, i, ret;

	n = fwnode_property_count_u32(fwnode, name);
	if (n < 0 || n > MOCK_MAX_VALUES)
		return n < 0 ? n : -E2BIG;
	ret = fwnode_property_read_u32_array(fwnode, name, vals, n);
	if (ret)
		return ret;
	for (i = 0; i < n; i++) {
		snprintf(word, sizeof(word), "%x", vals[i]);
		mock_say_word(word);
	}
	return 0;
}

static int mock_say_string(struct fwnode_handle *fwnode, const char *name)
{
	const char *text;
	int ret;

	ret = fwnode_property_read_string(fwnode, name, &text);
	if (!ret)
		mock_say_word(text);
	return ret;
}

static void mock_say_reference(const struct fwnode_reference_args *ref)
{
	unsigned int n = ref->nargs, i;

	while (n && !ref->args[n - 1])
		n--;
	mock_say_word(fwnode_get_name(ref->fwnode));
	for (i = 0; i < n; i++)
		mock_say(":%llx", (u64)ref->args[i]);
}

static int mock_say_references(struct fwnode_handle *fwnode, const char *name)
{
	struct fwnode_reference_args ref;
	unsigned int i;
	int ret;

	for (i = 0;; i++) {
		ret = fwnode_property_get_reference_args(fwnode, name, NULL,
							 NR_FWNODE_REFERENCE_ARGS,
							 i, &ref);
		if (ret)
			return i ? 0 : ret;
		mock_say_reference(&ref);
		fwnode_handle_put(ref.fwnode);
	}
}

static int mock_say_children(struct fwnode_handle *fwnode)
{
	struct fwnode_handle *child;

	fwnode_for_each_child_node(fwnode, child)
		mock_say_word(fwnode_get_name(child));
	return 0;
}

static int mock_query_property(struct fwnode_handle *fwnode, const char *kind,
			       const char *name)
{
	if (!strcmp(kind, "children"))
		return mock_say_children(fwnode);
	if (!name)
		return -EINVAL;
	if (!strcmp(kind, "u64"))
		return mock_say_u64(fwnode, name);
	if (!strcmp(kind, "u32"))
		return mock_say_u32(fwnode, name);
	if (!strcmp(kind, "string"))
		return mock_say_string(fwnode, name);
	if (!strcmp(kind, "reference"))
		return mock_say_references(fwnode, name);
	if (!strcmp(kind, "boolean")) {
		mock_say("%d", fwnode_property_present(fwnode, name));
		return 0;
	}
	return -EINVAL;
}

/* The node that holds the properties; ACPI may have one of its own. */
static struct fwnode_handle *mock_query_root(struct device *dev)
{
	struct fwnode_handle *fwnode = dev_fwnode(dev);

	if (fwnode && !is_software_node(fwnode))
		fwnode = fwnode->secondary;
	return IS_ERR_OR_NULL(fwnode) ? NULL : fwnode_handle_get(fwnode);
}

static struct fwnode_handle *mock_query_walk(struct device *dev, char *path)
{
	struct fwnode_handle *fwnode = mock_query_root(dev);
	struct fwnode_handle *child;
	char *name;

	while (fwnode && (name = strsep(&path, "/"))) {
		child = fwnode_get_named_child_node(fwnode, name);
		fwnode_handle_put(fwnode);
		fwnode = child;
	}
	return fwnode;
}

static int mock_query(char *text)
{
	char *path = strsep(&text, " ");
	char *kind = strsep(&text, " ");
	char *bdf = strsep(&path, "/");
	struct fwnode_handle *fwnode;
	struct pci_dev *pdev;
	int ret;

	if (!kind)
		return -EINVAL;
	pdev = mock_pci_get(bdf);
	if (!pdev)
		return -ENODEV;

	fwnode = mock_query_walk(&pdev->dev, path);
	ret = fwnode ? mock_query_property(fwnode, kind, text) : -ENOENT;
	fwnode_handle_put(fwnode);
	pci_dev_put(pdev);
	return ret;
}

static ssize_t mock_nodes_query_show(struct config_item *item, char *page)
{
	ssize_t len;

	mutex_lock(&mock_query_lock);
	len = sysfs_emit(page, "%s\n", mock_answer);
	mutex_unlock(&mock_query_lock);
	return len;
}

static ssize_t mock_nodes_query_store(struct config_item *item,
				      const char *page, size_t count)
{
	char *text = kstrdup(page, GFP_KERNEL);
	int ret;

	if (!text)
		return -ENOMEM;

	mutex_lock(&mock_query_lock);
	mock_answer[0] = '\0';
	ret = mock_query(strim(text));
	mutex_unlock(&mock_query_lock);
	kfree(text);
	return ret ?: count;
}

CONFIGFS_ATTR(mock_nodes_, query);

struct configfs_attribute *mock_query_attrs[] = {
	&mock_nodes_attr_query,
	NULL
};
