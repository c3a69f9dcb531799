// SPDX-License-Identifier: GPL-2.0-only
/*
 * The grammar of the vendor_ops parameter, on any text, with the names of the
 * real table: as it is read from sysfs, where a fault refuses the value, and as
 * it is read when the module loads, where a fault costs the word.
 */
#include "../../vfio_pci/vfio_pci.h"
#include "fuzz.h"

/* The table has a function that nobody calls here. */
void vfio_pci_device_ops_inherit(struct vfio_device_ops *ops)
{
}

static int row_of(const char *name, size_t len)
{
	unsigned int row;

	for (row = 0; row < vfio_pci_vendor_count; row++) {
		const char *have = vfio_pci_vendor_table[row]->name;

		if (strlen(have) == len && !memcmp(have, name, len))
			return row;
	}
	return -1;
}

/* The grammar once more: all items are names, with as many minus signs as items. */
static bool is_good(const char *text, unsigned long *rows, bool *minus)
{
	size_t len = strlen(text);
	int items = 0, minuses = 0;
	const char *item, *end;
	int row;

	*rows = 0;
	if (len && text[len - 1] == '\n')
		len--;
	end = text + len;
	for (item = text;; item += len + 1) {
		const char *comma = memchr(item, ',', end - item);
		bool sign = item < end && *item == '-';

		len = (comma ? comma : end) - item;
		row = row_of(item + sign, len - sign);
		if (row < 0 || (sign && row == (int)vfio_pci_vendor_count - 1))
			return false;
		*rows |= BIT(row);
		items++;
		minuses += sign;
		if (!comma)
			break;
	}
	*minus = minuses;
	return !minuses || minuses == items;
}

static bool is_word(const char *text, const char *word)
{
	size_t len = strlen(word);

	return !strncmp(text, word, len) &&
	       (!text[len] || (text[len] == '\n' && !text[len + 1]));
}

static void check_allowed(struct vfio_pci_policy policy)
{
	unsigned int row, last = vfio_pci_vendor_count - 1;
	bool allowed;

	for (row = 0; row < last; row++) {
		allowed = vfio_pci_policy_allows(policy, row);
		switch (policy.mode) {
		case VFIO_PCI_POLICY_ON:
			MUST(allowed);
			break;
		case VFIO_PCI_POLICY_ONLY:
			MUST(allowed == !!(policy.rows & BIT(row)));
			break;
		case VFIO_PCI_POLICY_EXCEPT:
			MUST(allowed == !(policy.rows & BIT(row)));
			break;
		}
	}
	MUST(!(policy.rows >> vfio_pci_vendor_count));
}

/* Written and read again, a policy is the same, and so is its text. */
static void check_round_trip(struct vfio_pci_policy policy)
{
	char once[256], twice[256];
	struct vfio_pci_policy again;
	const char *word;
	int len;

	len = vfio_pci_policy_format(policy, once, sizeof(once));
	MUST(len > 0 && len == (int)strlen(once));
	MUST(!vfio_pci_policy_parse(once, &again, &word));
	MUST(again.word == policy.word);
	vfio_pci_policy_format(again, twice, sizeof(twice));
	MUST(!strcmp(once, twice));
}

/* A buffer that is too short cuts the text and nothing else. */
static void check_short_buffer(struct vfio_pci_policy policy, size_t size)
{
	char *buf = malloc(size);
	int len = vfio_pci_policy_format(policy, buf, size);

	MUST(len >= 0 && len < (int)size && len == (int)strlen(buf));
	free(buf);
}

static const char *reported_from, *reported_to;
static unsigned int reports;

static void count_report(const char *word, size_t len, const char *fault)
{
	MUST(len && word >= reported_from && word + len <= reported_to);
	MUST(strlen(fault) > 4);
	reported_from = word + len;
	reports++;
}

/* What a word is on its own. */
enum kind { ON, OFF, WANTED, UNWANTED, BAD, BAD_MINUS };

