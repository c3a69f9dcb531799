/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Live migration by VFIO's protocol, version 2, and the mocks of an mlx5 and of a
 * virtio PF that it is tested on. What <linux/vfio.h> of Debian 12 lacks has other names here.
 */
#ifndef MIGRATION_H
#define MIGRATION_H

#include "bed.h"

enum mig_state {
	MIG_ERROR,
	MIG_STOP,
	MIG_RUNNING,
	MIG_STOP_COPY,
	MIG_RESUMING,
	MIG_RUNNING_P2P,
	MIG_PRE_COPY,
	MIG_PRE_COPY_P2P,
	MIG_STATES,
};

#define MIG_HAS_STOP_COPY	0x1
#define MIG_HAS_P2P		0x2
#define MIG_HAS_PRE_COPY	0x4

/* A saved device, as much of it as there is room for. */
struct mig_stream {
	uint8_t *bytes;
	size_t len;
	size_t room;
};

/* Addresses of the device, for the log of the pages that it writes to. */
struct mig_range {
	uint64_t iova;
	uint64_t length;
};

#define MIG_LOG_PAGE		4096ul
#define MIG_LOG_START		6
#define MIG_LOG_STOP		7
#define MIG_LOG_REPORT		8

/* migration.c */
int mig_feature(struct bed_device *dev, uint32_t flags, void *data, size_t len);
int mig_flags(struct bed_device *dev, uint64_t *flags);
int mig_set(struct bed_device *dev, unsigned int state, int *data_fd);
int mig_get(struct bed_device *dev);
int mig_precopy_info(int fd, uint64_t *initial, uint64_t *dirty);
int mig_precopy_flags(int fd, uint32_t *flags, uint64_t *initial, uint64_t *dirty);
int mig_data_size(struct bed_device *dev, uint64_t *size);
bool mig_kernel_has_log(void);
int mig_log_start(struct bed_device *dev, const struct mig_range *ranges,
		  uint32_t nr);
int mig_log_stop(struct bed_device *dev);
int mig_log_report(struct bed_device *dev, uint64_t iova, uint64_t length,
		   uint64_t *bitmap);
const char *mig_state_name(unsigned int state);
void mig_stream_init(struct mig_stream *stream, size_t room);
void mig_stream_free(struct mig_stream *stream);
int mig_read(int fd, struct mig_stream *stream);
int mig_write(int fd, const void *bytes, size_t len);
int mig_save(struct bed_device *dev, struct mig_stream *stream);
int mig_load(struct bed_device *dev, const void *bytes, size_t len);

/* A PF that a mock drives, and its VFs. */
struct bed_pf {
	const char *module;
	const char *bus;
	const char *parent, *vf_parent;
	unsigned int vendor, device, class;
	unsigned int vf_device;
	unsigned int vf_bar, vf_bar_size;
	const char *vf_capability;	/* or NULL */
};

/* pf.c */
bool bed_dma_bounces(void);
void bed_pf_begin(const struct bed_pf *pf, char *bdf, size_t size);
void bed_pf_add(const struct bed_pf *pf, char *bdf, size_t size);
struct bed_pf bed_pf_elsewhere(const struct bed_pf *pf, const char *bus);
const char *bed_pf_undriven(const char *bus, const char *parent,
			    unsigned int vendor, unsigned int device);
const char *bed_pf_vf(const char *pf, unsigned int vf);
int bed_pf_knob(const char *pf, const char *name, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
long bed_pf_stat(const char *pf, const char *name);
int bed_pf_bind_vf(const char *bdf, const char *driver);
void bed_pf_unbind_vf(const char *bdf);
int bed_open_more(struct bed_device *dev, const struct bed_device *first,
		  const char *bdf);

/* mlx5.c */
#define MLX5_STATE_SIZE	(15 * 4096)	/* what the BAR of a mock VF holds */

extern const struct bed_pf bed_mlx5_model;
const char *bed_mlx5_driver(void);
void bed_mlx5_need(void);
void bed_mlx5_begin(void);
const char *bed_mlx5_pf(void);
const char *bed_mlx5_vf(unsigned int vf);
#define bed_mlx5_knob(name, ...) \
	bed_pf_knob(bed_mlx5_pf(), name, __VA_ARGS__)
long bed_mlx5_stat(const char *name);
int bed_mlx5_bind(unsigned int vf, const char *driver);
void bed_mlx5_unbind(unsigned int vf);
int bed_mlx5_open(struct bed_device *dev, unsigned int vf);
int bed_mlx5_open_more(struct bed_device *dev, const struct bed_device *first,
		       unsigned int vf);
volatile uint8_t *bed_mlx5_map(struct bed_device *dev);
void bed_mlx5_fill(volatile uint8_t *bar, uint32_t seed);
bool bed_mlx5_same(volatile uint8_t *bar, uint32_t seed);
int bed_mlx5_run(volatile uint8_t *bar);

/* Two VFs, open and as after a reset, with BAR 0 mapped. */
struct mlx5_pair {
	struct bed_device dev[2];
	volatile uint8_t *bar[2];
};

int bed_mlx5_pair_open(struct mlx5_pair *pair);
void bed_mlx5_pair_let_go(struct mlx5_pair *pair, unsigned int vf);
void bed_mlx5_pair_close(struct mlx5_pair *pair);
bool bed_mlx5_clean(void);
bool bed_mlx5_pf_clean(const char *pf);

/* virtio.c */
#define VIRTIO_STATE_SIZE	(15 * 4096)	/* what the BAR of a mock VF holds */
#define VIRTIO_NOTIFY_AT	0x100		/* in the same BAR */

const char *bed_virtio_driver(void);
void bed_virtio_need(void);
void bed_virtio_begin(void);
void bed_virtio_begin_block(void);
const char *bed_virtio_pf(void);
const char *bed_virtio_vf(unsigned int vf);
#define bed_virtio_knob(name, ...) \
	bed_pf_knob(bed_virtio_pf(), name, __VA_ARGS__)
long bed_virtio_stat(const char *name);
void bed_virtio_fill(struct bed_device *dev, uint32_t seed);

#endif /* MIGRATION_H */
