/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef VFIO_PCI_UNALIGNED_H
#define VFIO_PCI_UNALIGNED_H

#ifdef HAVE_LINUX_UNALIGNED
#include <linux/unaligned.h>
#else
#include <asm/unaligned.h>
#endif

#endif /* VFIO_PCI_UNALIGNED_H */
