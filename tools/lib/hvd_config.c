// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Settings.  The syntax is inih's; which line is at fault is found here, for
 * inih does not tell.
 */
#include <dirent.h>
#include <errno.h>
#include <ini.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "hvd_config.h"
#include "hvd_file.h"
#include "hvd_log.h"

#define CONFIG_MAX_LEN	65536

/* Sections of other daemons are none of a daemon's business, but no mistakes. */
static const char *const sections[] = { "kvp", "network", "vss", "fcopy", "psdirect" };

struct parse {
	const char *name;		/* for messages */
	const char *at;			/* what is left of the text */
	unsigned int line;		/* that inih was given last */
	const struct hvd_setting *settings;
	int error;			/* the first */
};

/* A line without its indentation, which inih would take for more of the line above. */
static char *line_give(char *to, int room, void *stream)
{
	struct parse *parse = stream;
	size_t len;

	if (!*parse->at)
		return NULL;
	parse->line++;
	parse->at += strspn(parse->at, " \t");
	len = strcspn(parse->at, "\n");
	if (len + 2 > (size_t)room) {
		hvd_error("%s:%u: the line is too long: %zu bytes, at most %d",
			  parse->name, parse->line, len, room - 2);
		parse->error = parse->error ? parse->error : -EINVAL;
		len = 0;	/* an empty line instead */
		parse->at += strcspn(parse->at, "\n");
	}
	memcpy(to, parse->at, len);
	memcpy(to + len, "\n", 2);
	parse->at += len;
	parse->at += *parse->at == '\n';
	return to;
}

static bool section_is_known(const char *section)
{
	size_t i;

	size_t len;

	/* the name of one of several of a kind stands after a blank */
	for (i = 0; i < sizeof(sections) / sizeof(sections[0]); i++) {
		len = strlen(sections[i]);
		if (!strncmp(sections[i], section, len) && (!section[len] || section[len] == ' '))
			return true;
	}
	return false;
}

static bool is_strict(const struct hvd_setting *setting)
{
	while (setting->section && !setting->take_other)
		setting++;
	return setting->section;
}

/*
 * One that is not known is no error: the file may be for a newer version.  A daemon that
 * must know all of its own settings cannot tell whether a section is a misspelt one of it.
 */
static void setting_miss(struct parse *parse, const char *section, const char *key)
{
	const struct hvd_setting *setting;

	if (!section_is_known(section)) {
		if (is_strict(parse->settings)) {
			hvd_error("%s:%u: there is no section [%s]", parse->name, parse->line,
				  section);
			parse->error = parse->error ? parse->error : -ENOKEY;
			return;
		}
		hvd_warning("%s:%u: there is no section [%s]; %s is ignored", parse->name,
			    parse->line, section, key);
		return;
	}
	for (setting = parse->settings; setting->section; setting++)
		if (!strcmp(setting->section, section)) {
			hvd_warning("%s:%u: there is no setting '%s' in section [%s]; "
				    "it is ignored", parse->name, parse->line, key, section);
			return;
		}
}

/* Log what a taker did not take. */
static void setting_refuse(struct parse *parse, const struct hvd_setting *setting,
			   const char *section, const char *key, const char *value, int err)
{
	if (err == -ENOKEY)
		hvd_error("%s:%u: there is no setting '%s' in section [%s]", parse->name,
			  parse->line, key, section);
	else if (err == -ENOTUNIQ)
		hvd_error("%s:%u: there cannot be a section [%s]: its name is missing or too long, "
			  "or there are too many", parse->name, parse->line, section);
	else
		hvd_error("%s:%u: %s is '%s', but must be %s", parse->name, parse->line, key,
			  value, setting->allowed);
	parse->error = parse->error ? parse->error : err;
}

static bool setting_is(const struct hvd_setting *setting, const char *section, const char *key)
{
	size_t len = strlen(setting->section);

	if (setting->key)
		return !strcmp(setting->section, section) && !strcmp(setting->key, key);
	return setting->take_other && !strncmp(setting->section, section, len) &&
	       (!section[len] || section[len] == ' ');
}

