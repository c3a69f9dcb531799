/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What test programs share: sysfs, the mock bus, firmware tables, VFIO.
 *
 * Set-up that must work aborts the program; what a test judges returns -errno.
 */
#ifndef BED_H
#define BED_H

#include <linux/vfio.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define BED_PARENT	"0000:00:03.0"	/* three IOMMU groups for mock buses */
#define BED_PARENT_2	"0000:00:04.0"
#define BED_PARENT_3	"0000:00:05.0"
#define BED_HIGH_MEMORY	"0000:00:06.0"	/* its BAR 2 */
#define BED_EDU		"0000:00:08.0"
#define BED_E1000E	"0000:00:09.0"
#define BED_NVME	"0000:00:0a.0"

#define BED_FIRMWARE	0x30000000u	/* memmap= holds 4 MiB here back */
#define BED_PARAMETERS	"/sys/module/vfio_pci/parameters"
#define BED_PARAMETER	BED_PARAMETERS "/vendor_ops"
#define BED_DEVICES	"/sys/bus/pci/devices"
#define BED_GROUP_TYPE	BED_DEVICES "/%s/iommu_group/type"
#define BED_DRIVER	"/sys/bus/pci/drivers/vfio-pci"

/* sysfs.c */
bool bed_ours(void);
bool bed_ours_all(void);
bool bed_mainline(void);
bool bed_ours_virtio(void);
void bed_need_ours(void);
int bed_write(const void *data, size_t len, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
int bed_puts(const char *text, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
const char *bed_read(const char *fmt, ...)
	__attribute__((format(printf, 1, 2)));
const char *bed_vendor(const char *bdf);
const char *bed_vendor_log(const char *bdf);
bool bed_exists(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
int bed_bind(const char *bdf);
int bed_bind_to(const char *bdf, const char *driver);
int bed_unbind(const char *bdf);
int bed_run(const char *command);
bool bed_kernel_has(const char *symbol);
int bed_kmsg_open(void);
int bed_kmsg_count(int fd, const char *needle);
int bed_kmsg_find(int fd, const char *needle, char *text, size_t size);
int bed_load(const char *options);
unsigned int bed_class(const char *bdf);
bool bed_find(bool (*wanted)(const char *bdf), unsigned int nth, char *bdf,
	      size_t size);
const char *bed_sriov_pf(void);

/*
 * mock.c: the attributes are explained in tests/mock/. A slot is "DD.F" on the
 * bus that bed_mock_bus() makes, or "BUS/DD.F".
 */
void bed_must(long ret, const char *what);
void bed_mock_bus(void);
void bed_mock_bus_at(const char *bus, const char *parent);
void bed_mock_bus_set(const char *bus, const char *attr, const char *value);
void bed_mock_function(const char *slot, unsigned int vendor,
		       unsigned int device, unsigned int class);
void bed_mock_set(const char *slot, const char *attr, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
int bed_mock_try(const char *slot, const char *attr, const char *value);
unsigned int bed_mock_resets(const char *slot);
pid_t bed_reset_begun(const char *slot, const char *bdf);
int bed_reset_done(pid_t pid);
void bed_mock_live(void);
void bed_mock_bus_live(const char *bus);
const char *bed_mock_bdf(const char *slot);
void bed_mock_remove(void);
void bed_node(const char *path);
void bed_node_set(const char *path, const char *attr, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
int bed_node_attach(const char *path, const char *bdf);
const char *bed_node_query(const char *function, const char *question);
void bed_firmware(uint64_t addr, const void *data, size_t len);

/* vfio.c */
struct bed_device {
	int container;
	int group;
	int fd;
};

#define BED_TOKEN	"2ab74924-c335-45f4-9b16-8569e5b08258"

int bed_group_path(const char *bdf, char *path, size_t size);
int bed_open(struct bed_device *dev, const char *bdf);
int bed_open_token(struct bed_device *dev, const char *bdf, const char *token);
int bed_set_token(struct bed_device *dev);
void bed_close(struct bed_device *dev);
int bed_region(struct bed_device *dev, unsigned int index,
	       struct vfio_region_info *info);
int bed_vendor_region(struct bed_device *dev, unsigned int type,
		      unsigned int subtype, struct vfio_region_info *info);
int bed_region_capability(struct bed_device *dev, unsigned int index,
			  unsigned int id, void *cap, size_t size);
long bed_pread(struct bed_device *dev, void *buf, size_t len, uint64_t pos);
long bed_pwrite(struct bed_device *dev, const void *buf, size_t len,
		uint64_t pos);
uint32_t bed_get32(struct bed_device *dev, uint64_t pos);
void bed_set32(struct bed_device *dev, uint64_t pos, uint32_t val);
int bed_map_dma(struct bed_device *dev, void *mem, size_t len, uint64_t iova);
int bed_irq_eventfd(struct bed_device *dev, unsigned int index, int eventfd);
int bed_irq_action(struct bed_device *dev, unsigned int index,
		   unsigned int action);
int bed_irq_disable(struct bed_device *dev, unsigned int index);
bool bed_wait(int eventfd, int milliseconds);

#define BED_DMA_BUF	"vfio_pci_core_get_dmabuf_phys"	/* in kernels that offer it */

int bed_dma_buf_probe(struct bed_device *dev);
long bed_dma_buf_size(struct bed_device *dev, unsigned int bar, uint64_t len);

/* memory.c */
uint64_t bed_high_memory(void);
int bed_touch(const void *mem);
int bed_mmap_errno(struct bed_device *dev, size_t len, int flags, uint64_t pos);

/* opregion.c */
struct bed_opregion {
	unsigned int version;	/* 0x0201 is 2.1 */
	unsigned int kib;
	uint64_t rvda;
	uint32_t rvds;
	bool no_mailbox_3;
};

#define BED_OPREGION_SIZE	0x2000
void bed_opregion(uint8_t *image, const struct bed_opregion *opregion);

#endif /* BED_H */
