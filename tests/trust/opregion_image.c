// SPDX-License-Identifier: GPL-2.0-only
/*
 * The firmware table of subject.c's igd, for QEMU to put into memory: under
 * lockdown, no program in the VM can.
 */
#include <stdio.h>

#include "subject.h"

int main(void)
{
	uint8_t image[BED_OPREGION_SIZE];

	subject_opregion(image);
	return fwrite(image, sizeof(image), 1, stdout) != 1;
}
