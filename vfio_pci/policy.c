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
 * A write to sysfs is refused unless all of it is in this grammar. When the
 * module loads, words that are not are left out: a refusal would cost the host
 * the module, and with it what its other parameters ask for.
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

static bool vfio_pci_policy_word_is(const char *word, size_t len,
				    const char *name)
{
	return len == strlen(name) && !memcmp(word, name, len);
}

/**
 * vfio_pci_policy_salvage() - read what can be read of a value
 * @val: terminated string that vfio_pci_policy_parse() refuses
 * @report: called for each word that is left out
 *
 * Words end at commas and white space. "off" among others is obeyed, as it asks
 * for the least. "on" among others says nothing. The first name of a vendor
 * decides which form the list has. If no name is left, a list of vendors to ask
 * asks none, and a list of vendors not to ask asks all.
 *
 * Return: the policy.
 */
struct vfio_pci_policy
vfio_pci_policy_salvage(const char *val, vfio_pci_policy_report_t report)
{
	struct vfio_pci_policy policy = {};
	bool on = false, only = false;
	const char *word = val, *fault;
	size_t len;

	for (;; word += len) {
		word += strspn(word, VFIO_PCI_POLICY_WORD_END);
		len = strcspn(word, VFIO_PCI_POLICY_WORD_END);
		if (!len)
			break;

		if (vfio_pci_policy_word_is(word, len, "off")) {
			policy.mode = VFIO_PCI_POLICY_OFF;
			policy.rows = 0;
			return policy;
		}

		if (vfio_pci_policy_word_is(word, len, "on")) {
			on = true;
			continue;
		}

		if (!policy.rows)
			policy.mode = *word == '-' ? VFIO_PCI_POLICY_EXCEPT :
						     VFIO_PCI_POLICY_ONLY;
		fault = vfio_pci_policy_add(&policy, word, len);
		if (fault) {
			report(word, len, fault);
			only |= *word != '-';
		}
	}

	if (policy.rows)
		return policy;

	policy.mode = VFIO_PCI_POLICY_ON;
	if (only && !on) {
		policy.mode = VFIO_PCI_POLICY_ONLY;
		policy.rows = BIT(vfio_pci_vendor_count - 1);
	}
	return policy;
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
