// SPDX-License-Identifier: GPL-2.0-only
/// vfio-pci-core writes the name in vfio_device_ops to the driver_override of
/// VFs whose PF is bound: any name but "vfio-pci", the driver's, leaves them
/// without a driver.
///
// Confidence: High
// Comments: A name left out is inherited, and right.
// Options: --no-includes --include-headers

virtual report

@named@
identifier ops;
expression word;
position p;
@@
(
 struct vfio_device_ops ops = { .name = word@p, };
|
 const struct vfio_device_ops ops = { .name = word@p, };
)

@assigned@
struct vfio_device_ops *ops;
struct vfio_device_ops obj;
expression word;
position p;
@@
(
 ops->name = word@p
|
 obj.name = word@p
)

@script:python depends on report@
p << named.p;
word << named.word;
@@
if word != '"vfio-pci"':
    coccilib.report.print_report(p[0], 'ERROR: the name of vfio_device_ops must be "vfio-pci", not %s' % word)

// "ops->name ?: ..." is how a missing name is inherited.
@script:python depends on report@
p << assigned.p;
word << assigned.word;
@@
if not word.replace(" ", "").endswith('"vfio-pci"'):
    coccilib.report.print_report(p[0], 'ERROR: the name of vfio_device_ops must be "vfio-pci", not %s' % word)
