// SPDX-License-Identifier: GPL-2.0-only
/// On every path to vfio_mig_get_next_state(), vfio_pci_mig_reachable() was asked
/// about the same pair of states and false ends in a return. In mainline Linux 6.2 to
/// 7.0, vfio_mig_get_next_state() does not return for the pairs that the uapi forbids.
/// Debian's kernels have that mended, so no test that runs on them can tell.
///
// Confidence: High
// Options: --no-includes --include-headers

virtual report

@unguarded exists@
identifier fn;
expression dev, from, to;
position p;
@@
 fn(...)
 {
 ... when != if (!vfio_pci_mig_reachable(dev, from, to)) return ...;
 vfio_mig_get_next_state@p(dev, from, to, ...)
 ... when any
 }

// A pair of states that changes after the test was not tested.
@changed exists@
expression dev, from, to, e;
position p;
@@
 if (!vfio_pci_mig_reachable(dev, from, to)) return ...;
 ... when != vfio_pci_mig_reachable(dev, from, to)
(
 from = e
|
 to = e
)
 ... when != vfio_pci_mig_reachable(dev, from, to)
 vfio_mig_get_next_state@p(dev, from, to, ...)

@called@
position p;
@@
 vfio_mig_get_next_state@p(...)

@referenced@
identifier next_state =~ "^vfio_mig_get_next_state$";
position p != called.p;
@@
 next_state@p

@script:python depends on report@
p << unguarded.p;
@@
coccilib.report.print_report(p[0], "ERROR: vfio_mig_get_next_state() without vfio_pci_mig_reachable() before it: it may not return")

@script:python depends on report@
p << changed.p;
@@
coccilib.report.print_report(p[0], "ERROR: vfio_mig_get_next_state() for another pair of states than vfio_pci_mig_reachable() was asked about")

@script:python depends on report@
p << referenced.p;
@@
coccilib.report.print_report(p[0], "ERROR: a pointer to vfio_mig_get_next_state() can be called without vfio_pci_mig_reachable() before it")
