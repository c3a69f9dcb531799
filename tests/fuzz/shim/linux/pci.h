/* SPDX-License-Identifier: GPL-2.0-only */
#include "../kernel.h"

#define PCI_DEVFN(slot, func)	(((slot) & 0x1f) << 3 | ((func) & 7))
