/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A ConnectX physical function made up by a test: what takes the place of the
 * kernel's mlx5_core, with a firmware that has just what live migration needs.
 */
#ifndef MLX5_MOCK_H
#define MLX5_MOCK_H

#include <linux/completion.h>
#include <linux/iommu.h>
#include <linux/irq_work.h>
#include <linux/mlx5/cq.h>
#include <linux/mlx5/driver.h>
#include <linux/mlx5/vport.h>
#include <linux/mutex.h>
#include <linux/notifier.h>
#include <linux/pci.h>
#include <linux/wait.h>
#include <linux/workqueue.h>
#include <linux/xarray.h>

#include "ifc.h"

#define MOCK_EVENTS	256	/* event types are 8 bits wide */
#define MOCK_COMMANDS	24

struct mock_hca;

/**
 * struct mock_knobs - what a test asks of one command
 * @latency: milliseconds that each takes
 * @status: of those that fail: that of the firmware, or a negative errno for
 *          a command that was not delivered
 * @skip: how many to let pass before the first failure
 * @fail: how many to fail
 * @hold: whether to keep them until this is taken back
 * @executed: how many there were
 */
struct mock_knobs {
	unsigned int latency;
	int status;
	unsigned int skip;
	unsigned int fail;
	bool hold;
	unsigned int executed;
};

/**
 * struct mock_mkey - memory of the host that the firmware may reach
 * @length: bytes
 * @shift: log2 of the size of a page
 * @pages: how many there are
 * @users: commands that use it now
 * @mtt: their bus addresses
 */
struct mock_mkey {
	u64 length;
	unsigned int shift;
	u32 pages;
	atomic_t users;
	dma_addr_t mtt[];
};

/**
 * struct mock_vhca - the device model of a VF
 * @hca: the PF
 * @lock: one command at a time
 * @flr: a function level reset that the PCI bus saw
 * @id: VHCA id
 * @bar: BAR 0, whose first page shows the state to the guest, and whose other
 *       pages are the state that migrates
 * @pages: of that state
 * @migratable: whether the administrator allows migration
 * @initiator: sends requests
 * @responder: answers requests
 * @tracking: of changes of the state, for incremental images
 * @chunked: whether images may be saved in parts
 * @anew: all of the state is to be sent again, as initial data
 * @saving: an image, or a chain of images, is being saved
 * @loading: likewise
 * @save_seq: number of the next image of the chain
 * @load_seq: likewise
 * @seed: what the state beyond the BAR is made of
 * @beyond: size of that, bytes
 * @beyond_left: how much of it is still to be saved
 * @beyond_loaded: how much of it was loaded
 * @shadow: the pages as they were when they were last saved
 * @unsent: the pages that the chain does not have yet
 * @loaded: the pages that the chain had
 * @resets: function level resets
 * @loads: completed
 */
struct mock_vhca {
	struct mock_hca *hca;
	struct mutex lock;	/* one command at a time */
	struct work_struct flr;
	u16 id;
	void __iomem *bar;
	unsigned int pages;
	bool migratable;
	bool initiator;
	bool responder;
	bool tracking;
	bool chunked;
	bool anew;
	bool saving;
	bool loading;
	u32 save_seq;
	u32 load_seq;
	u64 seed;
	u64 beyond;
	u64 beyond_left;
	u64 beyond_loaded;
	u8 *shadow;
	unsigned long *unsent;
	unsigned long *loaded;
	u32 resets;
	u32 loads;
};

/**
 * struct mock_hca - the PF
 * @mdev: what drivers see
 * @pdev: the PCI function
 * @up: it answers commands
 * @lock: protects the knobs
 * @knobs: for each command
 * @hold_wait: held commands wait here
 * @held: how many do
 * @objects: protection domains, queues and trackers
 * @mkeys: memory keys
 * @violations: of the firmware's rules by a driver
 * @busy: nanoseconds that save and load took of the firmware
 * @chunk: bytes that the firmware asks for at a time
 * @sparse: save and check 8 bytes of each page beyond the BAR, for benchmarks
 * @prompt: what an asynchronous command does, is done before the call returns
 * @deaf: no driver can be told when its VF comes or goes
 * @report_errors: how many reports of pages to end in an error
 * @report_latency: milliseconds before a report of pages begins
 * @total: VFs that there can be
 * @vhcas: their device models
 * @bars: BAR 0 of all
 * @bar_size: of one
 * @resets: of any function
 * @work: asynchronous commands, and reports
 * @events: notifiers
 * @uars: doorbell page
 */
struct mock_hca {
	struct mlx5_core_dev mdev;
	struct pci_dev *pdev;
	bool up;
	struct mutex lock;	/* the knobs */
	struct mock_knobs knobs[MOCK_COMMANDS];
	wait_queue_head_t hold_wait;
	atomic_t held;
	struct xarray objects;
	struct xarray mkeys;
	atomic_t violations;
	atomic64_t busy;
	u32 chunk;
	bool sparse;
	bool prompt;
	bool deaf;
	unsigned int report_errors;
	unsigned int report_latency;
	unsigned int total;
	struct mock_vhca *vhcas;
	void __iomem *bars;
	resource_size_t bar_size;
	struct notifier_block resets;
	struct workqueue_struct *work;
	struct atomic_notifier_head events[MOCK_EVENTS];
	struct mlx5_uars_page uar;
};

