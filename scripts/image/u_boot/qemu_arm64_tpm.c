// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-or-later
/*
 * The board's own part of U-Boot, in the place of the file that image.cfg names: an environment on the virtio disk, twice, and the
 * command `lowest`, which keeps the lowest version that may start in the TPM.
 *
 * The version stands in an index of the platform's: only firmware writes it, for the platform hierarchy is open from the TPM's reset
 * until `lowest lock` closes it, before anything is started. The owner's commands neither write nor remove it, nor does TPM2_Clear.
 * Facts: TCG TPM 2.0 Library, part 2 (TPMA_NV, TPMS_NV_PUBLIC) and 3 (NV_DefineSpace, NV_ReadPublic, HierarchyControl).
 */
#include <asm/global_data.h>
#include <asm/unaligned.h>
#include <blk.h>
#include <command.h>
#include <dm.h>
#include <env.h>
#include <env_internal.h>
#include <linux/errno.h>
#include <malloc.h>
#include <memalign.h>
#include <tpm-v2.h>
#include <tpm_api.h>
#include <virtio.h>
#include <vsprintf.h>

DECLARE_GLOBAL_DATA_PTR;

#define BLOCK	    512
#define COPIES	    2
#define COPY_BLOCKS (CONFIG_ENV_SIZE / BLOCK)

/* As image.cfg has them, for who writes the slots. */
static const lbaint_t copy_at[COPIES] = { 0x40000 / BLOCK, 0x60000 / BLOCK };

#define INDEX	       0x415348 /* of 0x01400000 to 0x017fffff, the platform's maker's */
#define INDEX_BYTES    8	/* the version, and its complement */
#define VERSION_MAX    0x7fffffff
#define NV_READ_PUBLIC 0x169
#define ANSWER_BYTES   256

/* Written and read by the platform alone; a lock that lasts until the TPM's reset; nothing that anybody else could do. */
#define WANTED                                                                            \
	((u32)(TPMA_NV_PPWRITE | TPMA_NV_PPREAD | TPMA_NV_WRITE_STCLEAR | TPMA_NV_NO_DA | \
	       TPMA_NV_PLATFORMCREATE))

/* Answer of NV_ReadPublic: what stands where. */
#define PUBLIC_INDEX	  12
#define PUBLIC_ATTRIBUTES 18
#define PUBLIC_POLICY	  22
#define PUBLIC_BYTES	  24
#define PUBLIC_END	  26

#define BE16(v) (u8)((v) >> 8), (u8)(v)
#define BE32(v) BE16((u32)(v) >> 16), BE16(v)

static struct blk_desc *disk(void)
{
	struct blk_desc *desc = NULL;

	virtio_init();
	return blk_get_desc(UCLASS_VIRTIO, 0, &desc) ? NULL : desc;
}

static int disk_load(void)
{
	struct blk_desc *desc = disk();
	char *copies = malloc_cache_aligned(COPIES * CONFIG_ENV_SIZE);
	int failed[COPIES], ret;

	if (!copies)
		return -ENOMEM;
	for (int i = 0; i < COPIES; i++)
		failed[i] = !desc || blk_dread(desc, copy_at[i], COPY_BLOCKS,
					       copies + i * CONFIG_ENV_SIZE) != COPY_BLOCKS;
	ret = env_import_redund(copies, failed[0], copies + CONFIG_ENV_SIZE, failed[1], H_EXTERNAL);
	free(copies);
	return ret;
}

/* Into the copy that was not read: a cut leaves the other. */
static int disk_save(void)
{
	struct blk_desc *desc = disk();
	env_t *copy = malloc_cache_aligned(sizeof(*copy));
	int n = gd->env_valid == ENV_VALID ? 1 : 0;
	int ret = -EIO;

	if (copy && desc && !env_export(copy) &&
	    blk_dwrite(desc, copy_at[n], COPY_BLOCKS, copy) == COPY_BLOCKS) {
		gd->env_valid = n ? ENV_REDUND : ENV_VALID;
		ret = 0;
	}
	free(copy);
	return ret;
}

U_BOOT_ENV_LOCATION(remote) = {
	.location = ENVL_REMOTE,
	.name = "virtio",
	.load = disk_load,
	.save = disk_save,
};

static int ready(struct udevice **tpm)
{
	int ret = uclass_first_device_err(UCLASS_TPM, tpm);

	return ret ? ret : (int)tpm_auto_start(*tpm);
}

/* What the index may be used for; 0 if it is not there, or not of our kind. */
static u32 attributes(struct udevice *tpm)
{
	const u8 ask[] = { BE16(TPM2_ST_NO_SESSIONS), BE32(14), BE32(NV_READ_PUBLIC),
			   BE32(HR_NV_INDEX + INDEX) };
	u8 said[ANSWER_BYTES];
	size_t size = sizeof(said);

	if (tpm2_submit_command(tpm, ask, said, &size) || size < PUBLIC_END)
		return 0;
	if (get_unaligned_be32(said + PUBLIC_INDEX) != HR_NV_INDEX + INDEX ||
	    get_unaligned_be16(said + PUBLIC_POLICY) != 0 ||
	    get_unaligned_be16(said + PUBLIC_BYTES) != INDEX_BYTES)
		return 0;
	return get_unaligned_be32(said + PUBLIC_ATTRIBUTES);
}

