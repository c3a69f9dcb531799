/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the parts of the driver share with each other, and vendors do not see.
 */
#ifndef VFIO_PCI_H
#define VFIO_PCI_H

#include <linux/pci.h>
#include <linux/types.h>

#include "vfio_pci_vendor.h"

/* main.c */

extern struct vfio_pci_params vfio_pci_params;

/* table.c */

extern const struct vfio_pci_vendor_ops *const vfio_pci_vendor_table[];
extern const unsigned int vfio_pci_vendor_count;

void vfio_pci_vendor_table_init(void);
const char *vfio_pci_vendor_name(unsigned int row);
int vfio_pci_vendor_list(char *buf, size_t size, unsigned long rows,
			 const char *separator, const char *prefix);
const struct vfio_pci_vendor_ops *
vfio_pci_vendor_of(const struct vfio_pci_core_device *vdev);

/* device_ops.c */

extern const struct pci_device_id vfio_pci_ids[];

void vfio_pci_device_ops_inherit(struct vfio_device_ops *ops);

/* policy.c */

enum vfio_pci_policy_mode {
	VFIO_PCI_POLICY_ON,
	VFIO_PCI_POLICY_OFF,
	VFIO_PCI_POLICY_ONLY,
	VFIO_PCI_POLICY_EXCEPT,
};

#define VFIO_PCI_POLICY_MAX_ROWS	16

/**
 * struct vfio_pci_policy - a value of the vendor_ops parameter
 * @mode: enum vfio_pci_policy_mode
 * @rows: bit n set: the parameter names row n of the table
 * @word: both, to be replaced and read in one access
 */
struct vfio_pci_policy {
	union {
		struct {
			u16 mode;
			u16 rows;
		};
		u32 word;
	};
};

/* What ends an item of a list. */
#define VFIO_PCI_POLICY_ITEM_END	",\n"

/* What ends a word, where a value that is not in the grammar is read. */
#define VFIO_PCI_POLICY_WORD_END	", \t\n\v\f\r"

/* A word of the given length, and what is wrong with it. */
typedef void (*vfio_pci_policy_report_t)(const char *word, size_t len,
					 const char *fault);

const char *vfio_pci_policy_parse(const char *val,
				  struct vfio_pci_policy *policy,
				  const char **word);
struct vfio_pci_policy
vfio_pci_policy_salvage(const char *val, vfio_pci_policy_report_t report);
int vfio_pci_policy_format(struct vfio_pci_policy policy, char *buf,
			   size_t size);

/**
 * vfio_pci_policy_allows() - may a vendor be asked?
 * @policy: the policy; not "off", which asks nobody
 * @row: index of a vendor in the table
 *
 * Return: true if so.
 */
static inline bool vfio_pci_policy_allows(struct vfio_pci_policy policy,
					  unsigned int row)
{
	bool named = policy.rows & BIT(row);

	return policy.mode == VFIO_PCI_POLICY_ONLY ? named : !named;
}

/* log.c */

#define VFIO_PCI_LOG_REASON_MAX	256

/**
 * struct vfio_pci_vendor_log - what became of the candidates of one bind
 * @reason: what the candidate being probed said of itself; terminated
 * @len: its length
 * @text: what vendor_ops_log will show; NULL until there is something to tell
 * @error: why @text is not complete, or 0
 */
struct vfio_pci_vendor_log {
	char reason[VFIO_PCI_LOG_REASON_MAX];
	size_t len;
	char *text;
	int error;
};

void vfio_pci_log_candidate(struct vfio_pci_vendor_log *log, const char *name,
			    const char *verdict);
int vfio_pci_log_publish(struct vfio_pci_vendor_log *log, struct pci_dev *pdev);
const char *vfio_pci_log_of(struct device *dev);
void vfio_pci_log_announce(struct pci_dev *pdev);

/* select.c */

struct vfio_pci_core_device *vfio_pci_select(struct pci_dev *pdev,
					     struct vfio_pci_policy policy);

/* denylist.c */

bool vfio_pci_is_denylisted(struct pci_dev *pdev, bool disabled);

/* explain.c */

void vfio_pci_explain_failure(struct pci_dev *pdev, int error);
void vfio_pci_explain_group(struct pci_dev *pdev);

/* address.c */

/**
 * struct vfio_pci_address - an item of the devices parameter
 * @domain: PCI domain of the first function
 * @bus: bus number of the first function
 * @depth: entries in @devfn
 * @all_functions: the last entry of @devfn stands for all functions of its device
 * @devfn: device and function numbers: bridges from the top, then the function
 */
struct vfio_pci_address {
	int domain;
	u8 bus;
	u8 depth;
	bool all_functions;
	u8 devfn[32];
};

bool vfio_pci_address_parse(const char *text, struct vfio_pci_address *address);

/* devices.c */

int vfio_pci_devices_init(const char *devices, struct device_driver *driver);
void vfio_pci_devices_exit(void);

/* ids.c */

void vfio_pci_add_ids(struct pci_driver *driver, char *ids);

/* sysfs.c */

extern const struct attribute_group *vfio_pci_driver_groups[];
extern const struct attribute_group *vfio_pci_device_groups[];

#endif /* VFIO_PCI_H */
