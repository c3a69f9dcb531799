// SPDX-License-Identifier: GPL-2.0-only
/// What a function takes for itself - a pci_dev, a mapping, a symbol - it gives
/// back on every path by which it declines or fails.
///
// Confidence: Moderate
// Comments: Only what is kept in local variables: a resource stored in the
// vendor's structure is freed by its release, as the contract has it.
//
// Each of the three ways to leak is there twice, for an assignment and for a
// declaration that initialises: a path that leaves after a test for NULL, the
// branch of "!x || other", where x may be held, and a path without any test.
// Options: --no-includes --include-headers

virtual report

@initialize:python@
@@
def leaks(q, x, get, p):
    coccilib.report.print_report(q[0], "ERROR: %s, from %s() on line %s, leaks on this path" % (x, get, p[0].line))

@tested exists@
identifier get = {pci_get_device, pci_get_subsys, pci_get_class, pci_get_slot, pci_get_domain_bus_and_slot, pci_dev_get, memremap, ioremap, ioremap_wc, ioremap_cache, pci_iomap, pci_ioremap_bar, symbol_get, __symbol_get};
local idexpression x;
local idexpression int ret;
expression e;
statement S;
constant C;
position p, q;
@@
 x = get@p(...);
 ... when != \(pci_dev_put\|memunmap\|iounmap\|symbol_put_addr\)(x)
     when != \(pci_iounmap\|devm_add_action_or_reset\|vfio_pci_core_register_dev_region\)(..., x)
     when != symbol_put(...)
     when != e = x
 if (!x) S
 ... when != \(pci_dev_put\|memunmap\|iounmap\|symbol_put_addr\)(x)
     when != \(pci_iounmap\|devm_add_action_or_reset\|vfio_pci_core_register_dev_region\)(..., x)
     when != symbol_put(...)
     when != e = x
(
 return@q vfio_pci_vendor_decline(...);
|
 return@q -C;
|
 return@q ret;
)

@script:python depends on report@
p << tested.p;
q << tested.q;
x << tested.x;
get << tested.get;
@@
leaks(q, x, get, p)

@merged exists@
identifier get = {pci_get_device, pci_get_subsys, pci_get_class, pci_get_slot, pci_get_domain_bus_and_slot, pci_dev_get, memremap, ioremap, ioremap_wc, ioremap_cache, pci_iomap, pci_ioremap_bar, symbol_get, __symbol_get};
local idexpression x;
local idexpression int ret;
expression e, o;
statement S;
constant C;
position p, q;
@@
 x = get@p(...);
 ... when != \(pci_dev_put\|memunmap\|iounmap\|symbol_put_addr\)(x)
     when != \(pci_iounmap\|devm_add_action_or_reset\|vfio_pci_core_register_dev_region\)(..., x)
     when != symbol_put(...)
     when != e = x
     when != if (!x) S
 if (!x || o) {
 ... when != \(pci_dev_put\|memunmap\|iounmap\|symbol_put_addr\)(x)
     when != \(pci_iounmap\|devm_add_action_or_reset\|vfio_pci_core_register_dev_region\)(..., x)
     when != symbol_put(...)
     when != e = x
(
 return@q vfio_pci_vendor_decline(...);
|
 return@q -C;
|
 return@q ret;
)
 }

@script:python depends on report@
p << merged.p;
q << merged.q;
x << merged.x;
get << merged.get;
@@
leaks(q, x, get, p)

@untested exists@
identifier get = {pci_get_device, pci_get_subsys, pci_get_class, pci_get_slot, pci_get_domain_bus_and_slot, pci_dev_get, memremap, ioremap, ioremap_wc, ioremap_cache, pci_iomap, pci_ioremap_bar, symbol_get, __symbol_get};
local idexpression x;
local idexpression int ret;
expression e, o;
statement S;
constant C;
position p, q;
@@
 x = get@p(...);
 ... when != \(pci_dev_put\|memunmap\|iounmap\|symbol_put_addr\)(x)
     when != \(pci_iounmap\|devm_add_action_or_reset\|vfio_pci_core_register_dev_region\)(..., x)
     when != symbol_put(...)
     when != e = x
     when != if (!x) S
     when != if (x) S
     when != if (!x || o) S
