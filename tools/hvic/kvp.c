// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * hvic kvp: keys and values that the host and this guest show each other.
 */
#include <errno.h>
#include <getopt.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "hvd_config.h"
#include "hvd_text.h"
#include "cmd.h"
#include "kvp.h"
#include "part.h"

static const struct {
	const char *name;
	const char *of;		/* whose it is */
} pools[HVIC_NR_KVP_POOLS] = {
	[HVIC_KVP_EXTERNAL] = {
		"external", "the host's: what its administrator has for this guest"
	},
	[HVIC_KVP_GUEST] = {
		"guest", "this guest's: what programs here have for the host"
	},
	[HVIC_KVP_AUTO] = {
		"auto", "made by hv_kvp_daemon whenever the host asks: it is in no file"
	},
	[HVIC_KVP_AUTO_EXTERNAL] = {
		"host", "the host's: what it tells of itself"
	},
};

/* Where a key is looked for when no pool is named: what is meant for this guest first. */
static const unsigned int search[] = { HVIC_KVP_EXTERNAL, HVIC_KVP_AUTO_EXTERNAL, HVIC_KVP_GUEST };

#define SEARCHED	(sizeof(search) / sizeof(search[0]))

/**
 * hvic_kvp_pool_name() - Name a pool.
 * @number: an enum hvic_kvp_pool
 *
 * Return: its name for people.
 */
const char *hvic_kvp_pool_name(unsigned int number)
{
	return pools[number].name;
}

static int pool_take(const char *word)
{
	unsigned int i;

	for (i = 0; i < HVIC_NR_KVP_POOLS; i++)
		if (!strcmp(word, pools[i].name) || (word[0] == (char)('0' + i) && !word[1]))
			return (int)i;
	fprintf(stderr, "hvic: there is no pool '%s'; pools are:\n", word);
	for (i = 0; i < HVIC_NR_KVP_POOLS; i++)
		fprintf(stderr, "  %u %-9s %s\n", i, pools[i].name, pools[i].of);
	return -EINVAL;
}

/* A line each: what others have put there is not to begin another. */
static void text_print(const char *text)
{
	for (; *text; text++) {
		if (*text == '\n')
			fputs("\\n", stdout);
		else if ((unsigned char)*text < ' ' || *text == 0x7f)
			printf("\\x%02x", *text);
		else
			putchar(*text);
	}
}

/**
 * hvic_kvp_print() - Show an item, on a line of its own.
 * @kvp: how
 * @pool: where it is
 * @event: what has become of it; %NULL for nothing
 * @key: its key
 * @value: its value; %NULL when it has gone
 * @parts: how many keys have it; 0 for one that has all
 */
void hvic_kvp_print(const struct hvic_kvp *kvp, unsigned int pool, const char *event,
		    const char *key, const char *value, unsigned int parts)
{
	if (kvp->json) {
		struct json_object *item = json_object_new_object();

		if (event)
			json_object_object_add(item, "event", json_object_new_string(event));
		json_object_object_add(item, "pool", json_object_new_string(pools[pool].name));
		json_object_object_add(item, "key", json_object_new_string(key));
		if (value)
			json_object_object_add(item, "value", json_object_new_string(value));
		if (parts)
			json_object_object_add(item, "parts", json_object_new_int((int)parts));
		puts(json_object_to_json_string_ext(item, JSON_C_TO_STRING_NOSLASHESCAPE));
		json_object_put(item);
		return;
	}
	if (event)
		printf("%-7s ", event);
	printf("%-9s ", pools[pool].name);
	text_print(key);
	if (value) {
		fputs(" = ", stdout);
		text_print(value);
	}
	putchar('\n');
}

/**
 * hvic_kvp_complain() - Say what has gone wrong, and how to mend it.
 * @what: was to be done
 * @pool: where
 * @path: its file
 * @err: a negative errno of kvp_pool_*()
 *
 * Return: what hvic exits with.
 */
