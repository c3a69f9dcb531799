// SPDX-License-Identifier: GPL-2.0-only
/// A length or offset that firmware wrote is compared with a bound, or goes
/// through an overflow check, before anything is mapped or copied by it.
///
// Confidence: Moderate
// Comments: That the bound is the right one, no rule can tell. A test for zero
// is no bound.
// Options: --no-includes --include-headers

virtual report

@assigned exists@
identifier get = {le16_to_cpu, le16_to_cpup, le32_to_cpu, le32_to_cpup, le64_to_cpu, le64_to_cpup, get_unaligned_le16, get_unaligned_le32, get_unaligned_le64};
identifier use = {memremap, early_memremap, ioremap, ioremap_wc, ioremap_cache, memcpy, memmove, memcmp, memcpy_fromio, memcpy_toio, kmemdup, memdup_user, copy_to_user, copy_from_user};
expression n, a;
position q;
@@
 n = get(...);
 ... when != n > a
     when != n >= a
     when != n < a
     when != n <= a
     when != n = a
     when != check_add_overflow(..., <+... n ...+>, ...)
     when != check_mul_overflow(..., <+... n ...+>, ...)
     when != vfio_pci_phys_range_fault(..., n)
(
 use(..., &n, ...)
|
 use@q(..., <+... n ...+>, ...)
)

@script:python depends on report@
q << assigned.q;
n << assigned.n;
use << assigned.use;
@@
coccilib.report.print_report(q[0], "ERROR: %s() by %s, which firmware wrote and nothing has bounded" % (use, n))

@declared exists@
identifier get = {le16_to_cpu, le16_to_cpup, le32_to_cpu, le32_to_cpup, le64_to_cpu, le64_to_cpup, get_unaligned_le16, get_unaligned_le32, get_unaligned_le64};
identifier use = {memremap, early_memremap, ioremap, ioremap_wc, ioremap_cache, memcpy, memmove, memcmp, memcpy_fromio, memcpy_toio, kmemdup, memdup_user, copy_to_user, copy_from_user};
type T;
identifier n;
expression a;
position q;
@@
 T n = get(...);
 ... when != n > a
     when != n >= a
     when != n < a
     when != n <= a
     when != n = a
     when != check_add_overflow(..., <+... n ...+>, ...)
     when != check_mul_overflow(..., <+... n ...+>, ...)
     when != vfio_pci_phys_range_fault(..., n)
(
 use(..., &n, ...)
|
 use@q(..., <+... n ...+>, ...)
)

@script:python depends on report@
q << declared.q;
n << declared.n;
use << declared.use;
@@
coccilib.report.print_report(q[0], "ERROR: %s() by %s, which firmware wrote and nothing has bounded" % (use, n))

@direct@
identifier get = {le16_to_cpu, le16_to_cpup, le32_to_cpu, le32_to_cpup, le64_to_cpu, le64_to_cpup, get_unaligned_le16, get_unaligned_le32, get_unaligned_le64};
identifier use = {memremap, early_memremap, ioremap, ioremap_wc, ioremap_cache, memcpy, memmove, memcmp, memcpy_fromio, memcpy_toio, kmemdup, memdup_user, copy_to_user, copy_from_user};
position q;
@@
 use@q(..., <+... get(...) ...+>, ...)

@script:python depends on report@
q << direct.q;
use << direct.use;
get << direct.get;
@@
coccilib.report.print_report(q[0], "ERROR: %s() by %s(), which firmware wrote and nothing has bounded" % (use, get))
