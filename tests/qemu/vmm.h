/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A QEMU with the guest of this folder in it, and its monitor: QMP, as QEMU's
 * docs/interop/qmp-spec describes it.
 */
#ifndef VMM_H
#define VMM_H

#include <stdbool.h>
#include <sys/types.h>

#define VMM_EXECUTE(command, arguments) \
	"{\"execute\":\"" command "\",\"arguments\":{" arguments "}}"

/*
 * VMM_PRE_COPY: the far end tells when it has what has to be there before the guest
 * stops. It never does when it has no device that is copied so.
 * VMM_IOMMUFD: through /dev/iommu and the device's own file, not its group.
 * VMM_WITHOUT_LOG: migrate although nothing logs the pages that the device writes.
 * QEMU then sends all memory again at each synchronisation.
 */
enum { VMM_PRE_COPY = 1, VMM_IOMMUFD = 2, VMM_WITHOUT_LOG = 4 };

/* What the guest said last. */
struct vmm_tick {
	unsigned int tick;
	unsigned int vhca;
	unsigned int run;
	unsigned int resets;
	unsigned int loads;
};

/**
 * struct vmm - a QEMU
 * @name: of its files below /tmp
 * @pid: of its process, 0 for none
 * @qmp: its monitor
 */
struct vmm {
	const char *name;
	pid_t pid;
	int qmp;
};

bool vmm_is_there(void);
int vmm_start(struct vmm *vmm, const char *name, const char *bdf,
	      unsigned int flags, const char *incoming);
void vmm_end(struct vmm *vmm);
int vmm_do_well(struct vmm *vmm, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
const char *vmm_migration(struct vmm *vmm);
long vmm_migrated(struct vmm *vmm, const char *key);
int vmm_migration_wait(struct vmm *vmm, const char *status);
int vmm_migration_cancel(struct vmm *vmm);
int vmm_tick(struct vmm *vmm, struct vmm_tick *tick);
int vmm_first_tick(struct vmm *vmm, struct vmm_tick *tick);
int vmm_tick_wait(struct vmm *vmm, unsigned int tick, struct vmm_tick *now);
void vmm_log(struct vmm *vmm);

#endif /* VMM_H */
