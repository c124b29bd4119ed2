/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Stand-in for the kernel's <kunit/test.h>: runs a KUnit suite as a program that
 * prints TAP, one line a case, or a line a parameter where a case has them. It
 * has what our suites use of KUnit as it was in 6.1; what a case allocates is
 * exactly as large as asked for, so that AddressSanitizer sees a byte too far.
 *
 * A program has one suite.
 */
#ifndef _TOOLS_KUNIT_TEST_H
#define _TOOLS_KUNIT_TEST_H

#include <errno.h>
#include <setjmp.h>
#include <stdlib.h>

#include "../../testing/tap.h"
#include <linux/types.h>

#define ARRAY_SIZE(array)	(sizeof(array) / sizeof((array)[0]))
#define GFP_KERNEL		0
#define MODULE_LICENSE(text)
#define MODULE_DESCRIPTION(text)

#define KUNIT_PARAM_DESC_SIZE	128

struct kunit {
	const void *param_value;
	bool failed;
	jmp_buf abort;
	void **blocks;
	size_t nr_blocks;
};

struct kunit_case {
	void (*run_case)(struct kunit *test);
	const char *name;
	const void *(*generate_params)(const void *previous, char *desc);
};

struct kunit_suite {
	const char *name;
	const struct kunit_case *test_cases;
};

#define KUNIT_CASE(function)		{ function, #function, NULL }
#define KUNIT_CASE_PARAM(function, gen)	{ function, #function, gen }

#define KUNIT_ARRAY_PARAM(name, array, get_desc)					\
	static const void *name##_gen_params(const void *previous, char *desc)		\
	{										\
		__typeof__(&(array)[0]) next = previous;				\
											\
		next = previous ? next + 1 : (array);					\
		if ((size_t)(next - (array)) >= ARRAY_SIZE(array))			\
			return NULL;							\
		(get_desc)(next, desc);							\
		return next;								\
	}

static inline void *kunit_kzalloc(struct kunit *test, size_t size, int flags)
{
	void *block = calloc(1, size);
	void **blocks = reallocarray(test->blocks, test->nr_blocks + 1, sizeof(*blocks));

	(void)flags;
	/* no test here is about memory running out */
	if (!block || !blocks)
		abort();
	test->blocks = blocks;
	test->blocks[test->nr_blocks++] = block;
	return block;
}

static inline long strscpy(char *dst, const char *src, size_t size)
{
	size_t len = strnlen(src, size);

	if (!size)
		return -E2BIG;
	memcpy(dst, src, len < size ? len + 1 : size);
	dst[size - 1] = '\0';
	return len < size ? (long)len : -E2BIG;
}

static inline __attribute__((format(printf, 5, 6)))
void kunit_fail(struct kunit *test, const char *file, int line, bool fatal, const char *format, ...)
{
	va_list args;

	test->failed = true;
	printf("# %s:%d: ", file, line);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	printf("\n");
	if (fatal)
		longjmp(test->abort, 1);
}

#define KUNIT_CHECK(test, fatal, holds, what, format, ...)				\
	do {										\
		if (!(holds))								\
			kunit_fail(test, __FILE__, __LINE__, fatal,			\
				   "expected " what " " format, ##__VA_ARGS__);		\
	} while (0)

/*
 * Both sides are widened, so that -1 is not 0xffffffff, as it is in C and hence
 * in KUnit.
 */
#define KUNIT_COMPARE(test, fatal, left, op, right, format, ...)			\
	do {										\
		__int128 kunit_left = (left), kunit_right = (right);			\
											\
		KUNIT_CHECK(test, fatal, kunit_left op kunit_right,			\
			    #left " " #op " " #right, "but they are %lld (%#llx) "	\
			    "and %lld (%#llx) " format, (long long)kunit_left,		\
			    (unsigned long long)kunit_left, (long long)kunit_right,	\
			    (unsigned long long)kunit_right, ##__VA_ARGS__);		\
	} while (0)

#define KUNIT_COMPARE_STR(test, left, right)						\
	do {										\
		const char *kunit_left = (left), *kunit_right = (right);		\
											\
		KUNIT_CHECK(test, false, !strcmp(kunit_left, kunit_right),		\
			    #left " == " #right, "but they are \"%s\" and \"%s\"",	\
			    kunit_left, kunit_right);					\
	} while (0)

#define KUNIT_EXPECT_EQ(test, left, right) \
	KUNIT_COMPARE(test, false, left, ==, right, "")
#define KUNIT_ASSERT_EQ(test, left, right) \
	KUNIT_COMPARE(test, true, left, ==, right, "")
#define KUNIT_EXPECT_EQ_MSG(test, left, right, format, ...) \
	KUNIT_COMPARE(test, false, left, ==, right, format, ##__VA_ARGS__)
#define KUNIT_ASSERT_EQ_MSG(test, left, right, format, ...) \
	KUNIT_COMPARE(test, true, left, ==, right, format, ##__VA_ARGS__)
#define KUNIT_EXPECT_STREQ(test, left, right) \
	KUNIT_COMPARE_STR(test, left, right)
#define KUNIT_EXPECT_TRUE(test, condition) \
	KUNIT_CHECK(test, false, condition, #condition, "")
#define KUNIT_EXPECT_FALSE(test, condition) \
	KUNIT_CHECK(test, false, !(condition), "not " #condition, "")
#define KUNIT_ASSERT_TRUE_MSG(test, condition, format, ...) \
	KUNIT_CHECK(test, true, condition, #condition, format, ##__VA_ARGS__)
#define KUNIT_ASSERT_NOT_NULL(test, pointer) \
	KUNIT_CHECK(test, true, pointer, #pointer " is not null", "")

static inline void kunit_run(const struct kunit_suite *suite, const struct kunit_case *c,
			     const void *param, const char *desc)
{
	struct kunit test = { .param_value = param };

	if (!setjmp(test.abort))
		c->run_case(&test);
	tap_ok(!test.failed, "%s: %s%s%s", suite->name, c->name, *desc ? ": " : "", desc);
	while (test.nr_blocks)
		free(test.blocks[--test.nr_blocks]);
	free(test.blocks);
}

static inline int kunit_run_suite(const struct kunit_suite *suite)
{
	const struct kunit_case *c;

	for (c = suite->test_cases; c->run_case; c++) {
		char desc[KUNIT_PARAM_DESC_SIZE] = "";
		const void *param = NULL;

		if (!c->generate_params)
			kunit_run(suite, c, NULL, "");
		else
			while ((param = c->generate_params(param, desc)))
				kunit_run(suite, c, param, desc);
	}
	return tap_done();
}

#define kunit_test_suite(suite) \
	int main(void)							\
	{								\
		return kunit_run_suite(&(suite));			\
	}								\
	_Static_assert(true, "takes the semicolon")

#endif
