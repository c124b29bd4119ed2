// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The command line of `hvsim run`.
 */
#include <err.h>
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hvsim_options.h"
#include "hvsim_vmbus.h"

#define KERNEL_DEFAULT		"6.12"
#define BUS_DEFAULT		HVSIM_BUS_HVSIM
#define MEMORY_DEFAULT_MB	512
#define MEMORY_LEAST_MB		192
#define MEMORY_MOST_MB		65536
#define SMP_MOST		64
#define TIMEOUT_MOST_S		86400

static const char help[] =
"usage: hvsim run [OPTION]... [-- SCRIPT [ARGUMENT]...]\n"
"\n"
"Boots a Linux guest on an emulated Hyper-V host.  Without SCRIPT you get a shell\n"
"for the host's commands (hvsim status, hvsim console, ...); leaving it ends the\n"
"machine.  With SCRIPT, that is run instead as soon as the guest is up, and its\n"
"exit status is passed on.\n"
"\n"
"  --kernel SERIES|IMAGE   Debian's kernel of that series (6.1, 6.12, 7.2), or a\n"
"                          bzImage of your own; default " KERNEL_DEFAULT "\n"
"  --modules-dir DIR       for an IMAGE: its .../lib/modules/RELEASE\n"
"  --initrd FILE           an initramfs of your own instead of one made on the spot;\n"
"                          see Documentation/hvsim-guests.rst\n"
"  --module WHICH          hv_utils.ko: ours (default), in-tree, none, or a FILE\n"
"  --guest-modules A,B     load these modules in the guest, too\n"
"  --initramfs-add FILE:DEST  have FILE in the guest as DEST; may be repeated\n"
"  --append ARGUMENTS      more for the guest's kernel command line; may be repeated\n"
"  --smp N, --memory MIB   the guest's CPUs and memory; default 1 and 512\n"
"  --disk FILE             a virtio disk with that raw image; may be repeated\n"
"  --root FILE             boot the system in that raw image of a file system, to which\n"
"                          nothing is written; see Documentation/hvsim-guests.rst\n"
"  --qemu-arg ARGUMENT     one more argument for QEMU; may be repeated\n"
"\n"
"  --bus hvsim|qemu        whose VMBus the guest finds: hvsim's, on which services\n"
"                          come and go (default), or QEMU's own\n"
"  --vmbus-version MAJOR.MINOR  newest version that hvsim's VMBus agrees to, from 2.4\n"
"                          to 6.0\n"
"  --host PROFILE          which Hyper-V to play (hvsim profiles lists them)\n"
"  --no-negotiate, --no-heartbeat, --no-time, --no-kvp\n"
"                          leave that to the script\n"
"\n"
"  --output DIR            keep here what the script puts into $HVSIM_OUTPUT, and\n"
"                          the guest's console.log\n"
"  --timeout SECONDS       end everything after that time; default 600 for a\n"
"                          script, none for a shell\n"
"  --no-wait               start the script before the guest is up\n"
"  --name NAME             have a second machine beside the first\n"
"  --trace                 write what crosses VMBus to trace.log beside console.log\n"
"\n"
"A script finds its machine by $HVSIM_CONTROL, which the commands of hvsim use.\n"
"Exit status: that of SCRIPT; 2 when the machine could not be made; 124 when the\n"
"time was up; 125 when the guest panicked or did not come up, or QEMU failed.\n";

enum {
	OPTION_KERNEL = 256,
	OPTION_MODULES_DIR,
	OPTION_MODULE,
	OPTION_GUEST_MODULES,
	OPTION_INITRAMFS_ADD,
	OPTION_APPEND,
	OPTION_SMP,
	OPTION_MEMORY,
	OPTION_DISK,
	OPTION_ROOT,
	OPTION_QEMU_ARG,
	OPTION_BUS,
	OPTION_VMBUS_VERSION,
	OPTION_HOST,
	OPTION_NO_NEGOTIATE,
	OPTION_NO_HEARTBEAT,
	OPTION_NO_TIME,
	OPTION_NO_KVP,
	OPTION_OUTPUT,
	OPTION_TIMEOUT,
	OPTION_NO_WAIT,
	OPTION_NAME,
	OPTION_TRACE,
	OPTION_INITRD,
	/* what an outer hvsim tells the one that it runs nested */
	OPTION_PLUGIN,
	OPTION_QEMU,
};

