// SPDX-License-Identifier: GPL-2.0-only
/*
 * The states of a device that migrates, and who may change them.
 *
 * A state is two things: what the device may do of its own, and which session a
 * data file is open for. An arc changes one of them, or, into STOP_COPY from
 * pre-copy, the first and then the phase of the second.
 */
#include <linux/err.h>
#include <linux/file.h>
#include <linux/pci.h>
#include <linux/slab.h>

#include "migration.h"

enum vfio_pci_mig_session {
	VFIO_PCI_MIG_NONE,
	VFIO_PCI_MIG_PRECOPY,
	VFIO_PCI_MIG_STOP_COPY,
	VFIO_PCI_MIG_RESUME,
};

static const struct {
	enum vfio_pci_mig_run run;
	enum vfio_pci_mig_session session;
} vfio_pci_mig_states[] = {
	[VFIO_DEVICE_STATE_RUNNING] = { VFIO_PCI_MIG_RUNNING, VFIO_PCI_MIG_NONE },
	[VFIO_DEVICE_STATE_RUNNING_P2P] = { VFIO_PCI_MIG_P2P, VFIO_PCI_MIG_NONE },
	[VFIO_DEVICE_STATE_STOP] = { VFIO_PCI_MIG_STOPPED, VFIO_PCI_MIG_NONE },
	[VFIO_DEVICE_STATE_PRE_COPY] = { VFIO_PCI_MIG_RUNNING, VFIO_PCI_MIG_PRECOPY },
	[VFIO_DEVICE_STATE_PRE_COPY_P2P] = { VFIO_PCI_MIG_P2P, VFIO_PCI_MIG_PRECOPY },
	[VFIO_DEVICE_STATE_STOP_COPY] = { VFIO_PCI_MIG_STOPPED, VFIO_PCI_MIG_STOP_COPY },
	[VFIO_DEVICE_STATE_RESUMING] = { VFIO_PCI_MIG_STOPPED, VFIO_PCI_MIG_RESUME },
};

static struct vfio_pci_mig_device *to_mig_device(struct vfio_device *core_vdev)
{
	return container_of(core_vdev, struct vfio_pci_mig_device, core.vdev);
}

static struct vfio_pci_mig *to_mig(struct vfio_device *core_vdev)
{
	return to_mig_device(core_vdev)->mig;
}

/**
 * vfio_pci_mig_wake() - wake whoever waits for the turn or a data file
 * @mig: the migration
 *
 * What they wait for changes with the lock held, and is looked at with it.
 *
 * Context: Any.
 */
void vfio_pci_mig_wake(struct vfio_pci_mig *mig)
{
	if (wq_has_sleeper(&mig->wait))
		wake_up_all(&mig->wait);
}

/**
 * vfio_pci_mig_try_enter() - take the turn, if it is free
 * @mig: the migration
 * @idle: and if no fill is in progress, too
 *
 * A reset that is not followed up yet has revoked the data file. Who takes the
 * turn for nothing else may leave the rest to vfio_pci_mig_leave().
 *
 * Context: Any; not while having the turn.
 * Return: whether it is taken.
 */
bool vfio_pci_mig_try_enter(struct vfio_pci_mig *mig, bool idle)
{
	unsigned long flags;
	bool ok;

	spin_lock_irqsave(&mig->lock, flags);
	ok = !mig->busy && !(idle && mig->file && mig->file->filling);
	if (ok)
		mig->busy = true;
	spin_unlock_irqrestore(&mig->lock, flags);
	return ok;
}

static void vfio_pci_mig_set(struct vfio_pci_mig *mig, u32 state)
{
	WRITE_ONCE(mig->state, state);
}

/*
 * A reset and a command that stops the device do not wait for each other. If they
 * overlap, either may reach the device last. In turn.
 */
static void vfio_pci_mig_stop_begin(struct vfio_pci_mig *mig)
{
	spin_lock_irq(&mig->lock);
	mig->stopping = true;
	if (mig->resetting || mig->reset)
		mig->unsettled = true;
	spin_unlock_irq(&mig->lock);
}

