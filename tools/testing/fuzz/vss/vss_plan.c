// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Mounts and what sysfs answers for them: the input is a text of mountinfo, a line with a
 * single dot, then answers as tools/testing/vss_answers.h has them.
 */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "vss/plan.h"
#include "vss_answers.h"

/* Each file system once, none of what is not to be frozen, and the order has all of them. */
static void plan_check(const struct vss_plan *plan)
{
	size_t i, j, count = 0;

	for (i = 0; i < plan->nr_items; i++) {
		const struct vss_item *item = &plan->items[i];

		CHECK(item->verdict < VSS_NR_VERDICTS && vss_plan_verdict(item->verdict));
		CHECK(item->first < plan->nr_items);
		CHECK(plan->items[item->first].first == item->first);
		CHECK((item->verdict == VSS_SAME) == (item->first != i));
		CHECK(item->verdict != VSS_FREEZE || !item->mount.read_only);
		CHECK(item->mount.point[0] == '/' && item->mount.type);
		CHECK(memchr(item->why, '\0', sizeof(item->why)));
		count += item->verdict == VSS_FREEZE;
	}
	CHECK(count == plan->nr_order);
	for (i = 0; i < plan->nr_order; i++) {
		CHECK(plan->items[plan->order[i]].verdict == VSS_FREEZE);
		for (j = 0; j < i; j++)
			CHECK(plan->order[i] != plan->order[j]);
		CHECK(!i || plan->items[plan->order[i - 1]].level <=
		      plan->items[plan->order[i]].level);
	}
}

/**
 * LLVMFuzzerTestOneInput() - Be given a system.
 * @data: its mounts and devices
 * @len: bytes of it
 *
 * Return: 0.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	const struct vss_choice choices[] = {
		{ 0 }, { .include = "/a* type:ext4", .exclude = "device:/dev/*1", .remote = true },
	};
	char *text = strndup((const char *)data, len), *split = strstr(text, "\n.\n");
	struct vss_sysfs sysfs = answers(split ? split + 3 : "");
	struct vss_plan plan;
	size_t i;
	int err;

	if (split)
		split[1] = '\0';
	for (i = 0; i < 2; i++) {
		err = vss_plan_make(&plan, text, &sysfs, &choices[i]);
		CHECK(!err || err == -EBADMSG);
		if (!err)
			plan_check(&plan);
		vss_plan_free(&plan);
	}
	free(text);
	return 0;
}