static const struct option long_options[] = {
	{ "kernel",		required_argument, NULL, OPTION_KERNEL },
	{ "modules-dir",	required_argument, NULL, OPTION_MODULES_DIR },
	{ "module",		required_argument, NULL, OPTION_MODULE },
	{ "guest-modules",	required_argument, NULL, OPTION_GUEST_MODULES },
	{ "initramfs-add",	required_argument, NULL, OPTION_INITRAMFS_ADD },
	{ "append",		required_argument, NULL, OPTION_APPEND },
	{ "smp",		required_argument, NULL, OPTION_SMP },
	{ "memory",		required_argument, NULL, OPTION_MEMORY },
	{ "disk",		required_argument, NULL, OPTION_DISK },
	{ "root",		required_argument, NULL, OPTION_ROOT },
	{ "qemu-arg",		required_argument, NULL, OPTION_QEMU_ARG },
	{ "bus",		required_argument, NULL, OPTION_BUS },
	{ "vmbus-version",	required_argument, NULL, OPTION_VMBUS_VERSION },
	{ "host",		required_argument, NULL, OPTION_HOST },
	{ "no-negotiate",	no_argument,	   NULL, OPTION_NO_NEGOTIATE },
	{ "no-heartbeat",	no_argument,	   NULL, OPTION_NO_HEARTBEAT },
	{ "no-time",		no_argument,	   NULL, OPTION_NO_TIME },
	{ "no-kvp",		no_argument,	   NULL, OPTION_NO_KVP },
	{ "output",		required_argument, NULL, OPTION_OUTPUT },
	{ "timeout",		required_argument, NULL, OPTION_TIMEOUT },
	{ "no-wait",		no_argument,	   NULL, OPTION_NO_WAIT },
	{ "name",		required_argument, NULL, OPTION_NAME },
	{ "trace",		no_argument,	   NULL, OPTION_TRACE },
	{ "initrd",		required_argument, NULL, OPTION_INITRD },
	{ "plugin",		required_argument, NULL, OPTION_PLUGIN },
	{ "qemu",		required_argument, NULL, OPTION_QEMU },
	{ "help",		no_argument,	   NULL, 'h' },
	{ 0 }
};

static int number_parse(unsigned int *number, const char *option, unsigned int least,
			unsigned int most)
{
	unsigned long value;
	char *end;

	errno = 0;
	value = strtoul(optarg, &end, 10);
	if (errno || end == optarg || *end || optarg[0] == '-' || value < least || value > most) {
		warnx("run: %s '%s' is not a number from %u to %u", option, optarg, least, most);
		return -EINVAL;
	}
	*number = value;
	return 0;
}

static int name_parse(struct hvsim_options *options)
{
	if (!*optarg || strlen(optarg) > 32 || strchr(optarg, '/') || optarg[0] == '.') {
		warnx("run: --name '%s' is no name: 1 to 32 characters, no slash", optarg);
		return -EINVAL;
	}
	options->name = optarg;
	return 0;
}

static int bus_parse(struct hvsim_options *options)
{
	if (!strcmp(optarg, "hvsim")) {
		options->bus = HVSIM_BUS_HVSIM;
	} else if (!strcmp(optarg, "qemu")) {
		options->bus = HVSIM_BUS_QEMU;
	} else {
		warnx("run: --bus '%s' is none of hvsim, qemu", optarg);
		return -EINVAL;
	}
	return 0;
}