static bool lowest_read(struct udevice *tpm, u32 *version)
{
	u8 kept[INDEX_BYTES];

	if ((attributes(tpm) & ~(u32)TPMA_NV_WRITELOCKED) != (WANTED | (u32)TPMA_NV_WRITTEN) ||
	    tpm2_nv_read_value(tpm, INDEX, kept, sizeof(kept)))
		return false;
	*version = get_unaligned_be32(kept);
	return *version <= VERSION_MAX && *version == ~get_unaligned_be32(kept + 4);
}

static bool lowest_write(struct udevice *tpm, u32 version)
{
	u8 kept[INDEX_BYTES];
	u32 found = 0;

	put_unaligned_be32(version, kept);
	put_unaligned_be32(~version, kept + 4);
	return !tpm2_nv_write_value(tpm, INDEX, kept, sizeof(kept)) && lowest_read(tpm, &found) &&
	       found == version;
}

static bool define(struct udevice *tpm)
{
	const u8 ask[] = { BE16(TPM2_ST_SESSIONS), BE32(45), BE32(TPM2_CC_NV_DEFINE_SPACE),
			   BE32(TPM2_RH_PLATFORM),
			   /* the platform's empty password; none of the index's own */
			   BE32(9), BE32(TPM2_RS_PW), BE16(0), 0, BE16(0), BE16(0), BE16(14),
			   BE32(HR_NV_INDEX + INDEX), BE16(TPM2_ALG_SHA256), BE32(WANTED), BE16(0),
			   BE16(INDEX_BYTES) };
	u8 said[ANSWER_BYTES];
	size_t size = sizeof(said);

	return !tpm2_submit_command(tpm, ask, said, &size);
}

static int do_read(struct cmd_tbl *cmd, int flag, int argc, char *const argv[])
{
	struct udevice *tpm;
	u32 version;

	if (argc != 2)
		return CMD_RET_USAGE;
	if (ready(&tpm) || !lowest_read(tpm, &version))
		return CMD_RET_FAILURE;
	return env_set_ulong(argv[1], version) ? CMD_RET_FAILURE : CMD_RET_SUCCESS;
}

/* An index that was written once is never begun anew; one that a cut left without a value is. */
static int do_create(struct cmd_tbl *cmd, int flag, int argc, char *const argv[])
{
	struct udevice *tpm;

	if (ready(&tpm) || (attributes(tpm) != WANTED && !define(tpm)) ||
	    attributes(tpm) != WANTED || !lowest_write(tpm, 0))
		return CMD_RET_FAILURE;
	return CMD_RET_SUCCESS;
}

/* To what was committed, never above the version that was verified, never down. */
static int do_raise(struct cmd_tbl *cmd, int flag, int argc, char *const argv[])
{
	struct udevice *tpm;
	ulong committed, verified;
	u32 version, wanted;

	if (argc != 3)
		return CMD_RET_USAGE;
	committed = simple_strtoul(argv[1], NULL, 0);
	verified = simple_strtoul(argv[2], NULL, 0);
	wanted = (u32)min3(committed, verified, (ulong)VERSION_MAX);
	if (ready(&tpm) || !lowest_read(tpm, &version))
		return CMD_RET_FAILURE;
	if (wanted <= version)
		return CMD_RET_SUCCESS;
	if (!lowest_write(tpm, wanted))
		return CMD_RET_FAILURE;
	printf("launcher: the TPM's lowest version is %u now, it was %u\n", wanted, version);
	return CMD_RET_SUCCESS;
}

/* Believed of no TPM: the index must say that it is locked, and the platform's password must no longer do. */
static int do_lock(struct cmd_tbl *cmd, int flag, int argc, char *const argv[])
{
	struct tpm_chip_priv *priv;
	struct udevice *tpm;
	u32 version;

	if (ready(&tpm))
		return CMD_RET_FAILURE;
	priv = dev_get_uclass_priv(tpm);
	if (!priv->plat_hier_disabled &&
	    (tpm2_write_lock(tpm, INDEX) || !(attributes(tpm) & (u32)TPMA_NV_WRITELOCKED) ||
	     tpm2_disable_platform_hierarchy(tpm)))
		return CMD_RET_FAILURE;
	return lowest_read(tpm, &version) ? CMD_RET_FAILURE : CMD_RET_SUCCESS;
}

U_BOOT_CMD_WITH_SUBCMDS(
	lowest, "the lowest version that may start, in the TPM",
	"read VARIABLE\nlowest create\nlowest raise COMMITTED VERIFIED\nlowest lock\n",
	U_BOOT_SUBCMD_MKENT(read, 2, 0, do_read), U_BOOT_SUBCMD_MKENT(create, 1, 0, do_create),
	U_BOOT_SUBCMD_MKENT(raise, 3, 0, do_raise), U_BOOT_SUBCMD_MKENT(lock, 1, 0, do_lock));
