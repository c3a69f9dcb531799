// SPDX-License-Identifier: GPL-2.0-only
/*
 * The grammar of the vendor_ops parameter:
 *
 *	value := "on" | "off" | only | except
 *	only := name { "," name }
 *	except := "-" name { "," "-" name }
 *
 * A name is that of a row. "generic" is the fallback whatever the value says:
 * it may stand in an "only" list, and alone there leaves every vendor out, but
 * can not be excluded.
 *
 * Functions of their arguments and of the names in the table, nothing else.
 */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/string.h>

#include "vfio_pci.h"

static int vfio_pci_policy_row(const char *word, size_t len)
{
	const char *name;
	int row;

	for (row = 0; (name = vfio_pci_vendor_name(row)); row++) {
		if (!strncmp(name, word, len) && !name[len])
			return row;
	}

	return -EINVAL;
}

/* One item of a list. Returns what is wrong with it, or NULL. */
static const char *vfio_pci_policy_add(struct vfio_pci_policy *policy,
				       const char *word, size_t len)
{
	bool except = policy->mode == VFIO_PCI_POLICY_EXCEPT;
	bool minus = *word == '-';
	int row;

	if (!len)
		return "an empty item";

	row = vfio_pci_policy_row(word + minus, len - minus);
	if (row < 0)
		return "not a vendor";
	if (minus != except)
		return "mixed with names of the other form";
	if (minus && !vfio_pci_vendor_name(row + 1))
		return "the fallback, which is always there";

	policy->rows |= BIT(row);
	return NULL;
}

/**
 * vfio_pci_policy_parse() - read a value of the vendor_ops parameter
 * @val: terminated string; one newline at its end is ignored
 * @policy: receives the policy; undefined on error
 * @word: receives the offending item in @val, on error
 *
 * Return: NULL, or what is wrong with @word.
 */
const char *vfio_pci_policy_parse(const char *val,
				  struct vfio_pci_policy *policy,
				  const char **word)
{
	const char *fault;
	size_t len;

	policy->word = 0;
	if (sysfs_streq(val, "on"))
		return NULL;

	policy->mode = VFIO_PCI_POLICY_OFF;
	if (sysfs_streq(val, "off"))
		return NULL;

	policy->mode = *val == '-' ? VFIO_PCI_POLICY_EXCEPT :
				     VFIO_PCI_POLICY_ONLY;
	for (*word = val;; *word += len + 1) {
		len = strcspn(*word, VFIO_PCI_POLICY_ITEM_END);
		fault = vfio_pci_policy_add(policy, *word, len);
		if (fault)
			return fault;
		if ((*word)[len] != ',')
			break;
	}

	if (!sysfs_streq(*word + len, ""))
		return "followed by a second line";
	return NULL;
}

/**
 * vfio_pci_policy_format() - write a policy in its canonical form
 * @policy: the policy
 * @buf: where to; terminated
 * @size: bytes in @buf
 *
 * Return: characters written, without the terminator.
 */
int vfio_pci_policy_format(struct vfio_pci_policy policy, char *buf,
			   size_t size)
{
	switch (policy.mode) {
	case VFIO_PCI_POLICY_ON:
		return scnprintf(buf, size, "on");
	case VFIO_PCI_POLICY_OFF:
		return scnprintf(buf, size, "off");
	case VFIO_PCI_POLICY_EXCEPT:
		return vfio_pci_vendor_list(buf, size, policy.rows, ",", "-");
	default:
		return vfio_pci_vendor_list(buf, size, policy.rows, ",", "");
	}
}

/**
 * vfio_pci_policy_allows() - may a vendor be asked?
 * @policy: the policy; not "off", which asks nobody
 * @row: index of a vendor in the table
 *
 * Return: true if so.
 */
bool vfio_pci_policy_allows(struct vfio_pci_policy policy, unsigned int row)
{
	bool named = policy.rows & BIT(row);

	return policy.mode == VFIO_PCI_POLICY_ONLY ? named : !named;
}
