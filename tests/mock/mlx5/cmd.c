// SPDX-License-Identifier: GPL-2.0-only
/*
 * The command interface: what comes before and after each command.
 */
#include <linux/delay.h>
#include <linux/module.h>
#include <linux/ratelimit.h>
#include <linux/slab.h>

#include "mlx5_mock.h"

typedef int (*mock_command_fn)(struct mock_hca *hca, void *in, int in_size,
			       void *out);

/* Returns what the firmware says, or a negative errno. */
static const struct mock_command {
	const char *name;
	u16 opcode;
	u16 in_size;
	u16 out_size;
	mock_command_fn run;
} mock_commands[MOCK_COMMANDS] = {
	{ "query_caps", MLX5_CMD_OP_QUERY_HCA_CAP,
	  MLX5_ST_SZ_BYTES(query_hca_cap_in),
	  MLX5_ST_SZ_BYTES(query_hca_cap_out), mock_cmd_query_caps },
	{ "suspend", MLX5_CMD_OP_SUSPEND_VHCA,
	  MLX5_ST_SZ_BYTES(suspend_vhca_in),
	  MLX5_ST_SZ_BYTES(suspend_vhca_out), mock_cmd_suspend },
	{ "resume", MLX5_CMD_OP_RESUME_VHCA,
	  MLX5_ST_SZ_BYTES(resume_vhca_in),
	  MLX5_ST_SZ_BYTES(resume_vhca_out), mock_cmd_resume },
	{ "query", MLX5_CMD_OP_QUERY_VHCA_MIGRATION_STATE,
	  MLX5_ST_SZ_BYTES(query_vhca_migration_state_in),
	  MLX5_ST_SZ_BYTES(query_vhca_migration_state_out), mock_cmd_query },
	{ "save", MLX5_CMD_OP_SAVE_VHCA_STATE,
	  MLX5_ST_SZ_BYTES(save_vhca_state_in),
	  MLX5_ST_SZ_BYTES(save_vhca_state_out), mock_cmd_save },
	{ "load", MLX5_CMD_OP_LOAD_VHCA_STATE,
	  MLX5_ST_SZ_BYTES(load_vhca_state_in),
	  MLX5_ST_SZ_BYTES(load_vhca_state_out), mock_cmd_load },
	{ "create_mkey", MLX5_CMD_OP_CREATE_MKEY,
	  MLX5_ST_SZ_BYTES(create_mkey_in),
	  MLX5_ST_SZ_BYTES(create_mkey_out), mock_cmd_create_mkey },
	{ "destroy_mkey", MLX5_CMD_OP_DESTROY_MKEY,
	  MLX5_ST_SZ_BYTES(destroy_mkey_in),
	  MLX5_ST_SZ_BYTES(destroy_mkey_out), mock_cmd_destroy_mkey },
	{ "alloc_pd", MLX5_CMD_OP_ALLOC_PD,
	  MLX5_ST_SZ_BYTES(alloc_pd_in),
	  MLX5_ST_SZ_BYTES(alloc_pd_out), mock_cmd_alloc_pd },
	{ "dealloc_pd", MLX5_CMD_OP_DEALLOC_PD,
	  MLX5_ST_SZ_BYTES(dealloc_pd_in),
	  MLX5_ST_SZ_BYTES(dealloc_pd_out), mock_cmd_dealloc_pd },
	{ "create_cq", MLX5_CMD_OP_CREATE_CQ,
	  MLX5_ST_SZ_BYTES(create_cq_in),
	  MLX5_ST_SZ_BYTES(create_cq_out), mock_cmd_create_cq },
	{ "destroy_cq", MLX5_CMD_OP_DESTROY_CQ,
	  MLX5_ST_SZ_BYTES(destroy_cq_in),
	  MLX5_ST_SZ_BYTES(destroy_cq_out), mock_cmd_destroy_cq },
	{ "create_qp", MLX5_CMD_OP_CREATE_QP,
	  MLX5_ST_SZ_BYTES(create_qp_in),
	  MLX5_ST_SZ_BYTES(create_qp_out), mock_cmd_create_qp },
	{ "rst2init_qp", MLX5_CMD_OP_RST2INIT_QP,
	  MLX5_ST_SZ_BYTES(rst2init_qp_in),
	  MLX5_ST_SZ_BYTES(rst2init_qp_out), mock_cmd_modify_qp },
	{ "init2rtr_qp", MLX5_CMD_OP_INIT2RTR_QP,
	  MLX5_ST_SZ_BYTES(init2rtr_qp_in),
	  MLX5_ST_SZ_BYTES(init2rtr_qp_out), mock_cmd_modify_qp },
	{ "rtr2rts_qp", MLX5_CMD_OP_RTR2RTS_QP,
	  MLX5_ST_SZ_BYTES(rtr2rts_qp_in),
	  MLX5_ST_SZ_BYTES(rtr2rts_qp_out), mock_cmd_modify_qp },
	{ "destroy_qp", MLX5_CMD_OP_DESTROY_QP,
	  MLX5_ST_SZ_BYTES(destroy_qp_in),
	  MLX5_ST_SZ_BYTES(destroy_qp_out), mock_cmd_destroy_qp },
	{ "create_track", MLX5_CMD_OP_CREATE_GENERAL_OBJECT,
	  MLX5_ST_SZ_BYTES(create_page_track_obj_in),
	  MLX5_ST_SZ_BYTES(general_obj_out_cmd_hdr), mock_cmd_create_track },
	{ "modify_track", MLX5_CMD_OP_MODIFY_GENERAL_OBJECT,
	  MLX5_ST_SZ_BYTES(modify_page_track_obj_in),
	  MLX5_ST_SZ_BYTES(general_obj_out_cmd_hdr), mock_cmd_modify_track },
	{ "query_track", MLX5_CMD_OP_QUERY_GENERAL_OBJECT,
	  MLX5_ST_SZ_BYTES(general_obj_in_cmd_hdr),
	  MLX5_ST_SZ_BYTES(general_obj_out_cmd_hdr) +
	  MLX5_ST_SZ_BYTES(page_track), mock_cmd_query_track },
	{ "destroy_track", MLX5_CMD_OP_DESTROY_GENERAL_OBJECT,
	  MLX5_ST_SZ_BYTES(general_obj_in_cmd_hdr),
	  MLX5_ST_SZ_BYTES(general_obj_out_cmd_hdr), mock_cmd_destroy_track },
};

