/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Test Anything Protocol for C test programs:
 *
 *	tap_ok(n > 0, "%d bytes are written", n);
 *	tap_is_int(n, 5, "all five are written");
 *	tap_is_str(text, "hello", "the text is kept");
 *	return tap_done();
 *
 * Include it in one source of a program.
 */
#ifndef _TOOLS_TESTING_TAP_H
#define _TOOLS_TESTING_TAP_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static int tap_run, tap_failed;

/* A line a test; '#' would begin a directive, so names go without it. */
static inline void tap_vline(bool pass, const char *format, va_list args)
{
	char name[512], *at;

	vsnprintf(name, sizeof(name), format, args);
	for (at = name; *at; at++)
		if (*at == '\n' || *at == '#')
			*at = ' ';

	tap_run++;
	tap_failed += !pass;
	printf("%sok %d - %s\n", pass ? "" : "not ", tap_run, name);
	/* what is in a buffer when the program crashes is lost */
	fflush(stdout);
}

/**
 * tap_diag() - Print a diagnostic line.
 * @format: of printf(); one line, without the newline
 */
static inline __attribute__((format(printf, 1, 2))) void tap_diag(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	printf("# ");
	vprintf(format, args);
	printf("\n");
	va_end(args);
	fflush(stdout);
}

/**
 * tap_ok() - Report a test.
 * @pass: whether it passed
 * @format: of printf(); what holds when it passes
 *
 * Return: @pass.
 */
static inline __attribute__((format(printf, 2, 3))) bool tap_ok(bool pass, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	tap_vline(pass, format, args);
	va_end(args);
	return pass;
}

/**
 * tap_skip() - Report a test that cannot be run here: it is counted as skipped, not as passed.
 * @name: of the test; a plain string
 * @format: of printf(); why not
 */
static inline __attribute__((format(printf, 2, 3)))
void tap_skip(const char *name, const char *format, ...)
{
	va_list args;

	printf("ok %d - %s # SKIP ", ++tap_run, name);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	printf("\n");
	fflush(stdout);
}

/**
 * tap_is_int() - Report a test of a number.
 * @got: the number
 * @want: what it should be
 * @format: of printf(); what holds when they are the same
 *
 * Return: whether they are.
 */
static inline __attribute__((format(printf, 3, 4)))
bool tap_is_int(long long got, long long want, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	tap_vline(got == want, format, args);
	va_end(args);
	if (got != want)
		tap_diag("  got %lld (0x%llx), want %lld (0x%llx)", got, got, want, want);
	return got == want;
}

/**
 * tap_is_str() - Report a test of a string.
 * @got: the string; may be %NULL
 * @want: what it should be; may be %NULL
 * @format: of printf(); what holds when they are the same
 *
 * Return: whether they are.
 */
static inline __attribute__((format(printf, 3, 4)))
bool tap_is_str(const char *got, const char *want, const char *format, ...)
{
	bool same = got && want ? !strcmp(got, want) : got == want;
	va_list args;

	va_start(args, format);
	tap_vline(same, format, args);
	va_end(args);
	if (!same)
		tap_diag("  got \"%s\", want \"%s\"", got ? got : "(null)", want ? want : "(null)");
	return same;
}

/**
 * tap_done() - Print the plan.
 *
 * A program that stops before has none, which is how a crash shows.
 *
 * Return: the exit code: 0 when there were tests and all passed, else 1.
 */
static inline int tap_done(void)
{
	printf("1..%d\n", tap_run);
	return tap_failed || !tap_run;
}

#endif