int hvic_kvp_complain(const char *what, unsigned int pool, const char *path, int err)
{
	const char *help = strerror(-err);

	if (err == -ENOENT)
		help = "there is no such file: hv_kvp_daemon makes it when it first runs";
	else if ((err == -EACCES || err == -EROFS) && geteuid())
		help = "run it as root: sudo hvic ...";
	else if (err == -ETIMEDOUT)
		help = "another program has it locked; fuser -v shows which";
	else if (err == -EFBIG)
		help = "it is longer than a pool can be: is it one?";
	else if (err == -ENOSPC)
		help = "the disk or the pool is full (16384 keys)";
	fprintf(stderr, "hvic: cannot %s in pool '%s', %s: %s\n", what, pools[pool].name, path,
		help);
	return HVIC_EXIT_NO;
}

static int pool_open(const struct hvic_kvp *kvp, unsigned int number, bool writable,
		     struct kvp_pool **pool)
{
	int err = kvp_pool_new(pool, kvp->directory, number, writable);

	if (err)
		fprintf(stderr, "hvic: cannot use the pools in %s: %s\n", kvp->directory,
			strerror(-err));
	return err;
}

/* A pool that nobody has put anything into need not have a file. */
static int file_err(const struct hvic_kvp *kvp, int err)
{
	return err == -ENOENT && !access(kvp->directory, F_OK) ? -ENODATA : err;
}

/* ---- list ---- */

static int pool_list(const struct hvic_kvp *kvp, unsigned int number)
{
	int status = HVIC_EXIT_OK, err = 0;
	struct kvp_record record;
	struct kvp_pool *pool;
	uint32_t i;

	if (pool_open(kvp, number, false, &pool))
		return HVIC_EXIT_NO;
	for (i = 0; err != -ENODATA && !status; i++) {
		err = file_err(kvp, kvp_pool_item(pool, i, &record));
		if (!err)
			hvic_kvp_print(kvp, number, NULL, record.key, record.value, 0);
		else if (err != -ENODATA && err != -EBADMSG)
			status = hvic_kvp_complain("list the keys", number, kvp_pool_path(pool),
						   err);
	}
	kvp_pool_free(pool);
	return status;
}

static int kvp_list(const struct hvic_kvp *kvp)
{
	int status = HVIC_EXIT_OK;
	unsigned int i;

	if (kvp->pool >= 0)
		return pool_list(kvp, (unsigned int)kvp->pool);
	for (i = 0; i < HVIC_NR_KVP_POOLS && !status; i++)
		if (i != HVIC_KVP_AUTO)
			status = pool_list(kvp, i);
	return status;
}

/* ---- get ---- */

/* -ENODATA without a word when it is not in this pool. */
static int pool_get(const struct hvic_kvp *kvp, unsigned int number, const char *key)
{
	struct kvp_pool *pool;
	unsigned int parts;
	char *value;
	int err = pool_open(kvp, number, false, &pool);

	if (err)
		return err;
	err = file_err(kvp, hvic_part_join(pool, key, &value, &parts));
	if (!err && kvp->json)
		hvic_kvp_print(kvp, number, NULL, key, value, parts);
	else if (!err)
		puts(value);
	if (!err)
		free(value);
	else if (err != -ENODATA)
		hvic_kvp_complain("look the key up", number, kvp_pool_path(pool), err);
	kvp_pool_free(pool);
	return err;
}

static int kvp_get(const struct hvic_kvp *kvp, const char *key)
{
	int err = -ENODATA;
	size_t i;

	if (kvp->pool >= 0)
		err = pool_get(kvp, (unsigned int)kvp->pool, key);
	for (i = 0; kvp->pool < 0 && err == -ENODATA && i < SEARCHED; i++)
		err = pool_get(kvp, search[i], key);
	if (err == -ENODATA)
		fprintf(stderr, "hvic: there is no key '%s' in %s%s; hvic kvp list shows all\n",
			key, kvp->pool < 0 ? "pools external, host and guest" : "pool ",
			kvp->pool < 0 ? "" : pools[kvp->pool].name);
	return err ? HVIC_EXIT_NO : HVIC_EXIT_OK;
}

/* ---- set and delete ---- */

static bool pool_is_ours(const struct hvic_kvp *kvp)
{
	if (kvp->pool < 0 || kvp->pool == HVIC_KVP_GUEST)
		return true;
	fprintf(stderr, "hvic: pool '%s' is %s; only 'guest' can be changed from here\n",
		pools[kvp->pool].name, pools[kvp->pool].of);
	return false;
}