struct mock_async {
	struct work_struct work;
	struct irq_work irq;
	struct mock_hca *hca;
	struct mlx5_async_work *user;
	void *in;
	int in_size;
	int out_size;
	int ret;
};

const char *mock_cmd_name(unsigned int index)
{
	return index < MOCK_COMMANDS ? mock_commands[index].name : NULL;
}

struct mock_knobs *mock_cmd_knobs(struct mock_hca *hca, const char *name)
{
	unsigned int i;

	for (i = 0; i < MOCK_COMMANDS && mock_commands[i].name; i++) {
		if (!strcmp(mock_commands[i].name, name))
			return &hca->knobs[i];
	}
	return NULL;
}

static u16 mock_opcode(void *in)
{
	return MLX5_GET(mock_mbox_in, in, opcode);
}

static int mock_index(u16 opcode)
{
	int i;

	for (i = 0; i < MOCK_COMMANDS; i++) {
		if (mock_commands[i].opcode == opcode)
			return i;
	}
	return -1;
}

static int mock_errno(u8 status)
{
	switch (status) {
	case MLX5_CMD_STAT_OK:
		return 0;
	case MLX5_CMD_STAT_RES_BUSY:
		return -EBUSY;
	case MLX5_CMD_STAT_NO_RES_ERR:
		return -EAGAIN;
	case MLX5_CMD_STAT_LIM_ERR:
		return -ENOMEM;
	case MLX5_CMD_STAT_BAD_OP_ERR:
	case MLX5_CMD_STAT_BAD_PARAM_ERR:
	case MLX5_CMD_STAT_BAD_RES_ERR:
	case MLX5_CMD_STAT_BAD_RES_STATE_ERR:
	case MLX5_CMD_STAT_IX_ERR:
	case MLX5_CMD_STAT_BAD_QP_STATE_ERR:
	case MLX5_CMD_STAT_BAD_PKT_ERR:
	case MLX5_CMD_STAT_BAD_SIZE_OUTS_CQES_ERR:
		return -EINVAL;
	default:
		return -EIO;
	}
}

/* What the test wants of this one: time, and failure. */
static int mock_before(struct mock_hca *hca, struct mock_knobs *knobs)
{
	int status = 0;

	if (READ_ONCE(knobs->latency))
		msleep(READ_ONCE(knobs->latency));

	if (READ_ONCE(knobs->hold)) {
		atomic_inc(&hca->held);
		wait_event(hca->hold_wait, !READ_ONCE(knobs->hold));
		atomic_dec(&hca->held);
	}

	mutex_lock(&hca->lock);
	knobs->executed++;
	if (knobs->fail && !knobs->skip) {
		knobs->fail--;
		status = knobs->status;
	} else if (knobs->fail) {
		knobs->skip--;
	}
	mutex_unlock(&hca->lock);
	return status;
}

/* Returns a negative errno if the command did not get to the firmware. */
static int mock_run(struct mock_hca *hca, void *in, int in_size, void *out,
		    int out_size)
{
	int index = mock_index(mock_opcode(in));
	const struct mock_command *command;
	int ret;

	if (!READ_ONCE(hca->up))
		return -EIO;
	if (index < 0) {
		mock_violation(hca, "unknown opcode %#x", mock_opcode(in));
		MLX5_SET(mock_mbox_out, out, status, MLX5_CMD_STAT_BAD_OP_ERR);
		return 0;
	}

	command = &mock_commands[index];
	if (in_size < command->in_size || out_size < command->out_size) {
		mock_violation(hca, "%s: short, %d in, %d out", command->name,
			       in_size, out_size);
		MLX5_SET(mock_mbox_out, out, status, MLX5_CMD_STAT_BAD_INP_LEN_ERR);
		return 0;
	}

	ret = mock_before(hca, &hca->knobs[index]);
	if (!ret)
		ret = command->run(hca, in, in_size, out);
	if (ret < 0)
		return ret;

	MLX5_SET(mock_mbox_out, out, status, ret);
	MLX5_SET(mock_mbox_out, out, syndrome, ret ? 0xdead00 | ret : 0);
	return 0;
}

