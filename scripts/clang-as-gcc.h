/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Variables of a CPU in a named address space (Linux 6.10): a kernel configured
 * for gcc has them, and one for clang 14 has not, which does not take the same
 * address space twice in one type, as these headers give it to a const one.
 */
#undef CONFIG_CC_HAS_NAMED_AS
#undef CONFIG_USE_X86_SEG_SUPPORT
