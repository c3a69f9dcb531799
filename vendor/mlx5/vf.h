/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A VF of a ConnectX adapter. All commands go to the firmware by way of its PF,
 * whose driver, mlx5_core, offers the functions for it.
 */
#ifndef VFIO_PCI_MLX5_VF_H
#define VFIO_PCI_MLX5_VF_H

#include <linux/completion.h>

#include "core_fns.h"
#include "vfio_pci_migration.h"
#include "vfio_pci_vendor.h"

struct mlx5vf_tracker;

/* A reason to decline, which has two places. */
#define MLX5VF_NO_PF	"the PF is not driven by mlx5_core, or is not up: bind the PF to mlx5_core first"

/**
 * struct mlx5vf - a VF whose state can be saved and loaded
 * @mig: what the migration service keeps
 * @pf: the PF; its @mdev is valid while @nb is registered and the service is not
 *	detached
 * @nb: told when the PF takes its VFs down
 * @vf_id: number of the VF, from 0
 * @vhca_id: its name in commands
 * @chunked: it saves its state in several images
 * @pdn: protection domain of buffers
 * @has_pd: there is one
 * @async: of the SAVE in progress
 * @save: likewise
 * @save_out: likewise; what the firmware said
 * @tracker: of the pages that the VF writes to, or NULL
 * @track_event: a report, an error, or a change came
 * @gone: the PF takes its VFs down; for whoever waits for a report
 */
struct mlx5vf {
	struct vfio_pci_mig_device mig;
	struct mlx5vf_pf pf;
	struct notifier_block nb;
	int vf_id;
	u16 vhca_id;
	bool chunked;
	u32 pdn;
	bool has_pd;
	struct mlx5_async_ctx async;
	struct mlx5_async_work save;
	u32 save_out[MLX5_ST_SZ_DW(save_vhca_state_out)];
	struct mlx5vf_tracker *tracker;
	struct completion track_event;
	bool gone;
};

static inline struct mlx5vf *to_mlx5vf(struct vfio_pci_mig_device *device)
{
	return container_of(device, struct mlx5vf, mig);
}

/* core.c */

int mlx5vf_core_get(struct mlx5vf_pf *pf, struct pci_dev *vf,
		    struct vfio_pci_vendor_log *log);
void mlx5vf_core_put(struct mlx5vf_pf *pf);

/* command.c */

int mlx5vf_query_vhca_id(const struct mlx5vf_pf *pf, int vf_id, u16 *vhca_id);
int mlx5vf_query_migratable(const struct mlx5vf_pf *pf, int vf_id,
			    bool *migratable);
int mlx5vf_run(struct vfio_pci_mig_device *device, enum vfio_pci_mig_run from,
	       enum vfio_pci_mig_run to, bool *unknown);
int mlx5vf_mkey_create(const struct mlx5vf_pf *pf, u32 pdn,
		       const struct vfio_pci_mig_buf *buf, u32 *mkey);

/* image.c */

extern const struct vfio_pci_mig_format mlx5vf_format;

void mlx5vf_put_pd(struct vfio_pci_mig_device *device);
int mlx5vf_open(struct vfio_pci_mig_device *device);
int mlx5vf_attach(struct vfio_pci_mig_device *device,
		  struct vfio_pci_mig_buf *buf);
void mlx5vf_detach(struct vfio_pci_mig_device *device,
		   struct vfio_pci_mig_buf *buf);
int mlx5vf_query(struct vfio_pci_mig_device *device, unsigned int flags,
		 struct vfio_pci_mig_size *size);
int mlx5vf_fill(struct vfio_pci_mig_device *device,
		struct vfio_pci_mig_buf *buf, unsigned int flags);
void mlx5vf_cancel(struct vfio_pci_mig_device *device);
int mlx5vf_load(struct vfio_pci_mig_device *device,
		struct vfio_pci_mig_buf *buf);

/* tracker.c */

bool mlx5vf_can_track(const struct mlx5vf_pf *pf);
int mlx5vf_track_start(struct vfio_pci_mig_device *device,
		       struct rb_root_cached *ranges, u32 nr_ranges,
		       u64 *page_size);
void mlx5vf_track_stop(struct vfio_pci_mig_device *device);
int mlx5vf_track_report(struct vfio_pci_mig_device *device,
			unsigned long iova, unsigned long length,
			struct vfio_pci_mig_dirty *dirty);

#endif /* VFIO_PCI_MLX5_VF_H */
