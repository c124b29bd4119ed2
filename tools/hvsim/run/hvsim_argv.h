/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A command line that grows word by word, and programs run with one.
 */
#ifndef HVSIM_ARGV_H
#define HVSIM_ARGV_H

#include <stdbool.h>
#include <stddef.h>

/**
 * struct hvsim_argv - a command line
 * @words: what execv() takes; NULL while there is none
 * @count: words, without the NULL that ends them
 * @failed: there was no memory for one of them; stays set, so that it is enough
 *	to look once, before use
 *
 * Starts as all zero.
 */
struct hvsim_argv {
	char **words;
	size_t count;
	bool failed;
};

void hvsim_argv_add(struct hvsim_argv *argv, const char *word);
void hvsim_argv_addf(struct hvsim_argv *argv, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void hvsim_argv_free(struct hvsim_argv *argv);
int hvsim_argv_output(const struct hvsim_argv *argv, char **ret);
bool hvsim_argv_has_comma(const char *option, const char *path);

#endif