(
 return@q vfio_pci_vendor_decline(...);
|
 return@q -C;
|
 return@q ret;
)

@script:python depends on report@
p << untested.p;
q << untested.q;
x << untested.x;
get << untested.get;
@@
leaks(q, x, get, p)

@tested_decl exists@
identifier get = {pci_get_device, pci_get_subsys, pci_get_class, pci_get_slot, pci_get_domain_bus_and_slot, pci_dev_get, memremap, ioremap, ioremap_wc, ioremap_cache, pci_iomap, pci_ioremap_bar, symbol_get, __symbol_get};
identifier x;
type T;
local idexpression int ret;
expression e;
statement S;
constant C;
position p, q;
@@
 T x = get@p(...);
 ... when != \(pci_dev_put\|memunmap\|iounmap\|symbol_put_addr\)(x)
     when != \(pci_iounmap\|devm_add_action_or_reset\|vfio_pci_core_register_dev_region\)(..., x)
     when != symbol_put(...)
     when != e = x
 if (!x) S
 ... when != \(pci_dev_put\|memunmap\|iounmap\|symbol_put_addr\)(x)
     when != \(pci_iounmap\|devm_add_action_or_reset\|vfio_pci_core_register_dev_region\)(..., x)
     when != symbol_put(...)
     when != e = x
(
 return@q vfio_pci_vendor_decline(...);
|
 return@q -C;
|
 return@q ret;
)

@script:python depends on report@
p << tested_decl.p;
q << tested_decl.q;
x << tested_decl.x;
get << tested_decl.get;
@@
leaks(q, x, get, p)

@merged_decl exists@
identifier get = {pci_get_device, pci_get_subsys, pci_get_class, pci_get_slot, pci_get_domain_bus_and_slot, pci_dev_get, memremap, ioremap, ioremap_wc, ioremap_cache, pci_iomap, pci_ioremap_bar, symbol_get, __symbol_get};
identifier x;
type T;
local idexpression int ret;
expression e, o;
statement S;
constant C;
position p, q;
@@
 T x = get@p(...);
 ... when != \(pci_dev_put\|memunmap\|iounmap\|symbol_put_addr\)(x)
     when != \(pci_iounmap\|devm_add_action_or_reset\|vfio_pci_core_register_dev_region\)(..., x)
     when != symbol_put(...)
     when != e = x
     when != if (!x) S
 if (!x || o) {
 ... when != \(pci_dev_put\|memunmap\|iounmap\|symbol_put_addr\)(x)
     when != \(pci_iounmap\|devm_add_action_or_reset\|vfio_pci_core_register_dev_region\)(..., x)
     when != symbol_put(...)
     when != e = x
(
 return@q vfio_pci_vendor_decline(...);
|
 return@q -C;
|
 return@q ret;
)
 }

@script:python depends on report@
p << merged_decl.p;
q << merged_decl.q;
x << merged_decl.x;
get << merged_decl.get;
@@
leaks(q, x, get, p)

@untested_decl exists@
identifier get = {pci_get_device, pci_get_subsys, pci_get_class, pci_get_slot, pci_get_domain_bus_and_slot, pci_dev_get, memremap, ioremap, ioremap_wc, ioremap_cache, pci_iomap, pci_ioremap_bar, symbol_get, __symbol_get};
identifier x;
type T;
local idexpression int ret;
expression e, o;
statement S;
constant C;
position p, q;
@@
 T x = get@p(...);
 ... when != \(pci_dev_put\|memunmap\|iounmap\|symbol_put_addr\)(x)
     when != \(pci_iounmap\|devm_add_action_or_reset\|vfio_pci_core_register_dev_region\)(..., x)
     when != symbol_put(...)
     when != e = x
     when != if (!x) S
     when != if (x) S
     when != if (!x || o) S
(
 return@q vfio_pci_vendor_decline(...);
|
 return@q -C;
|
 return@q ret;
)

@script:python depends on report@
p << untested_decl.p;
q << untested_decl.q;
x << untested_decl.x;
get << untested_decl.get;
@@
leaks(q, x, get, p)