void mlx5_cmd_out_err(struct mlx5_core_dev *dev, u16 opcode, u16 op_mod,
		      void *out)
{
	/* Tests count what several commands in a row have to say. */
	static DEFINE_RATELIMIT_STATE(limit, DEFAULT_RATELIMIT_INTERVAL,
				      10 * DEFAULT_RATELIMIT_BURST);
	int index = mock_index(opcode);

	if (!__ratelimit(&limit))
		return;
	dev_err(dev->device,
		"%s(%#x) op_mod(%#x) failed, status %#x, syndrome (%#x)\n",
		index < 0 ? "unknown" : mock_commands[index].name, opcode,
		op_mod, MLX5_GET(mock_mbox_out, out, status),
		MLX5_GET(mock_mbox_out, out, syndrome));
}
EXPORT_SYMBOL(mlx5_cmd_out_err);

int mlx5_cmd_exec(struct mlx5_core_dev *dev, void *in, int in_size, void *out,
		  int out_size)
{
	int ret = mock_run(mock_hca_of(dev), in, in_size, out, out_size);
	u8 status;

	if (ret)
		return ret;

	status = MLX5_GET(mock_mbox_out, out, status);
	if (status)
		mlx5_cmd_out_err(dev, mock_opcode(in),
				 MLX5_GET(mock_mbox_in, in, op_mod), out);
	return mock_errno(status);
}
EXPORT_SYMBOL(mlx5_cmd_exec);

void mlx5_cmd_init_async_ctx(struct mlx5_core_dev *dev,
			     struct mlx5_async_ctx *ctx)
{
	ctx->dev = dev;
	atomic_set(&ctx->num_inflight, 1);
	init_completion(&ctx->inflight_done);
}
EXPORT_SYMBOL(mlx5_cmd_init_async_ctx);

void mlx5_cmd_cleanup_async_ctx(struct mlx5_async_ctx *ctx)
{
	if (!atomic_dec_and_test(&ctx->num_inflight))
		wait_for_completion(&ctx->inflight_done);
}
EXPORT_SYMBOL(mlx5_cmd_cleanup_async_ctx);

/* As with the interrupt of the command queue. */
static void mock_async_irq(struct irq_work *irq)
{
	struct mock_async *async = container_of(irq, struct mock_async, irq);
	struct mlx5_async_ctx *ctx = async->user->ctx;

	async->user->user_callback(async->ret, async->user);
	if (atomic_dec_and_test(&ctx->num_inflight))
		complete(&ctx->inflight_done);
}

static void mock_async_work(struct work_struct *work)
{
	struct mock_async *async = container_of(work, struct mock_async, work);
	void *out = async->user->out;

	async->ret = mock_run(async->hca, async->in, async->in_size, out,
			      async->out_size);
	if (!async->ret && MLX5_GET(mock_mbox_out, out, status))
		async->ret = -EREMOTEIO;

	irq_work_queue(&async->irq);
	irq_work_sync(&async->irq);
	kfree(async->in);
	kfree(async);
}

int mlx5_cmd_exec_cb(struct mlx5_async_ctx *ctx, void *in, int in_size,
		     void *out, int out_size, mlx5_async_cbk_t callback,
		     struct mlx5_async_work *work)
{
	struct mock_hca *hca = mock_hca_of(ctx->dev);
	struct mock_async *async;

	if (!READ_ONCE(hca->up))
		return -EIO;
	async = kzalloc(sizeof(*async), GFP_KERNEL);
	if (!async)
		return -ENOMEM;
	async->in = kmemdup(in, in_size, GFP_KERNEL);
	if (!async->in) {
		kfree(async);
		return -ENOMEM;
	}

	work->ctx = ctx;
	work->user_callback = callback;
	work->opcode = mock_opcode(in);
	work->op_mod = MLX5_GET(mock_mbox_in, in, op_mod);
	work->out = out;
	if (!atomic_inc_not_zero(&ctx->num_inflight)) {
		mock_violation(hca, "command after the end of its context");
		kfree(async->in);
		kfree(async);
		return -EIO;
	}

	async->hca = hca;
	async->user = work;
	async->in_size = in_size;
	async->out_size = out_size;
	init_irq_work(&async->irq, mock_async_irq);
	INIT_WORK(&async->work, mock_async_work);
	if (READ_ONCE(hca->prompt))
		mock_async_work(&async->work);
	else
		queue_work(hca->work, &async->work);
	return 0;
}
EXPORT_SYMBOL(mlx5_cmd_exec_cb);
