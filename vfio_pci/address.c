// SPDX-License-Identifier: GPL-2.0-only
/*
 * The addresses in the devices parameter, in the format of the PCI core's own
 * parameters, such as pci=resource_alignment=, whose parser is not exported:
 *
 *	address := [ domain ":" ] bus ":" device "." function { "/" device "." function }
 *
 * All numbers are hex. What follows a slash is on the secondary bus of the bridge
 * before it. Unlike there, the last function may be "*", for all functions of
 * its device.
 *
 * Functions of their arguments, nothing else.
 */
#include <linux/ctype.h>
#include <linux/kernel.h>
#include <linux/pci.h>

#include "vfio_pci.h"

static bool vfio_pci_address_number(const char **at, u32 max, u32 *val)
{
	const char *from = *at;
	char c;

	for (*val = 0; isxdigit(c = **at); ++*at) {
		if (*val > max >> 4)
			return false;
		*val = *val << 4 | (isdigit(c) ? c - '0' : tolower(c) - 'a' + 10);
	}

	return *at > from && *val <= max;
}

/* The part in front of the first "."; @dev is the device in it. */
static bool vfio_pci_address_start(const char **at,
				   struct vfio_pci_address *address, u32 *dev)
{
	u32 number[3];
	int count = 0;

	for (;;) {
		if (!vfio_pci_address_number(at, INT_MAX, &number[count]))
			return false;
		if (++count == ARRAY_SIZE(number) || **at != ':')
			break;
		++*at;
	}

	if (count < 2 || number[count - 2] > 0xff || number[count - 1] > 0x1f)
		return false;

	address->domain = count == 3 ? number[0] : 0;
	address->bus = number[count - 2];
	*dev = number[count - 1];
	return true;
}

/**
 * vfio_pci_address_parse() - read an address
 * @text: terminated string
 * @address: receives the address; undefined on error
 *
 * Return: true if @text is an address.
 */
bool vfio_pci_address_parse(const char *text, struct vfio_pci_address *address)
{
	u32 dev, func;

	address->depth = 0;
	address->all_functions = false;
	if (!vfio_pci_address_start(&text, address, &dev))
		return false;

	for (;;) {
		if (*text != '.' || address->depth == ARRAY_SIZE(address->devfn))
			return false;
		text++;

		if (text[0] == '*' && !text[1]) {
			address->all_functions = true;
			address->devfn[address->depth++] = PCI_DEVFN(dev, 0);
			return true;
		}

		if (!vfio_pci_address_number(&text, 7, &func))
			return false;
		address->devfn[address->depth++] = PCI_DEVFN(dev, func);
		if (!*text)
			return true;
		if (*text != '/')
			return false;
		text++;
		if (!vfio_pci_address_number(&text, 0x1f, &dev))
			return false;
	}
}