static void vfio_pci_mig_stop_end(struct vfio_pci_mig *mig)
{
	spin_lock_irq(&mig->lock);
	mig->stopping = false;
	spin_unlock_irq(&mig->lock);
}

static int vfio_pci_mig_run(struct vfio_pci_mig *mig,
			    enum vfio_pci_mig_run from,
			    enum vfio_pci_mig_run to, bool *unknown)
{
	int ret;

	if (to < from)
		return mig->ops->run(mig->device, from, to, unknown);

	vfio_pci_mig_stop_begin(mig);
	ret = mig->ops->run(mig->device, from, to, unknown);
	vfio_pci_mig_stop_end(mig);
	return ret;
}

/*
 * Make sure that the device runs. A device refuses to start if it runs already, but
 * may refuse for another reason, too. Only a device that runs can be stopped, so
 * stop it and start it then. In turn.
 */
static int vfio_pci_mig_settle(struct vfio_pci_mig *mig)
{
	const enum vfio_pci_mig_run run = VFIO_PCI_MIG_RUNNING;
	enum vfio_pci_mig_run stop = VFIO_PCI_MIG_STOPPED;
	bool unknown = false;

	if (mig->detached)
		return -ENOTCONN;

	if (mig->caps.flags & VFIO_MIGRATION_P2P) {
		stop = VFIO_PCI_MIG_P2P;
		vfio_pci_mig_run(mig, VFIO_PCI_MIG_STOPPED, stop, &unknown);
	}
	if (!vfio_pci_mig_run(mig, stop, run, &unknown))
		return 0;

	return vfio_pci_mig_run(mig, run, stop, &unknown) ?:
	       vfio_pci_mig_run(mig, stop, run, &unknown);
}

/*
 * A SAVE that a reset overlapped with may have reached the device after it, and told
 * it to track changes. The device refuses if it does not. In turn.
 */
static void vfio_pci_mig_untrack(struct vfio_pci_mig *mig)
{
	bool untrack;

	spin_lock_irq(&mig->lock);
	untrack = mig->untrack && mig->file;
	mig->untrack = false;
	spin_unlock_irq(&mig->lock);
	if (!untrack || mig->detached)
		return;

	if (mig->ops->cancel)
		mig->ops->cancel(mig->device);
	vfio_pci_mig_save_abandon(mig);
}

/*
 * In turn: end the session of a device that was reset. What tracks the writes of
 * the device is not part of the device, and stays.
 */
static void vfio_pci_mig_follow_up(struct vfio_pci_mig *mig)
{
	unsigned long flags;
	bool unsettled;
	int ret;

	if (!READ_ONCE(mig->reset))
		return;

	vfio_pci_mig_untrack(mig);
	vfio_pci_mig_session_end(mig);
	spin_lock_irqsave(&mig->lock, flags);
	vfio_pci_mig_set(mig, VFIO_DEVICE_STATE_RUNNING);
	mig->reset = false;
	unsettled = mig->unsettled;
	mig->unsettled = false;
	spin_unlock_irqrestore(&mig->lock, flags);
	if (!unsettled)
		return;

	ret = vfio_pci_mig_settle(mig);
	if (ret)
		vfio_pci_mig_error(mig, "cannot start after a reset", ret);
}

/**
 * vfio_pci_mig_enter() - take the turn
 * @mig: the migration
 * @idle: wait until no fill is in progress, too
 *
 * Context: May sleep. Not while having the turn.
 * Return: 0, or -ERESTARTSYS when a signal came first.
 */
int vfio_pci_mig_enter(struct vfio_pci_mig *mig, bool idle)
{
	int ret;

	ret = wait_event_interruptible(mig->wait,
				       vfio_pci_mig_try_enter(mig, idle));
	if (!ret)
		vfio_pci_mig_follow_up(mig);
	return ret;
}

