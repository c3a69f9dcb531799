// SPDX-License-Identifier: GPL-2.0-only
/*
 * The grammar of the vendor_ops parameter: what it takes, how it reads back,
 * and that a refused value changes nothing and is explained once.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "bed.h"
#include "kselftest_harness.h"

#define VALID_NAMES	"igd nvlink2 nvgrace mlx5 virtio generic"

static void __attribute__((constructor)) check_driver(void)
{
	bed_need_ours();
}

FIXTURE(param) {
	int kmsg;
	char message[8192];
};

FIXTURE_SETUP(param)
{
	bed_load("");
	self->kmsg = bed_kmsg_open();
}

FIXTURE_TEARDOWN(param)
{
	bed_puts("on", BED_PARAMETER);
}

TEST_F(param, default_is_on)
{
	EXPECT_STREQ("on\n", bed_read(BED_PARAMETER));
}

TEST_F(param, canonical_form)
{
	static const struct {
		const char *value, *reads;
	} good[] = {
		{ "off", "off\n" }, { "on", "on\n" }, { "off\n", "off\n" },
		{ "on\n", "on\n" }, { "igd", "igd\n" }, { "igd\n", "igd\n" },
		{ "-igd", "-igd\n" }, { "generic", "generic\n" },
		{ "igd,generic", "igd,generic\n" },
		{ "generic,igd", "igd,generic\n" },
		{ "generic,igd,generic,igd\n", "igd,generic\n" },
		{ "igd,igd", "igd\n" }, { "-igd,-igd", "-igd\n" },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(good); i++) {
		EXPECT_EQ(0, bed_puts(good[i].value, BED_PARAMETER)) {
			TH_LOG("value \"%s\"", good[i].value);
		}
		EXPECT_STREQ(good[i].reads, bed_read(BED_PARAMETER));
	}
	EXPECT_EQ(0, bed_kmsg_count(self->kmsg, "vendor_ops"));
}

/* Refused with EINVAL; nothing changes; one message with the bad word. */
static void check_refused(struct __test_metadata *_metadata,
			  FIXTURE_DATA(param) *self, const void *value,
			  size_t len, const char *word)
{
	static const char *const before[] = { "on", "off", "igd", "-igd" };
	char quoted[80], reads[16];
	size_t i;

	snprintf(quoted, sizeof(quoted), "\"%s\"", word);
	for (i = 0; i < ARRAY_SIZE(before); i++) {
		snprintf(reads, sizeof(reads), "%s\n", before[i]);
		ASSERT_EQ(0, bed_puts(before[i], BED_PARAMETER));
		EXPECT_EQ(-EINVAL, bed_write(value, len, BED_PARAMETER));
		EXPECT_STREQ(reads, bed_read(BED_PARAMETER));
		EXPECT_EQ(1, bed_kmsg_find(self->kmsg, "vendor_ops: ",
					   self->message,
					   sizeof(self->message)));
		EXPECT_NE(NULL, strstr(self->message, quoted)) {
			TH_LOG("no %s in %s", quoted, self->message);
		}
		EXPECT_NE(NULL, strstr(self->message, VALID_NAMES));
	}
}

TEST_F(param, refused)
{
	static const struct {
		const char *value, *word;
	} bad[] = {
		{ "\n", "" }, { ",", "" }, { "igd,", "" }, { ",igd", "" },
		{ "igd,\n", "" }, { "igd,,generic", "" }, { "-igd,", "" },
		{ "bogus", "bogus" }, { "igd,bogus", "bogus" },
		{ "bogus,igd", "bogus" }, { "-bogus", "-bogus" },
		{ "IGD", "IGD" }, { "ig", "ig" }, { "igdx", "igdx" },
		{ " igd", " igd" }, { "igd ", "igd " }, { "igd;", "igd;" },
		{ "igd generic", "igd generic" }, { "-", "-" },
		{ "--igd", "--igd" }, { "-generic", "-generic" },
		{ "igd,-igd", "-igd" }, { "-igd,igd", "igd" },
		{ "igd,on", "on" }, { "on,igd", "on" }, { "off,igd", "off" },
		{ "-off", "-off" }, { "1", "1" }, { "N", "N" },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(bad); i++)
		check_refused(_metadata, self, bad[i].value,
			      strlen(bad[i].value), bad[i].word);
}

TEST_F(param, garbage)
{
	char line[4096];

	check_refused(_metadata, self, "\0igd", 4, "");
	check_refused(_metadata, self, "on\non", 5, "on");
	check_refused(_metadata, self, "igd\n\n", 5, "igd");
	check_refused(_metadata, self, "\033[2J", 4, "\\x5ce[2J");

	/* A line as long as sysfs takes: the message shows its beginning. */
	memset(line, 'x', sizeof(line));
	line[64] = '\0';
	check_refused(_metadata, self, line, sizeof(line), line);
	line[64] = 'x';
	EXPECT_EQ(-EINVAL, bed_write(line, sizeof(line), BED_PARAMETER));
	EXPECT_EQ(1, bed_kmsg_find(self->kmsg, "vendor_ops: ", self->message,
				   sizeof(self->message)));
	EXPECT_GT(512, strlen(self->message));
}

