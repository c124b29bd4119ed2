/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Settings: hyperv-ics.conf(5), the same file for all daemons.
 */
#ifndef HVD_CONFIG_H
#define HVD_CONFIG_H

#include <stdbool.h>
#include <stddef.h>

#define HVD_CONFIG_PATH	"/etc/hyperv-ics.conf"

/**
 * struct hvd_setting - a setting that a daemon understands
 * @section: in which section
 * @key: its name there
 * @take: puts the value to @to; 0, or a negative errno, in which case @to is untouched;
 *	%NULL for what there is, but is another program's business
 * @to: of the type that @take wants
 * @allowed: what values there are, for who gave another: "must be " stands before it
 * @take_other: takes what no other entry of the table does: keys of @section, which @key
 *	leaves out, and of sections whose names begin with it and a blank.  As @take;
 *	-ENOKEY for a setting that there is not, -ENOTUNIQ for a section that cannot be.
 *	With such an entry a section that no daemon has is an error, too; without, what is
 *	not known is ignored with a warning
 */
struct hvd_setting {
	const char *section;
	const char *key;
	int (*take)(const char *value, void *to);
	void *to;
	const char *allowed;
	int (*take_other)(const char *section, const char *key, const char *value, void *to);
};

/* Takers; those of a daemon's own types look the same. */
int hvd_config_take_bool(const char *value, void *to);		/* bool */
int hvd_config_take_path(const char *value, void *to);		/* char *, the old one is freed */
int hvd_config_take_text(const char *value, void *to);		/* char *, the old one is freed */

int hvd_config_parse(const char *name, const char *text, const struct hvd_setting *settings);
int hvd_config_read(const char *path, bool needed, const struct hvd_setting *settings);

#endif
