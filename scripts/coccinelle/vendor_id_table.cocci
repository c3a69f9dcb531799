// SPDX-License-Identifier: GPL-2.0-only
/// Every vendor ops has an id_table: without one its probe would be asked about
/// any device at all.
///
// Confidence: High
// Options: --no-includes --include-headers

virtual report

@has@
identifier ops;
expression table != NULL;
position p;
@@
(
 struct vfio_pci_vendor_ops ops@p = { .id_table = table, };
|
 const struct vfio_pci_vendor_ops ops@p = { .id_table = table, };
)

@lacks@
identifier ops;
position p != has.p;
@@
(
 struct vfio_pci_vendor_ops ops@p = { ..., };
|
 const struct vfio_pci_vendor_ops ops@p = { ..., };
)

@script:python depends on report@
p << lacks.p;
ops << lacks.ops;
@@
coccilib.report.print_report(p[0], "ERROR: vendor ops %s has no id_table" % ops)