static bool key_is_good(const char *key)
{
	int units = hvd_text_units(key);

	if (units < 0)
		fprintf(stderr, "hvic: the key is not UTF-8\n");
	else if (!units)
		fprintf(stderr, "hvic: the key is empty\n");
	else if (units > HVIC_KEY_UNITS || strlen(key) >= HVIC_KVP_KEY_LEN)
		fprintf(stderr, "hvic: the key is %d characters (%zu bytes) long, but must have at "
			"most %d (%d bytes)\n", units, strlen(key), HVIC_KEY_UNITS,
			HVIC_KVP_KEY_LEN - 1);
	else
		return true;
	return false;
}

static int kvp_set(const struct hvic_kvp *kvp, const char *key, const char *value)
{
	struct kvp_pool *pool;
	unsigned int parts;
	int err;

	if (!pool_is_ours(kvp) || !key_is_good(key))
		return HVIC_EXIT_USAGE;
	if (hvd_text_units(value) < 0) {
		fprintf(stderr, "hvic: the value is not UTF-8\n");
		return HVIC_EXIT_USAGE;
	}
	if (pool_open(kvp, HVIC_KVP_GUEST, true, &pool))
		return HVIC_EXIT_NO;
	err = hvic_part_set(pool, key, value, &parts);
	if (!err && parts)
		fprintf(stderr, "hvic: the value is %d characters long, and a key can have %d: "
			"it is in %u parts, '%s0' to '%s%u'\n", hvd_text_units(value),
			HVIC_VALUE_UNITS, parts, key, key, parts - 1);
	else if (err == -EINVAL)
		fprintf(stderr, "hvic: the key is too long with the number of a part behind it\n");
	else if (err)
		hvic_kvp_complain("set the key", HVIC_KVP_GUEST, kvp_pool_path(pool), err);
	kvp_pool_free(pool);
	return err ? HVIC_EXIT_NO : HVIC_EXIT_OK;
}

static int kvp_delete(const struct hvic_kvp *kvp, const char *key)
{
	struct kvp_pool *pool;
	int err;

	if (!pool_is_ours(kvp) || !key_is_good(key))
		return HVIC_EXIT_USAGE;
	if (pool_open(kvp, HVIC_KVP_GUEST, true, &pool))
		return HVIC_EXIT_NO;
	err = kvp_pool_delete(pool, key);
	if (err == -ENODATA) {
		err = hvic_part_delete(pool, key, 0);
		err = err > 0 ? 0 : err < 0 ? err : -ENODATA;
	}
	if (err == -ENODATA)
		fprintf(stderr, "hvic: there is no key '%s' in pool guest, nor parts of it; "
			"hvic kvp list guest shows all\n", key);
	else if (err)
		hvic_kvp_complain("delete the key", HVIC_KVP_GUEST, kvp_pool_path(pool), err);
	kvp_pool_free(pool);
	return err ? HVIC_EXIT_NO : HVIC_EXIT_OK;
}

/* ---- the command line ---- */

static void usage(FILE *to)
{
	unsigned int i;

	fprintf(to, "usage: hvic [--json] kvp list [POOL]\n"
		"       hvic [--json] kvp get KEY [--pool POOL]\n"
		"       hvic kvp set KEY VALUE\n"
		"       hvic kvp delete KEY\n"
		"       hvic [--json] kvp watch [POOL]\n"
		"\n"
		"Keys and values that the host and this guest show each other. A pool is a number\n"
		"or a name:\n\n");
	for (i = 0; i < HVIC_NR_KVP_POOLS; i++)
		fprintf(to, "  %u %-9s %s\n", i, pools[i].name, pools[i].of);
	fprintf(to, "\n"
		"get looks in external, host and guest, in this order. A value longer than 1023\n"
		"characters is cut into parts, KEY0, KEY1 and so on; get KEY joins them again.\n"
		"watch shows changes as they are made, until it is stopped.\n"
		"With --json each item is an object on a line.\n"
		"\n"
		"For example, to find out on which host this is, and to tell it something:\n"
		"\n"
		"  hvic kvp get PhysicalHostName\n"
		"  sudo hvic kvp set deployed yes\n");
}