/* inih wants 0 for an error, of which it would remember the line only. */
static int setting_take(void *data, const char *section, const char *key, const char *value)
{
	const struct hvd_setting *setting;
	struct parse *parse = data;
	int err;

	for (setting = parse->settings; setting->section; setting++)
		if (setting_is(setting, section, key))
			break;
	if (!setting->section) {
		setting_miss(parse, section, key);
		return 1;
	}
	if (setting->take_other)
		err = setting->take_other(section, key, value, setting->to);
	else
		err = setting->take ? setting->take(value, setting->to) : 0;
	if (err < 0)
		setting_refuse(parse, setting, section, key, value, err);
	return 1;
}

/**
 * hvd_config_parse() - Take settings from a text.
 * @name: what the text is called in messages
 * @text: the text; of a setting that is there twice the second counts
 * @settings: what is understood; the last has no section
 *
 * All of it is read, so that all mistakes are logged at once.
 *
 * Return: 0; -EINVAL for what is no setting; the errno of a taker.
 */
int hvd_config_parse(const char *name, const char *text, const struct hvd_setting *settings)
{
	struct parse parse = { .name = name, .at = text, .settings = settings };
	int line = ini_parse_stream(line_give, &parse, setting_take, &parse);

	if (line > 0) {
		hvd_error("%s:%d: neither a [section] nor a 'key = value'", name, line);
		return -EINVAL;
	}
	return line < 0 ? -ENOMEM : parse.error;
}

static int file_parse(const char *path, bool needed, const struct hvd_setting *settings)
{
	char *text = malloc(CONFIG_MAX_LEN);
	int len, err;

	if (!text)
		return -ENOMEM;
	len = hvd_file_read(path, text, CONFIG_MAX_LEN);
	if (len == -ENOENT && !needed) {
		err = 0;
	} else if (len < 0) {
		err = len;
		hvd_error("cannot read %s: %s", path, strerror(-err));
	} else {
		err = hvd_config_parse(path, text, settings);
	}
	free(text);
	return err;
}

static int is_config(const struct dirent *entry)
{
	size_t len = strlen(entry->d_name);

	return entry->d_name[0] != '.' && len > 5 && !strcmp(entry->d_name + len - 5, ".conf");
}

/**
 * hvd_config_read() - Take settings from a file, then from those in the directory of the
 *	same name with ".d" behind, by their names.
 * @path: the file
 * @needed: whether it must be there
 * @settings: see hvd_config_parse()
 *
 * Return: 0; see there; the errno of reading a file.
 */
int hvd_config_read(const char *path, bool needed, const struct hvd_setting *settings)
{
	struct dirent **entries;
	int err = file_parse(path, needed, settings), found, i, one;
	char name[512];

	snprintf(name, sizeof(name), "%s.d", path);
	found = scandir(name, &entries, is_config, alphasort);
	if (found < 0)
		return err ? err : errno == ENOENT ? 0 : -errno;
	for (i = 0; i < found; i++) {
		snprintf(name, sizeof(name), "%s.d/%s", path, entries[i]->d_name);
		one = file_parse(name, true, settings);
		err = err ? err : one;
		free(entries[i]);
	}
	free(entries);
	return err;
}

/**
 * hvd_config_take_bool() - Take a yes or a no.
 * @value: yes, true, on, 1, no, false, off or 0
 * @to: a bool
 *
 * Return: 0; -EINVAL for another value.
 */
int hvd_config_take_bool(const char *value, void *to)
{
	static const char *const words[] = { "no", "yes", "false", "true", "off", "on", "0", "1" };
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (!strcasecmp(words[i], value)) {
			*(bool *)to = i % 2;
			return 0;
		}
	return -EINVAL;
}

/**
 * hvd_config_take_text() - Take any text.
 * @value: the text; may be empty
 * @to: a char * on the heap, or %NULL: what is there is freed
 *
 * Return: 0; -ENOMEM.
 */
int hvd_config_take_text(const char *value, void *to)
{
	char *copy = strdup(value);

	if (!copy)
		return -ENOMEM;
	free(*(char **)to);
	*(char **)to = copy;
	return 0;
}

/**
 * hvd_config_take_path() - Take an absolute path.
 * @value: the path
 * @to: see hvd_config_take_text()
 *
 * Return: 0; -EINVAL for a relative one; -ENOMEM.
 */
int hvd_config_take_path(const char *value, void *to)
{
	return value[0] == '/' ? hvd_config_take_text(value, to) : -EINVAL;
}