/**
 * vfio_pci_mig_enter_killable() - take the turn, unless the task is killed
 * @mig: the migration
 *
 * Context: May sleep. Not while having the turn.
 * Return: 0, or -ERESTARTSYS after a fatal signal.
 */
int vfio_pci_mig_enter_killable(struct vfio_pci_mig *mig)
{
	int ret;

	ret = wait_event_killable(mig->wait, vfio_pci_mig_try_enter(mig, false));
	if (!ret)
		vfio_pci_mig_follow_up(mig);
	return ret;
}

/**
 * vfio_pci_mig_enter_always() - take the turn, signals or not
 * @mig: the migration
 * @idle: wait until no fill is in progress, too
 *
 * Context: May sleep, for as long as a callback of the vendor does.
 */
void vfio_pci_mig_enter_always(struct vfio_pci_mig *mig, bool idle)
{
	wait_event(mig->wait, vfio_pci_mig_try_enter(mig, idle));
	vfio_pci_mig_follow_up(mig);
}

/**
 * vfio_pci_mig_leave() - give the turn back
 * @mig: the migration
 *
 * Follows up a reset that came meanwhile.
 */
void vfio_pci_mig_leave(struct vfio_pci_mig *mig)
{
	unsigned long flags;

	spin_lock_irqsave(&mig->lock, flags);
	while (mig->reset) {
		spin_unlock_irqrestore(&mig->lock, flags);
		vfio_pci_mig_follow_up(mig);
		spin_lock_irqsave(&mig->lock, flags);
	}
	mig->busy = false;
	spin_unlock_irqrestore(&mig->lock, flags);
	vfio_pci_mig_wake(mig);
}

/**
 * vfio_pci_mig_error() - what the device does is unknown from now on
 * @mig: the migration
 * @what: what was attempted, for the log
 * @error: what came of it
 *
 * Context: In turn.
 */
void vfio_pci_mig_error(struct vfio_pci_mig *mig, const char *what, int error)
{
	dev_err(vfio_pci_mig_dev(mig),
		"migration: %s: error %d; the device must be reset\n", what,
		error);
	vfio_pci_mig_session_end(mig);
	vfio_pci_mig_set(mig, VFIO_DEVICE_STATE_ERROR);
}

static int vfio_pci_mig_change_run(struct vfio_pci_mig *mig,
				   enum vfio_pci_mig_run from,
				   enum vfio_pci_mig_run to)
{
	const char *what = to > from ? "cannot stop" : "cannot start";
	bool unknown = false;
	int ret;

	ret = vfio_pci_mig_run(mig, from, to, &unknown);
	if (!ret)
		return 0;

	if (unknown)
		vfio_pci_mig_error(mig, what, ret);
	else
		dev_err(vfio_pci_mig_dev(mig),
			"migration: %s: error %d; the device refused, and does what it did before\n",
			what, ret);
	return ret;
}

static struct file *vfio_pci_mig_begin(struct vfio_pci_mig *mig,
				       enum vfio_pci_mig_session session)
{
	bool saving = session != VFIO_PCI_MIG_RESUME;
	struct file *filp;
	int ret = 0;

	filp = vfio_pci_mig_session_begin(mig, saving);
	if (IS_ERR(filp)) {
		ret = PTR_ERR(filp);
		goto err;
	}

	if (saving)
		ret = vfio_pci_mig_save_begin(mig,
					      session == VFIO_PCI_MIG_PRECOPY);
	else
		vfio_pci_mig_load_begin(mig);
	if (!ret)
		return filp;

	vfio_pci_mig_session_end(mig);
	fput(filp);
err:
	dev_err(vfio_pci_mig_dev(mig), "migration: can not begin to %s: error %d\n",
		saving ? "save" : "load", ret);
	return ERR_PTR(ret);
}

static int vfio_pci_mig_end(struct vfio_pci_mig *mig,
			    enum vfio_pci_mig_session session)
{
	int ret = 0;

	if (session == VFIO_PCI_MIG_RESUME)
		ret = vfio_pci_mig_load_commit(mig);
	else
		ret = vfio_pci_mig_save_abandon(mig);
	if (!ret)
		vfio_pci_mig_session_end(mig);
	return ret;
}