/* A list of 4 KiB is fine when every item is. */
TEST_F(param, long_list)
{
	char line[4096];
	size_t i;

	for (i = 0; i + 4 < sizeof(line); i += 4)
		memcpy(line + i, "igd,", 4);
	memcpy(line + i - 4, "igd\n", 4);
	EXPECT_EQ(0, bed_write(line, i, BED_PARAMETER));
	EXPECT_STREQ("igd\n", bed_read(BED_PARAMETER));
	line[i - 1] = ',';
	EXPECT_EQ(-EINVAL, bed_write(line, i, BED_PARAMETER));
	EXPECT_STREQ("igd\n", bed_read(BED_PARAMETER));
}

TEST_F(param, when_loading)
{
	EXPECT_EQ(0, bed_load("vendor_ops=-igd"));
	EXPECT_STREQ("-igd\n", bed_read(BED_PARAMETER));
	EXPECT_EQ(0, bed_load("vendor_ops=off"));
	EXPECT_STREQ("off\n", bed_read(BED_PARAMETER));
	EXPECT_EQ(0, bed_load(""));
	EXPECT_STREQ("on\n", bed_read(BED_PARAMETER));
}

/*
 * A bad word in modprobe.d costs that word: the module loads, what its other
 * parameters ask for counts, one message a word names it, and one says what the
 * parameter is set to.
 */
TEST_F(param, bad_words_when_loading)
{
	static const struct {
		const char *value, *reads, *words[3];
	} bad[] = {
		{ "vendor_ops=bogus", "generic\n", { "bogus" } },
		{ "vendor_ops=-bogus", "on\n", { "-bogus" } },
		{ "vendor_ops=igd,bogus", "igd\n", { "bogus" } },
		{ "vendor_ops=bogus,igd,bogus2", "igd\n", { "bogus", "bogus2" } },
		{ "vendor_ops=-igd,-bogus", "-igd\n", { "-bogus" } },
		{ "vendor_ops=bogus,-igd", "-igd\n", { "bogus" } },
		{ "vendor_ops=igd,-mlx5", "igd\n", { "-mlx5" } },
		{ "vendor_ops=-igd,mlx5", "-igd\n", { "mlx5" } },
		{ "vendor_ops=-generic,-igd", "-igd\n", { "-generic" } },
		{ "vendor_ops=IGD", "generic\n", { "IGD" } },
		{ "vendor_ops=on,bogus", "on\n", { "bogus" } },
		{ "vendor_ops=igd,", "igd\n", {} },
		{ "vendor_ops=,,igd,,mlx5", "igd,mlx5\n", {} },
		{ "'vendor_ops=igd, mlx5'", "igd,mlx5\n", {} },
		{ "'vendor_ops=-igd -mlx5 '", "-igd,-mlx5\n", {} },
		{ "'vendor_ops= off'", "off\n", {} },
		{ "vendor_ops=off,igd", "off\n", {} },
		{ "vendor_ops=igd,off,bogus", "off\n", {} },
		{ "vendor_ops=on,igd", "igd\n", {} },
		{ "vendor_ops=", "on\n", {} },
		{ "vendor_ops=,", "on\n", {} },
		{ "vendor_ops", "on\n", {} },
		{ "vendor_ops=off vendor_ops=", "off\n", {} },
	};
	char options[128], quoted[32];
	size_t i, word;
	int fd;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		fd = bed_kmsg_open();
		snprintf(options, sizeof(options), "%s disable_denylist=1",
			 bad[i].value);
		EXPECT_EQ(0, bed_load(options));
		EXPECT_STREQ(bad[i].reads, bed_read(BED_PARAMETER)) {
			TH_LOG("%s", options);
		}
		EXPECT_STREQ("Y\n",
			     bed_read(BED_PARAMETERS "/disable_denylist"));

		/* What each word is; then what is left, or that nothing was said. */
		for (word = 0; word < 3 && bad[i].words[word]; word++)
			;
		EXPECT_EQ(word + 1, bed_kmsg_find(fd, "vendor_ops: ",
						  self->message,
						  sizeof(self->message))) {
			TH_LOG("%s", options);
		}
		close(fd);
		while (word--) {
			snprintf(quoted, sizeof(quoted), "\"%s\" is ",
				 bad[i].words[word]);
			fd = bed_kmsg_open();
			EXPECT_EQ(0, bed_load(options));
			EXPECT_EQ(1, bed_kmsg_find(fd, quoted, self->message,
						   sizeof(self->message))) {
				TH_LOG("%s: %s", options, quoted);
			}
			close(fd);
			EXPECT_NE(NULL, strstr(self->message, "left out"));
			EXPECT_NE(NULL, strstr(self->message, VALID_NAMES));
		}

		/* From now on, as ever. */
		EXPECT_EQ(-EINVAL, bed_puts("bogus", BED_PARAMETER));
		EXPECT_STREQ(bad[i].reads, bed_read(BED_PARAMETER));
	}
}

TEST_HARNESS_MAIN