static int config_read(const struct hvic_setup *setup, struct hvic_kvp *kvp)
{
	const struct hvd_setting table[] = {
		{ "kvp", "directory", hvd_config_take_path, &kvp->directory, "an absolute path" },
		{ "kvp", "device" },
		{ "kvp", "clear_on_clone" },
		{ 0 }
	};
	int err = hvd_config_take_text(KVP_POOL_DIRECTORY, &kvp->directory);

	return err ? err : hvd_config_read(setup->config ? setup->config : HVD_CONFIG_PATH,
					   setup->config, table);
}

static int words_count(const char *name)
{
	return !strcmp(name, "set") ? 2 : !strcmp(name, "get") || !strcmp(name, "delete") ? 1 : 0;
}

/* The words behind the command, as many as it takes; a pool may be the last. */
static int command_run(struct hvic_kvp *kvp, int count, char **words)
{
	const char *name = words[0];
	int needed = words_count(name);
	bool pool_may_follow = !strcmp(name, "list") || !strcmp(name, "watch");

	if (pool_may_follow && count == 2) {
		kvp->pool = pool_take(words[1]);
		if (kvp->pool < 0)
			return HVIC_EXIT_USAGE;
	} else if (count != needed + 1) {
		fprintf(stderr, "hvic: kvp %s takes %s; hvic kvp --help explains\n", name,
			needed == 2 ? "a key and a value" : needed ? "a key" :
			"a pool, or nothing");
		return HVIC_EXIT_USAGE;
	}
	if (kvp->pool == HVIC_KVP_AUTO && needed < 2 && strcmp(name, "delete")) {
		fprintf(stderr, "hvic: pool 'auto' is %s\n", pools[HVIC_KVP_AUTO].of);
		return HVIC_EXIT_USAGE;
	}
	if (!strcmp(name, "list"))
		return kvp_list(kvp);
	if (!strcmp(name, "watch"))
		return hvic_kvp_watch(kvp);
	if (!strcmp(name, "get"))
		return kvp_get(kvp, words[1]);
	return !strcmp(name, "set") ? kvp_set(kvp, words[1], words[2]) : kvp_delete(kvp, words[1]);
}

static bool command_exists(const char *name)
{
	static const char *const names[] = { "list", "get", "set", "delete", "watch" };
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (!strcmp(names[i], name))
			return true;
	fprintf(stderr, "hvic: there is no command 'kvp %s'; hvic kvp --help lists all\n", name);
	return false;
}

/* Exit status; -1 to go on.  Values may begin with a dash behind "--". */
static int options_take(struct hvic_kvp *kvp, int argc, char **argv)
{
	static const struct option options[] = {
		{ "json", no_argument, NULL, 'j' },
		{ "pool", required_argument, NULL, 'p' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 }
	};
	int option;

	optind = 0;
	opterr = 0;
	while ((option = getopt_long(argc, argv, "p:h", options, NULL)) != -1) {
		switch (option) {
		case 'j':
			kvp->json = true;
			break;
		case 'p':
			kvp->pool = pool_take(optarg);
			if (kvp->pool < 0)
				return HVIC_EXIT_USAGE;
			break;
		case 'h':
			usage(stdout);
			return HVIC_EXIT_OK;
		default:
			fprintf(stderr, "hvic: kvp has no option '%s', or it lacks its argument; "
				"hvic kvp --help explains\n", argv[optind - 1]);
			return HVIC_EXIT_USAGE;
		}
	}
	if (optind == argc) {
		usage(stderr);
		return HVIC_EXIT_USAGE;
	}
	return command_exists(argv[optind]) ? -1 : HVIC_EXIT_USAGE;
}

/**
 * hvic_kvp_main() - Run hvic kvp.
 * @setup: what stood before
 * @argc: words
 * @argv: words, "kvp" first
 *
 * Return: what hvic exits with.
 */
int hvic_kvp_main(struct hvic_setup *setup, int argc, char **argv)
{
	struct hvic_kvp kvp = { .json = setup->json, .pool = -1 };
	int status = options_take(&kvp, argc, argv);

	if (status < 0)
		status = config_read(setup, &kvp) < 0 ? HVIC_EXIT_NO :
			 command_run(&kvp, argc - optind, argv + optind);
	free(kvp.directory);
	return status;
}