static struct file *vfio_pci_mig_arc(struct vfio_pci_mig *mig, u32 cur, u32 next)
{
	enum vfio_pci_mig_session from = vfio_pci_mig_states[cur].session;
	enum vfio_pci_mig_session to = vfio_pci_mig_states[next].session;
	enum vfio_pci_mig_run run_from = vfio_pci_mig_states[cur].run;
	enum vfio_pci_mig_run run_to = vfio_pci_mig_states[next].run;
	int ret = 0;

	if (mig->detached)
		return ERR_PTR(-ENOTCONN);

	if (run_from != run_to) {
		ret = vfio_pci_mig_change_run(mig, run_from, run_to);
		if (ret)
			return ERR_PTR(ret);
	}

	if (from == to)
		return NULL;
	if (from == VFIO_PCI_MIG_NONE)
		return vfio_pci_mig_begin(mig, to);

	if (to == VFIO_PCI_MIG_STOP_COPY)
		vfio_pci_mig_save_final(mig);
	else
		ret = vfio_pci_mig_end(mig, from);
	return ERR_PTR(ret);
}

static bool vfio_pci_mig_has_state(struct vfio_device *core_vdev, u32 state)
{
	u64 flags = core_vdev->migration_flags;

	if (state == VFIO_DEVICE_STATE_ERROR ||
	    state >= ARRAY_SIZE(vfio_pci_mig_states))
		return false;
	if (vfio_pci_mig_states[state].run == VFIO_PCI_MIG_P2P &&
	    !(flags & VFIO_MIGRATION_P2P))
		return false;
	return vfio_pci_mig_states[state].session != VFIO_PCI_MIG_PRECOPY ||
	       flags & VFIO_MIGRATION_PRE_COPY;
}

/*
 * vfio_mig_get_next_state() may be called only if this returns true. In mainline
 * Linux 6.2 to 7.0, that function never returns if its table leads from the pair of
 * states to ERROR, as it does for STOP_COPY to pre-copy.
 */
static bool vfio_pci_mig_reachable(struct vfio_device *core_vdev, u32 from,
				   u32 to)
{
	if (!vfio_pci_mig_has_state(core_vdev, from) ||
	    !vfio_pci_mig_has_state(core_vdev, to))
		return false;
	return from != VFIO_DEVICE_STATE_STOP_COPY ||
	       vfio_pci_mig_states[to].session != VFIO_PCI_MIG_PRECOPY;
}

static int vfio_pci_mig_next_state(struct vfio_device *core_vdev, u32 from,
				   u32 to, u32 *next_state)
{
	enum vfio_device_mig_state next;
	int ret;

	if (!vfio_pci_mig_reachable(core_vdev, from, to))
		return -EINVAL;

	ret = vfio_mig_get_next_state(core_vdev, from, to, &next);
	if (ret)
		return ret;

	if (next == from || !vfio_pci_mig_has_state(core_vdev, next))
		return -EINVAL;

	*next_state = next;
	return 0;
}

static struct file *vfio_pci_mig_set_state(struct vfio_device *core_vdev,
					   enum vfio_device_mig_state new_state)
{
	struct vfio_pci_mig *mig = to_mig(core_vdev);
	struct file *filp = NULL;
	unsigned int arcs = 0;
	u32 next;
	int ret;

	ret = vfio_pci_mig_enter(mig, true);
	if (ret)
		return ERR_PTR(ret);

	while (mig->state != new_state) {
		/* No path enters a state twice. */
		if (++arcs > ARRAY_SIZE(vfio_pci_mig_states)) {
			filp = ERR_PTR(-EINVAL);
			break;
		}
		if (READ_ONCE(mig->reset)) {
			filp = ERR_PTR(-EAGAIN);
			break;
		}

		ret = vfio_pci_mig_next_state(core_vdev, mig->state, new_state,
					      &next);
		if (ret) {
			filp = ERR_PTR(ret);
			break;
		}

		filp = vfio_pci_mig_arc(mig, mig->state, next);
		if (IS_ERR(filp))
			break;

		vfio_pci_mig_set(mig, next);
	}

