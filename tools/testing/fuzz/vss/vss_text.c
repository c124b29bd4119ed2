// SPDX-License-Identifier: GPL-2.0-or-later
/* What hooks say, settings, fdinfo and messages of the module: the input is each. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <hv/hvic_user.h>

#include "fuzz.h"
#include "hvd_log.h"
#include "vss/fanotify.h"
#include "vss/hook.h"
#include "vss/message.h"
#include "vss/settings.h"

static void output_check(const char *bytes, size_t len)
{
	struct vss_hook_output output = { 0 };
	const char *end = bytes + len, *at;

	while (vss_hook_output_add(&output, &bytes, &len)) {
		CHECK(bytes + len == end);
		CHECK(output.last[0] && memchr(output.last, '\0', sizeof(output.last)));
		for (at = output.last; *at; at++)
			CHECK((unsigned char)*at >= ' ' && *at != 0x7f);
	}
	CHECK(!len);
}

static void settings_check(const char *text)
{
	struct vss_settings settings;

	CHECK(!vss_settings_start(&settings));
	vss_settings_parse(&settings, "fuzz", text);
	CHECK(settings.deadline_seconds >= 1 && settings.deadline_seconds <= 600);
	CHECK(settings.hook_seconds >= 1 && settings.hook_seconds <= 600);
	CHECK(settings.flush_seconds >= 1 && settings.flush_seconds <= 600);
	CHECK(settings.device[0] == '/' && settings.run_directory[0] == '/');
	CHECK(settings.pools[0] == '/' && settings.include && settings.exclude && settings.hooks);
	CHECK(!settings.qemu_hook[0] || settings.qemu_hook[0] == '/');
	vss_settings_free(&settings);
}

static int answer(void *data)
{
	return *(int *)data;
}

static void message_check(const uint8_t *data, size_t len)
{
	int result = len ? -(int)data[len - 1] : 0;
	const struct vss_service service = { answer, answer, answer, &result };
	struct hvic_user_vss message = { 0 }, reply;
	int err;

	vss_message_is_registration(data, len);
	memcpy(&message, data, len < sizeof(message) ? len : sizeof(message));
	err = vss_message_handle(&service, &message, &reply);
	CHECK(!err == !reply.error);
	CHECK(vss_message_patience(message.operation) > 0 && vss_message_name(message.operation));
}

/**
 * LLVMFuzzerTestOneInput() - Be given bytes.
 * @data: the bytes
 * @len: how many
 *
 * Return: 0.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	char *text = strndup((const char *)data, len);
	static bool quiet;

	/* settings that cannot be are told, a thousand times a second */
	if (!quiet)
		hvd_log_hold();
	quiet = true;
	output_check((const char *)data, len);
	settings_check(text);
	vss_fanotify_asks(text);
	vss_hook_name_is_good(text);
	message_check(data, len);
	free(text);
	return 0;
}
