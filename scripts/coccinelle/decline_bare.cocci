// SPDX-License-Identifier: GPL-2.0-only
/// A vendor ops that declines a device must say why: -ENODEV in its probe comes
/// from vfio_pci_vendor_decline() only. A function that is given the log is
/// part of a probe too.
///
// Confidence: High
// Comments: -ENODEV that a callee returned, and is passed on, is not seen.
// Options: --no-includes --include-headers

virtual report

// Asking whether somebody else declined is fine.
@asked@
position p;
expression e;
@@
(
 e == -ENODEV@p
|
 e != -ENODEV@p
|
 e == ERR_PTR(-ENODEV@p)
|
 e != ERR_PTR(-ENODEV@p)
)

@row@
identifier ops, fn;
@@
(
 struct vfio_pci_vendor_ops ops = { .probe = fn, };
|
 const struct vfio_pci_vendor_ops ops = { .probe = fn, };
)

@in_probe exists@
identifier row.fn;
position p != asked.p;
@@
 fn(...)
 {
 ... when any
 -ENODEV@p
 ... when any
 }

@in_part exists@
identifier part != vfio_pci_vendor_decline;
identifier log;
position p != {asked.p, in_probe.p};
@@
 part(..., struct vfio_pci_vendor_log *log, ...)
 {
 ... when any
 -ENODEV@p
 ... when any
 }

@script:python depends on report@
p << in_probe.p;
@@
coccilib.report.print_report(p[0], "ERROR: bare -ENODEV in the probe of a vendor ops: give the reason with vfio_pci_vendor_decline()")

@script:python depends on report@
p << in_part.p;
@@
coccilib.report.print_report(p[0], "ERROR: bare -ENODEV in a part of the probe of a vendor ops: give the reason with vfio_pci_vendor_decline()")