	/* After a reset the device is RUNNING, whatever state it reached before. */
	if (!IS_ERR(filp) && READ_ONCE(mig->reset)) {
		if (filp)
			fput(filp);
		filp = ERR_PTR(-EAGAIN);
	}

	vfio_pci_mig_leave(mig);
	return filp;
}

static int vfio_pci_mig_get_state(struct vfio_device *core_vdev,
				  enum vfio_device_mig_state *state)
{
	struct vfio_pci_mig *mig = to_mig(core_vdev);

	spin_lock_irq(&mig->lock);
	*state = mig->reset ? VFIO_DEVICE_STATE_RUNNING : READ_ONCE(mig->state);
	spin_unlock_irq(&mig->lock);
	return 0;
}

static int __maybe_unused
vfio_pci_mig_get_data_size(struct vfio_device *core_vdev, unsigned long *bytes)
{
	struct vfio_pci_mig *mig = to_mig(core_vdev);
	struct vfio_pci_mig_size size = {};
	int ret;

	ret = vfio_pci_mig_enter(mig, true);
	if (ret)
		return ret;

	ret = -ENOTCONN;
	if (!mig->detached)
		ret = mig->ops->query(mig->device, 0, &size);
	vfio_pci_mig_leave(mig);

	*bytes = size.total;
	return ret;
}

static const struct vfio_migration_ops vfio_pci_mig_ops = {
	.migration_set_state	= vfio_pci_mig_set_state,
	.migration_get_state	= vfio_pci_mig_get_state,
#ifdef HAVE_VFIO_MIG_DATA_SIZE
	.migration_get_data_size = vfio_pci_mig_get_data_size,
#endif
};

static void vfio_pci_mig_after_reset(struct work_struct *work)
{
	struct vfio_pci_mig *mig = container_of(work, struct vfio_pci_mig,
						after_reset);

	vfio_pci_mig_enter_always(mig, false);
	vfio_pci_mig_leave(mig);
}

int vfio_pci_mig_init(struct vfio_pci_mig_device *device,
		      const struct vfio_pci_mig_ops *ops,
		      const struct vfio_pci_mig_caps *caps)
{
	struct vfio_device *core_vdev = &device->core.vdev;
	struct vfio_pci_mig *mig;

	mig = kzalloc(sizeof(*mig), GFP_KERNEL);
	if (!mig)
		return -ENOMEM;

	mig->wq = alloc_workqueue("vfio-pci-mig", WQ_UNBOUND, 1);
	if (!mig->wq) {
		kfree(mig);
		return -ENOMEM;
	}

	kref_init(&mig->ref);
	spin_lock_init(&mig->lock);
	init_waitqueue_head(&mig->wait);
	INIT_WORK(&mig->refill, vfio_pci_mig_refill);
	INIT_WORK(&mig->after_reset, vfio_pci_mig_after_reset);
	mig->state = VFIO_DEVICE_STATE_RUNNING;
	mig->ops = ops;
	mig->caps = *caps;
	mig->max_chunk = caps->dma_dev ? dma_max_mapping_size(caps->dma_dev) :
					 caps->max_chunk ?: SIZE_MAX;
	mig->device = device;
	device->mig = mig;

	core_vdev->migration_flags = caps->flags;
	core_vdev->mig_ops = &vfio_pci_mig_ops;
	if (caps->dirty_log && vfio_pci_compat_has_iova_bitmap())
		core_vdev->log_ops = &vfio_pci_mig_log_ops;
	return 0;
}

static void vfio_pci_mig_free(struct kref *ref)
{
	kfree(container_of(ref, struct vfio_pci_mig, ref));
}

/**
 * vfio_pci_mig_put() - drop a reference
 * @mig: the migration
 */
