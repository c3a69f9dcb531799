// SPDX-License-Identifier: GPL-2.0-only
/*
 * The addresses in the devices parameter, on any text.
 */
#include <limits.h>
#include <regex.h>

#include "../../vfio_pci/vfio_pci.h"
#include "fuzz.h"

/* The format once more, as an expression, whose parts are then looked at. */
#define HEX	"[0-9a-fA-F]+"
#define FORMAT	"^(" HEX ":)?" HEX ":(" HEX "\\." HEX "/)*" HEX "\\.(" HEX "|\\*)$"

static regex_t format;

/* A number up to the character that must end it. */
static bool next(char **at, char end, unsigned long long max,
		 unsigned long long *val)
{
	*val = strtoull(*at, at, 16);
	if (**at != end || *val > max)
		return false;
	*at += !!end;
	return true;
}

static void check_good(char *at, const struct vfio_pci_address *address)
{
	unsigned long long val;
	unsigned int i;
	char *colon = strchr(at, ':');

	if (strchr(colon + 1, ':')) {
		MUST(next(&at, ':', INT_MAX, &val));
		MUST(address->domain == (int)val);
	} else {
		MUST(!address->domain);
	}
	MUST(next(&at, ':', 0xff, &val));
	MUST(address->bus == val);
	MUST(address->depth && address->depth <= sizeof(address->devfn));
	for (i = 0; i < address->depth; i++) {
		bool last = i == address->depth - 1;

		MUST(next(&at, '.', 0x1f, &val));
		MUST(address->devfn[i] >> 3 == (int)val);
		if (last && address->all_functions) {
			MUST(!strcmp(at, "*") && !(address->devfn[i] & 7));
			return;
		}
		MUST(next(&at, last ? '\0' : '/', 7, &val));
		MUST((address->devfn[i] & 7) == (int)val);
	}
}

/* Why a text of the right form is refused: a number, or too many of them. */
static bool is_out_of_range(char *at)
{
	unsigned long long val, max[] = { INT_MAX, 0xff };
	unsigned int i, depth = 0;

	for (i = !strchr(strchr(at, ':') + 1, ':'); i < 2; i++) {
		if (!next(&at, ':', max[i], &val))
			return true;
	}
	for (;;) {
		if (!next(&at, '.', 0x1f, &val) || ++depth > 32)
			return true;
		if (*at == '*' || next(&at, '\0', 7, &val))
			return false;
		if (*at != '/' || val > 7)
			return true;
		at++;
	}
}

int fuzz_one_input(const uint8_t *data, size_t size)
{
	struct vfio_pci_address address;
	bool good, form;
	char *text;

	if (!format.re_nsub)
		MUST(!regcomp(&format, FORMAT, REG_EXTENDED));

	text = malloc(size + 1);
	memcpy(text, data, size);
	text[size] = '\0';

	good = vfio_pci_address_parse(text, &address);
	form = !regexec(&format, text, 0, NULL, 0);
	if (good) {
		MUST(form);
		check_good(text, &address);
	} else {
		MUST(!form || is_out_of_range(text));
	}

	free(text);
	return 0;
}