static inline struct mock_hca *mock_hca_of(struct mlx5_core_dev *mdev)
{
	return container_of(mdev, struct mock_hca, mdev);
}

/* What a driver may not do, and does. The mock goes on; the test fails. */
#define mock_violation(hca, fmt, ...) \
	do { \
		struct mock_hca *hca_ = (hca); \
		atomic_inc(&hca_->violations); \
		pci_err(hca_->pdev, "mock: violation: " fmt "\n", \
			##__VA_ARGS__); \
	} while (0)

/* log2 of the bytes of a message with pages that a VF wrote to. */
#define MOCK_LOG_MESSAGE	15

/* caps.c */
int mock_caps_alloc(struct mock_hca *hca);
void mock_caps_free(struct mock_hca *hca);
int mock_cmd_query_caps(struct mock_hca *hca, void *in, int in_size, void *out);
extern const struct attribute_group mock_caps_group;

/* cmd.c */
struct mock_knobs *mock_cmd_knobs(struct mock_hca *hca, const char *name);
const char *mock_cmd_name(unsigned int index);

/* dma.c */
void *mock_dma_at(struct mock_hca *hca, dma_addr_t addr, size_t len);
struct mock_mkey *mock_mkey_get(struct mock_hca *hca, u32 mkey, u64 len);
void mock_mkey_put(struct mock_mkey *mkey);
void *mock_mkey_at(struct mock_hca *hca, struct mock_mkey *mkey, u64 pos,
		   size_t *len);
int mock_mkey_copy(struct mock_hca *hca, struct mock_mkey *mkey, u64 pos,
		   void *buf, size_t len, bool to_host);
int mock_cmd_create_mkey(struct mock_hca *hca, void *in, int in_size, void *out);
int mock_cmd_destroy_mkey(struct mock_hca *hca, void *in, int in_size,
			  void *out);

/* host.c: the headers of each kernel have two of these four. */
int mlx5_vector2eqn(struct mlx5_core_dev *dev, int vector, int *eqn);
unsigned int mlx5_comp_vectors_count(struct mlx5_core_dev *dev);
int mlx5_comp_eqn_get(struct mlx5_core_dev *dev, u16 vecidx, int *eqn);
unsigned int mlx5_comp_vectors_max(struct mlx5_core_dev *dev);

/* knobs.c */
extern const struct attribute_group mock_knobs_group;

/* pci.c */
int mock_hca_up(struct mock_hca *hca, bool up);

/* queue.c */
int mock_cmd_alloc_pd(struct mock_hca *hca, void *in, int in_size, void *out);
int mock_cmd_dealloc_pd(struct mock_hca *hca, void *in, int in_size, void *out);
int mock_cmd_create_cq(struct mock_hca *hca, void *in, int in_size, void *out);
int mock_cmd_destroy_cq(struct mock_hca *hca, void *in, int in_size, void *out);
int mock_cmd_create_qp(struct mock_hca *hca, void *in, int in_size, void *out);
int mock_cmd_modify_qp(struct mock_hca *hca, void *in, int in_size, void *out);
int mock_cmd_destroy_qp(struct mock_hca *hca, void *in, int in_size, void *out);
int mock_queue_send(struct mock_hca *hca, u32 qpn, const __be32 *data,
		    size_t len, u32 immediate);
unsigned int mock_queue_count(struct mock_hca *hca);
void mock_queue_free_all(struct mock_hca *hca);

/* track.c */
int mock_cmd_create_track(struct mock_hca *hca, void *in, int in_size,
			  void *out);
int mock_cmd_modify_track(struct mock_hca *hca, void *in, int in_size,
			  void *out);
int mock_cmd_query_track(struct mock_hca *hca, void *in, int in_size,
			 void *out);
int mock_cmd_destroy_track(struct mock_hca *hca, void *in, int in_size,
			   void *out);
int mock_track_dirty(struct mock_hca *hca, struct mock_vhca *vhca, u64 iova,
		     u64 len);
unsigned int mock_track_count(struct mock_hca *hca);
void mock_track_free_all(struct mock_hca *hca);

/* vhca.c */
struct mock_vhca *mock_vhca_find(struct mock_hca *hca, u16 id);
int mock_vhca_init(struct mock_hca *hca, unsigned int index);
void mock_vhca_free(struct mock_vhca *vhca);
void mock_vhca_reset(struct mock_vhca *vhca);
void mock_vhca_size(struct mock_vhca *vhca, u64 size);
int mock_cmd_suspend(struct mock_hca *hca, void *in, int in_size, void *out);
int mock_cmd_resume(struct mock_hca *hca, void *in, int in_size, void *out);
int mock_cmd_query(struct mock_hca *hca, void *in, int in_size, void *out);
int mock_cmd_save(struct mock_hca *hca, void *in, int in_size, void *out);
int mock_cmd_load(struct mock_hca *hca, void *in, int in_size, void *out);
void mock_vhca_publish(struct mock_vhca *vhca);

#endif /* MLX5_MOCK_H */
