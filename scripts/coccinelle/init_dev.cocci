// SPDX-License-Identifier: GPL-2.0-only
/// The init of a vendor calls vfio_pci_vendor_init_dev(): by itself,
/// vfio_pci_core_init_dev() makes a device without the module parameters.
///
// Confidence: High
// Options: --no-includes --include-headers

virtual report

@wrapper@
identifier core =~ "^vfio_pci_core_init_dev$";
position p;
@@
vfio_pci_vendor_init_dev(...)
{
<+...
core@p
...+>
}

@used@
identifier core =~ "^vfio_pci_core_init_dev$";
position p != wrapper.p;
@@
core@p

@script:python depends on report@
p << used.p;
@@
coccilib.report.print_report(p[0], 'ERROR: use vfio_pci_vendor_init_dev(), which hands over the module parameters')