static int vmbus_version_parse(struct hvsim_options *options)
{
	uint16_t major, minor;
	char rest;

	if (sscanf(optarg, "%" SCNu16 ".%" SCNu16 "%c", &major, &minor, &rest) == 2)
		options->vmbus_version = HVSIM_VMBUS_VERSION(major, minor);
	if (options->vmbus_version >= HVSIM_VMBUS_OLDEST &&
	    options->vmbus_version <= HVSIM_VMBUS_NEWEST)
		return 0;
	warnx("run: --vmbus-version '%s' is no version from 2.4 to 6.0", optarg);
	return -EINVAL;
}

/* Words separated by commas. */
static void list_add(struct hvsim_argv *list)
{
	char *rest = optarg, *word;

	while ((word = strsep(&rest, ",")))
		if (*word)
			hvsim_argv_add(list, word);
}

/* More than one --append are one behind the other. */
static int append_add(struct hvsim_options *options)
{
	char *all;

	if (asprintf(&all, "%s%s%s", options->append ?: "", options->append ? " " : "",
		     optarg) < 0)
		return -ENOMEM;
	free(options->append);
	options->append = all;
	return 0;
}

static int prepared_parse(struct hvsim_options *options, int option)
{
	switch (option) {
	case OPTION_PLUGIN:
		options->plugin = optarg;
		return 0;
	case OPTION_QEMU:
		options->qemu = optarg;
		return 0;
	}
	return -EINVAL;
}

static int host_option_parse(struct hvsim_options *options, int option)
{
	switch (option) {
	case OPTION_BUS:
		return bus_parse(options);
	case OPTION_VMBUS_VERSION:
		return vmbus_version_parse(options);
	case OPTION_HOST:
		options->profile = optarg;
		return 0;
	case OPTION_NO_NEGOTIATE:
		options->no_negotiate = true;
		return 0;
	case OPTION_NO_HEARTBEAT:
		options->no_heartbeat = true;
		return 0;
	case OPTION_NO_TIME:
		options->no_time = true;
		return 0;
	case OPTION_NO_KVP:
		options->no_kvp = true;
		return 0;
	}
	return prepared_parse(options, option);
}

static int run_option_parse(struct hvsim_options *options, int option)
{
	switch (option) {
	case OPTION_OUTPUT:
		options->output = optarg;
		return 0;
	case OPTION_TIMEOUT:
		return number_parse(&options->timeout_s, "--timeout", 1, TIMEOUT_MOST_S);
	case OPTION_NO_WAIT:
		options->no_wait = true;
		return 0;
	case OPTION_NAME:
		return name_parse(options);
	case OPTION_TRACE:
		options->trace = true;
		return 0;
	}
	return host_option_parse(options, option);
}

static int option_parse(struct hvsim_options *options, int option)
{
	switch (option) {
	case OPTION_KERNEL:
		options->kernel = optarg;
		return 0;
	case OPTION_MODULES_DIR:
		options->modules_dir = optarg;
		return 0;
	case OPTION_INITRD:
		options->initrd = optarg;
		return 0;
	case OPTION_MODULE:
		options->module = optarg;
		return 0;
	case OPTION_GUEST_MODULES:
		list_add(&options->guest_modules);
		return 0;
	case OPTION_INITRAMFS_ADD:
		hvsim_argv_add(&options->adds, optarg);
		return 0;
	case OPTION_APPEND:
		return append_add(options);
	case OPTION_SMP:
		return number_parse(&options->smp, "--smp", 1, SMP_MOST);
	case OPTION_MEMORY:
		return number_parse(&options->memory_mb, "--memory", MEMORY_LEAST_MB,
				    MEMORY_MOST_MB);
	case OPTION_DISK:
		hvsim_argv_add(&options->disks, optarg);
		return 0;
	case OPTION_ROOT:
		options->root = optarg;
		return 0;
	case OPTION_QEMU_ARG:
		hvsim_argv_add(&options->qemu_args, optarg);
		return 0;
	}
	return run_option_parse(options, option);
}

/**
 * hvsim_options_kernel_is_path() - Tell an image from a series.
 * @options: what was told
 *
 * Return: whether the kernel is a file.
 */