void vfio_pci_mig_put(struct vfio_pci_mig *mig)
{
	kref_put(&mig->ref, vfio_pci_mig_free);
}

void vfio_pci_mig_release(struct vfio_pci_mig_device *device)
{
	struct vfio_pci_mig *mig = device->mig;

	if (!mig)
		return;

	destroy_workqueue(mig->wq);
	device->mig = NULL;
	vfio_pci_mig_put(mig);
}

int vfio_pci_mig_open_device(struct vfio_device *core_vdev)
{
	struct vfio_pci_mig_device *device = to_mig_device(core_vdev);
	int ret;

	ret = vfio_pci_core_enable(&device->core);
	if (ret)
		return ret;

	if (device->mig) {
		vfio_pci_mig_enter_always(device->mig, false);
		vfio_pci_mig_set(device->mig, VFIO_DEVICE_STATE_RUNNING);
		vfio_pci_mig_leave(device->mig);
	}

	vfio_pci_core_finish_enable(&device->core);
	return 0;
}

/* Give up what is kept between sessions. In turn, without a session. */
static void vfio_pci_mig_give_up(struct vfio_pci_mig *mig)
{
	vfio_pci_mig_spare_free(mig);
	if (mig->ops->close_device && !mig->detached)
		mig->ops->close_device(mig->device);
}

void vfio_pci_mig_close_device(struct vfio_device *core_vdev)
{
	struct vfio_pci_mig *mig = to_mig(core_vdev);

	if (mig) {
		vfio_pci_mig_enter_always(mig, false);
		vfio_pci_mig_session_end(mig);
		vfio_pci_mig_dirty_end(mig);
		vfio_pci_mig_give_up(mig);
		vfio_pci_mig_leave(mig);
	}

	vfio_pci_core_close_device(core_vdev);
}

void vfio_pci_mig_reset_prepare(struct vfio_pci_core_device *vdev)
{
	struct vfio_pci_mig *mig = to_mig(&vdev->vdev);

	if (!mig)
		return;

	spin_lock_irq(&mig->lock);
	mig->resetting = true;
	if (mig->stopping)
		mig->unsettled = true;
	if (mig->file && mig->file->filling &&
	    mig->file->flags & VFIO_PCI_MIG_TRACK)
		mig->untrack = true;
	spin_unlock_irq(&mig->lock);
}

/*
 * vfio-pci-core may hold locks here that a fault on a user's memory takes, too,
 * so there is no waiting: users see the new state at once, and what takes
 * commands to the firmware is left to whoever has the turn next.
 */
void vfio_pci_mig_reset_done(struct vfio_pci_core_device *vdev)
{
	struct vfio_pci_mig *mig = to_mig(&vdev->vdev);
	unsigned long flags;

	if (!mig)
		return;

	spin_lock_irqsave(&mig->lock, flags);
	mig->resetting = false;
	mig->reset = true;
	if (mig->file)
		mig->file->revoked = true;
	if (mig->file || mig->unsettled)
		queue_work(mig->wq, &mig->after_reset);
	spin_unlock_irqrestore(&mig->lock, flags);
	vfio_pci_mig_wake(mig);
}

void vfio_pci_mig_detach(struct vfio_pci_mig_device *device)
{
	struct vfio_pci_mig *mig = device->mig;

	vfio_pci_mig_enter_always(mig, false);
	vfio_pci_mig_dirty_end(mig);
	if (mig->state != VFIO_DEVICE_STATE_RUNNING &&
	    mig->state != VFIO_DEVICE_STATE_ERROR)
		vfio_pci_mig_error(mig, "the PF driver has gone", -ENOTCONN);
	vfio_pci_mig_give_up(mig);
	mig->detached = true;
	vfio_pci_mig_leave(mig);
}

void vfio_pci_mig_attach(struct vfio_pci_mig_device *device)
{
	struct vfio_pci_mig *mig = device->mig;

	vfio_pci_mig_enter_always(mig, false);
	mig->detached = false;
	vfio_pci_mig_leave(mig);
}