static enum kind kind_of(const char *word, size_t len, int *row)
{
	if (len == 2 && !memcmp(word, "on", 2))
		return ON;
	if (len == 3 && !memcmp(word, "off", 3))
		return OFF;
	*row = row_of(word, len);
	if (*row >= 0)
		return WANTED;
	if (*word != '-')
		return BAD;
	*row = row_of(word + 1, len - 1);
	if (*row >= 0 && *row < (int)vfio_pci_vendor_count - 1)
		return UNWANTED;
	return BAD_MINUS;
}

/*
 * The reading of a value with faults once more: by counting its words by kind,
 * and then deciding, where the driver decides as it goes.
 */
static void check_salvage(const char *text, size_t size)
{
	unsigned int count[BAD_MINUS + 1] = {};
	unsigned long rows[BAD_MINUS + 1] = {};
	struct vfio_pci_policy policy;
	enum kind kind, form = BAD;
	char *words, *word, *rest;
	unsigned int bad;
	int row = 0;

	words = malloc(size + 1);
	memcpy(words, text, size + 1);
	for (word = strtok_r(words, ", \t\n\v\f\r", &rest); word;
	     word = strtok_r(NULL, ", \t\n\v\f\r", &rest)) {
		kind = kind_of(word, strlen(word), &row);
		count[kind]++;
		if (kind == WANTED || kind == UNWANTED) {
			rows[kind] |= BIT(row);
			form = form == BAD ? kind : form;
		}
	}
	free(words);

	reports = 0;
	reported_from = text;
	reported_to = text + strlen(text);
	policy = vfio_pci_policy_salvage(text, count_report);
	bad = count[BAD] + count[BAD_MINUS];
	if (form != BAD)
		bad += count[form == WANTED ? UNWANTED : WANTED];

	check_allowed(policy);
	check_round_trip(policy);
	if (count[OFF]) {
		MUST(policy.mode == VFIO_PCI_POLICY_OFF && !policy.rows);
		MUST(reports <= bad);
		return;
	}

	MUST(reports == bad);
	if (form != BAD) {
		MUST(policy.rows == rows[form]);
		MUST(policy.mode == (form == WANTED ? VFIO_PCI_POLICY_ONLY :
						      VFIO_PCI_POLICY_EXCEPT));
	} else if (count[BAD] && !count[ON]) {
		MUST(policy.mode == VFIO_PCI_POLICY_ONLY);
		MUST(policy.rows == BIT(vfio_pci_vendor_count - 1));
	} else {
		MUST(policy.mode == VFIO_PCI_POLICY_ON && !policy.rows);
	}
}

int fuzz_one_input(const uint8_t *data, size_t size)
{
	struct vfio_pci_policy policy;
	const char *fault, *word = NULL;
	unsigned long rows;
	bool minus, good;
	char *text;

	text = malloc(size + 1);
	memcpy(text, data, size);
	text[size] = '\0';

	fault = vfio_pci_policy_parse(text, &policy, &word);
	if (is_word(text, "on")) {
		MUST(!fault && policy.mode == VFIO_PCI_POLICY_ON && !policy.rows);
	} else if (is_word(text, "off")) {
		MUST(!fault && policy.mode == VFIO_PCI_POLICY_OFF && !policy.rows);
	} else {
		good = is_good(text, &rows, &minus);
		MUST(!fault == good);
		if (good) {
			MUST(policy.rows == rows);
			MUST(policy.mode == (minus ? VFIO_PCI_POLICY_EXCEPT :
						     VFIO_PCI_POLICY_ONLY));
		}
	}

	if (fault) {
		MUST(word >= text && word <= text + strlen(text));
		MUST(strlen(fault) > 4);
	} else {
		check_allowed(policy);
		check_round_trip(policy);
		check_short_buffer(policy, 1 + size % 32);
	}
	check_salvage(text, strlen(text));

	free(text);
	return 0;
}