bool hvsim_options_kernel_is_path(const struct hvsim_options *options)
{
	return strchr(options->kernel, '/');
}

/* What goes into an initramfs that is made cannot go into one that is given. */
static int initrd_check(const struct hvsim_options *options)
{
	const char *other = NULL;

	if (options->modules_dir)
		other = "--modules-dir";
	else if (options->module)
		other = "--module";
	else if (options->guest_modules.count)
		other = "--guest-modules";
	else if (options->adds.count)
		other = "--initramfs-add";
	else if (options->root)
		other = "--root";
	if (!other)
		return 0;
	warnx("run: %s goes with the initramfs that hvsim makes, not with --initrd", other);
	return -EINVAL;
}

static int options_check(const struct hvsim_options *options)
{
	if (options->initrd && !options->plugin && initrd_check(options) < 0)
		return -EINVAL;
	if (options->disks.failed || options->adds.failed || options->guest_modules.failed ||
	    options->qemu_args.failed || options->script.failed) {
		warnx("run: out of memory");
		return -ENOMEM;
	}
	if (options->vmbus_version && options->bus != HVSIM_BUS_HVSIM) {
		warnx("run: --vmbus-version goes with --bus hvsim; QEMU's VMBus speaks up to 4.0");
		return -EINVAL;
	}
	if (options->modules_dir && !hvsim_options_kernel_is_path(options)) {
		warnx("run: --modules-dir goes with --kernel IMAGE; Debian's kernels have theirs");
		return -EINVAL;
	}
	if (!options->initrd && hvsim_options_kernel_is_path(options) && !options->modules_dir) {
		warnx("run: --kernel %s needs --modules-dir, its .../lib/modules/RELEASE, "
		      "or --initrd", options->kernel);
		return -EINVAL;
	}
	return 0;
}

/**
 * hvsim_options_parse() - Read the command line.
 * @options: what to fill in; to be freed also when this fails
 * @argc: of `hvsim run`, counted from "run" on
 * @argv: likewise; must outlive @options
 *
 * Return: 0; 1 when help was asked for, and given; -EINVAL for a mistake and
 * -ENOMEM, after a line on standard error that says what is wrong.
 */
int hvsim_options_parse(struct hvsim_options *options, int argc, char **argv)
{
	int option, err;

	*options = (struct hvsim_options){
		.kernel = KERNEL_DEFAULT,
		.bus = BUS_DEFAULT,
		.smp = 1,
		.memory_mb = MEMORY_DEFAULT_MB,
	};
	optind = 1;
	opterr = 0;
	while ((option = getopt_long(argc, argv, "+h", long_options, NULL)) != -1) {
		if (option == 'h') {
			fputs(help, stdout);
			return 1;
		}
		err = option == '?' ? -EINVAL : option_parse(options, option);
		if (option == '?')
			warnx("run: %s is no option, or lacks its argument; see hvsim run --help",
			      argv[optind - 1]);
		if (err < 0)
			return err;
	}
	/* what is no option and stands before "--" would be taken for a script */
	if (optind < argc && strcmp(argv[optind - 1], "--")) {
		warnx("run: '%s' is no option; a script comes after --", argv[optind]);
		return -EINVAL;
	}
	while (optind < argc)
		hvsim_argv_add(&options->script, argv[optind++]);
	err = options_check(options);
	if (!options->module && !options->initrd)
		options->module = "ours";
	/* there is no agent to say that the guest is up */
	if (options->initrd && !options->plugin)
		options->no_wait = true;
	return err;
}

/**
 * hvsim_options_free() - Free what hvsim_options_parse() allocated.
 * @options: what to free
 */
void hvsim_options_free(struct hvsim_options *options)
{
	free(options->append);
	hvsim_argv_free(&options->disks);
	hvsim_argv_free(&options->adds);
	hvsim_argv_free(&options->guest_modules);
	hvsim_argv_free(&options->qemu_args);
	hvsim_argv_free(&options->script);
}
