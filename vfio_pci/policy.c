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

static bool word_is(const char *word, size_t len, const char *what)
{
	return len == strlen(what) && !memcmp(word, what, len);
}

static int vfio_pci_policy_row(const char *word, size_t len)
{
	const char *name;
	int row;

	for (row = 0; (name = vfio_pci_vendor_name(row)); row++) {
		if (word_is(word, len, name))
			return row;
	}

	return -EINVAL;
}

static bool vfio_pci_policy_is_fallback(unsigned int row)
{
	return !vfio_pci_vendor_name(row + 1);
}

/* One item of a list. Returns what is wrong with it, or NULL. */
static const char *vfio_pci_policy_add(struct vfio_pci_policy *policy,
				       const char *word, size_t len)
{
	bool except = policy->mode == VFIO_PCI_POLICY_EXCEPT;
	bool minus = len && word[0] == '-';
	int row;

	if (!len)
		return "an empty item";

	row = vfio_pci_policy_row(word + minus, len - minus);
	if (row < 0)
		return "not a vendor";
	if (minus != except)
		return "mixed with names of the other form";
	if (minus && vfio_pci_policy_is_fallback(row))
		return "the fallback, and can not be left out";

	policy->rows |= BIT(row);
	return NULL;
}

/**
 * vfio_pci_policy_parse() - read a value of the vendor_ops parameter
 * @val: terminated string; one newline at its end is ignored
 * @policy: receives the policy; untouched on error
 * @error: receives what is wrong, on error; points into @val
 *
 * Return: 0, or -EINVAL.
 */
int vfio_pci_policy_parse(const char *val, struct vfio_pci_policy *policy,
			  struct vfio_pci_policy_error *error)
{
	struct vfio_pci_policy parsed = {};
	const char *end = val + strlen(val);
	const char *word = val;
	size_t len;

	if (end > val && end[-1] == '\n')
		end--;

	if (word_is(val, end - val, "on")) {
		policy->word = 0;
		return 0;
	}

	if (word_is(val, end - val, "off")) {
		parsed.mode = VFIO_PCI_POLICY_OFF;
		policy->word = parsed.word;
		return 0;
	}

	parsed.mode = val[0] == '-' ? VFIO_PCI_POLICY_EXCEPT :
				      VFIO_PCI_POLICY_ONLY;
	for (;;) {
		const char *comma = memchr(word, ',', end - word);

		len = (comma ?: end) - word;
		error->what = vfio_pci_policy_add(&parsed, word, len);
		if (error->what) {
			error->word = word;
			error->len = len;
			return -EINVAL;
		}

		if (!comma)
			break;
		word = comma + 1;
	}

	policy->word = parsed.word;
	return 0;
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
	const char *minus = policy.mode == VFIO_PCI_POLICY_EXCEPT ? "-" : "";
	const char *comma = "";
	unsigned int row;
	int len = 0;

	if (policy.mode == VFIO_PCI_POLICY_ON)
		return scnprintf(buf, size, "on");
	if (policy.mode == VFIO_PCI_POLICY_OFF)
		return scnprintf(buf, size, "off");

	for (row = 0; vfio_pci_vendor_name(row); row++) {
		if (!(policy.rows & BIT(row)))
			continue;

		len += scnprintf(buf + len, size - len, "%s%s%s", comma, minus,
				 vfio_pci_vendor_name(row));
		comma = ",";
	}

	return len;
}

/**
 * vfio_pci_policy_allows() - may a vendor be asked?
 * @policy: the policy
 * @row: index of a vendor in the table
 *
 * Return: true if so.
 */
bool vfio_pci_policy_allows(struct vfio_pci_policy policy, unsigned int row)
{
	switch (policy.mode) {
	case VFIO_PCI_POLICY_ON:
		return true;
	case VFIO_PCI_POLICY_ONLY:
		return policy.rows & BIT(row);
	case VFIO_PCI_POLICY_EXCEPT:
		return !(policy.rows & BIT(row));
	default:
		return false;
	}
}
