// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copies, with a module of the test's own: what is answered, when, and what is there then;
 * and file systems that do not answer.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "tap.h"
#include "fcopy_calls.h"
#include "fcopy/partial.h"
#include "fcopy/service.h"
#include "fcopy/status.h"
#include "hvd_file.h"

#define STEP_MS	800
#define TICK_MS	20

/* where no disk is waited for */
static char top[64];
static struct fcopy_setting setting;
static struct fcopy_workers workers;
static struct fcopy_service *service;
static sd_event *event;

/* ---- a file system that can be frozen ---- */

static pthread_mutex_t frozen = PTHREAD_MUTEX_INITIALIZER;
static pthread_t loop;

/* The loop writes its list, which is elsewhere. */
static void wait_thaw(void)
{
	if (pthread_equal(pthread_self(), loop))
		return;
	pthread_mutex_lock(&frozen);
	pthread_mutex_unlock(&frozen);
}

int __wrap_fallocate(int fd, int mode, off_t offset, off_t len)
{
	wait_thaw();
	return __real_fallocate(fd, mode, offset, len);
}

int __wrap_fsync(int fd)
{
	wait_thaw();
	return __real_fsync(fd);
}

static int write_err;

ssize_t __wrap_pwrite(int fd, const void *from, size_t len, off_t offset)
{
	wait_thaw();
	if (write_err && !pthread_equal(pthread_self(), loop)) {
		errno = write_err;
		return -1;
	}
	return __real_pwrite(fd, from, len, offset);
}

static int flushes;

int __wrap_sync_file_range(int fd, off_t offset, off_t len, unsigned int flags)
{
	wait_thaw();
	flushes++;
	return __real_sync_file_range(fd, offset, len, flags);
}

/* ---- the module ---- */

static int answers;
static uint32_t answer;
static uint64_t answered, serial;
static bool takes, let_go;
static int taken = -1, take_calls;
static uint64_t taken_size;
static struct hvic_user_fcopy_state state;

static int module_reply(void *data, uint64_t which, uint32_t status)
{
	(void)data;
	answers++;
	answer = status;
	answered = which;
	/* as the module does */
	if (status || let_go)
		taken = -1;
	return 0;
}

static int module_take(void *data, int fd, uint64_t size)
{
	(void)data;
	take_calls++;
	if (!takes)
		return -ENOTTY;
	taken = fd < 0 ? -1 : dup(fd);
	taken_size = size;
	state = (struct hvic_user_fcopy_state){ .flags = fd < 0 ? 0 : HVIC_USER_FCOPY_HOLDS };
	return 0;
}

static int module_state(void *data, struct hvic_user_fcopy_state *to)
{
	(void)data;
	*to = state;
	return takes ? 0 : -ENOTTY;
}

static uint64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* Turns the loop for that long. */
static void turn(unsigned int ms)
{
	uint64_t end = now_ms() + ms;

	while (now_ms() < end)
		sd_event_run(event, 5000);
}

/* Turns the loop until there is an answer to what was asked last; its status. */
static uint32_t hear(void)
{
	uint64_t end = now_ms() + 5000;

	while (answered != serial && now_ms() < end)
		sd_event_run(event, 10000);
	return answered == serial ? answer : 0xdead;
}

static void ask(const void *bytes, size_t len)
{
	fcopy_service_message(service, bytes, len, ++serial);
}

static void ask_start(const char *path, const char *name, uint64_t size, uint32_t flags)
{
	struct hvic_user_fcopy_start start = {
		.hdr.operation = HVIC_FCOPY_START, .flags = flags, .size = size,
	};

	snprintf((char *)start.path, sizeof(start.path), "%s%s", top, path);
	snprintf((char *)start.name, sizeof(start.name), "%s", name);
	ask(&start, sizeof(start));
}

static void ask_write(uint64_t offset, const char *text)
{
	struct hvic_user_fcopy_write piece = {
		.hdr.operation = HVIC_FCOPY_WRITE, .offset = offset, .size = (uint32_t)strlen(text),
	};

	memcpy(piece.data, text, strlen(text));
	ask(&piece, sizeof(piece));
}

static void ask_header(uint32_t operation)
{
	struct hvic_user_fcopy_hdr hdr = { .operation = operation };

	ask(&hdr, sizeof(hdr));
}

/* ---- what is there ---- */

static const char *below(const char *path)
{
	static char whole[512];

	snprintf(whole, sizeof(whole), "%s%s", top, path);
	return whole;
}

static const char *file_text(const char *path)
{
	static char text[64];

	return hvd_file_read(below(path), text, sizeof(text)) < 0 ? NULL : text;
}

/* Unfinished files, and records of such. */
static int unfinished(void)
{
	char command[160], text[32];
	FILE *pipe;
	int found = -1;

	snprintf(command, sizeof(command), "find %s -name '%s*' | wc -l", top,
		 FCOPY_PARTIAL_PREFIX);
	pipe = popen(command, "r");
	if (pipe && fgets(text, sizeof(text), pipe))
		found = atoi(text);
	if (pipe)
		pclose(pipe);
	return found;
}

/* The same, when there are as many, or there should have been for long. */
static int settle(int wanted)
{
	uint64_t end = now_ms() + 5000;

	while (unfinished() != wanted && now_ms() < end)
		turn(20);
	return unfinished();
}

static const struct fcopy_entry *last(void)
{
	static struct fcopy_status status;

	if (fcopy_status_read(&status, setting.status) < 0 || !status.count)
		*fcopy_status_add(&status) = (struct fcopy_entry){ 0 };
	return fcopy_status_last(&status);
}

static void service_start(void)
{
	const struct fcopy_service_setup setup = {
		.event = event, .setting = &setting, .workers = &workers,
		.reply = module_reply, .take = module_take, .state = module_state,
		.step_ms = STEP_MS, .tick_ms = TICK_MS,
	};

	fcopy_workers_start(&workers);
	tap_is_int(fcopy_service_new(&service, &setup), 0, "a service");
	turn(30);
}

static void service_end(void)
{
	tap_is_int(fcopy_service_free(service, 5000), 0, "that ends");
	service = NULL;
}

/* ---- tests ---- */

static void test_copy(void)
{
	ask_start("/in/", "f", 8, 0);
	tap_is_int(hear(), 0, "a start");
	tap_ok(!file_text("/in/f"), "makes no file of that name yet");
	tap_is_int(last()->state, FCOPY_COPYING, "which is told");
	tap_is_str(last()->path, below("/in/f"), "with where it goes");
	ask_write(0, "half");
	tap_is_int(hear(), 0, "a write");
	ask_write(4, "half");
	tap_is_int(hear(), 0, "another");
	turn(2 * TICK_MS);
	tap_is_int((long long)last()->bytes, 8, "which is told");
	ask_header(HVIC_FCOPY_COMPLETE);
	tap_is_int(hear(), 0, "a complete");
	tap_is_str(file_text("/in/f"), "halfhalf", "then there is a file");
	tap_is_int(last()->state, FCOPY_DONE, "which is told");
	tap_is_int(unfinished(), 0, "nothing is left");
	tap_is_int(answers, 4, "each message has one answer");
}

static void test_refused(void)
{
	answers = 0;
	ask_start("/in/f", "f", 8, 0);
	tap_is_int(hear(), 0x80070050, "a file that is there");
	tap_is_int(last()->state, FCOPY_FAILED, "is told as failed");
	tap_is_str(last()->why, "the file is there already", "with why");
	ask_write(0, "x");
	tap_is_int(hear(), 0x80070057, "a write after that");
	ask_header(HVIC_FCOPY_COMPLETE);
	tap_is_int(hear(), 0x80070057, "a complete");
	ask_header(HVIC_FCOPY_CANCEL);
	tap_is_int(hear(), 0, "a cancel has nothing to do");
	ask_header(77);
	tap_is_int(hear(), 0x80070032, "an operation that there is not");
	ask("short", 5);
	tap_is_int(hear(), 0x80070057, "a message that is none");
	ask_start("/out/", "f", 8, HVIC_FCOPY_CREATE_PATH);
	tap_is_int(hear(), 0x80070005, "a place that is not allowed");
	ask_start("/in/no/", "f", 8, 0);
	tap_is_int(hear(), 0x80070003, "a directory that there is not");
	tap_is_int(answers, 8, "each message has one answer");
}

static void test_order(void)
{
	ask_start("/in/", "o", 8, 0);
	hear();
	ask_start("/in/", "p", 8, 0);
	tap_is_int(hear(), 0x80004005, "a second start");
	ask_write(4, "gap");
	tap_is_int(hear(), 0x80070057, "a write beyond a gap");
	tap_is_int(unfinished(), 0, "ends the copy");
	ask_write(0, "more");
	tap_is_int(hear(), 0x80070057, "what follows is refused");
	ask_start("/in/", "o", 2, 0);
	hear();
	ask_write(0, "more");
	tap_is_int(hear(), 0x80070057, "more than was announced");
	tap_is_int(unfinished(), 0, "ends it, too");
	ask_start("/in/", "o", 8, 0);
	hear();
	ask_write(0, "less");
	hear();
	ask_header(HVIC_FCOPY_COMPLETE);
	tap_is_int(hear(), 0x80004005, "less than was announced");
	tap_ok(!file_text("/in/o") && !unfinished(), "is no file");
	tap_is_str(last()->why, "4 bytes of 8 have come", "and says why");
}

/* Our module refuses what is out of order, so that a second start means something. */
static void test_second(void)
{
	fcopy_service_module(service, true, STEP_MS);
	ask_start("/in/", "p", 8, 0);
	hear();
	ask_start("/in/", "q", 0, 0);
	tap_is_int(hear(), 0, "a second start from our module ends the first copy");
	ask_header(HVIC_FCOPY_COMPLETE);
	tap_is_int(hear(), 0, "and begins the next");
	tap_is_str(file_text("/in/q"), "", "whose file is there");
	tap_is_int(settle(0), 0, "and nothing of the first");
	fcopy_service_module(service, false, STEP_MS);
}

static void test_cancel(void)
{
	ask_start("/in/", "c", 8, 0);
	hear();
	ask_write(0, "half");
	hear();
	ask_header(HVIC_FCOPY_CANCEL);
	tap_is_int(hear(), 0, "a cancel");
	tap_ok(!file_text("/in/c") && !unfinished(), "leaves nothing when it is answered");
	tap_is_int(last()->state, FCOPY_CANCELLED, "which is told");
	tap_is_int((long long)last()->bytes, 4, "with how much had come");
}

static void test_full(void)
{
	ask_start("/in/", "d", 8, 0);
	hear();
	write_err = ENOSPC;
	ask_write(0, "x");
	tap_is_int(hear(), 0x80070070, "a disk that is full in the middle");
	write_err = 0;
	tap_is_int(unfinished(), 0, "has nothing left on it when that is answered");
}

/* ---- with a module that writes by itself ---- */

static void test_taken(void)
{
	takes = true;
	take_calls = 0;
	ask_start("/in/", "t", 8, 0);
	tap_is_int(hear(), 0, "a start with a module that takes files");
	tap_ok(taken >= 0, "which it has then");
	tap_is_int((long long)taken_size, 8, "with the size");
	tap_is_int(write(taken, "themodul", 8), 8, "and writes to");
	state.written = 8;
	turn(2 * TICK_MS);
	tap_is_int((long long)last()->bytes, 8, "which is told");
	let_go = true;
	ask_header(HVIC_FCOPY_COMPLETE);
	tap_is_int(hear(), 0, "a complete");
	let_go = false;
	tap_is_int(take_calls, 1, "after which nothing is taken back");
	tap_is_str(file_text("/in/t"), "themodul", "then there is a file");
	tap_is_int(taken, -1, "and the module has none");
}

static void test_taken_error(void)
{
	ask_start("/in/", "u", 8, 0);
	hear();
	state.written = 5;
	ask_header(HVIC_FCOPY_CANCEL);
	hear();
	tap_is_int((long long)last()->bytes, 5, "of one that ends soon it is told how far it came");
	ask_start("/in/", "u", 8, 0);
	hear();
	answers = 0;
	state.error = -ENOSPC;
	state.flags = 0;
	fcopy_service_urgent(service);
	tap_is_int(settle(0), 0, "an error of the module's ends a copy");
	tap_is_int(answers, 0, "which it has answered itself");
	tap_is_str(last()->why, "the disk is full", "and it is told");
	tap_is_int(last()->status, 0x80070070, "as to the host");
	ask_start("/in/", "u", 8, 0);
	hear();
	state.flags = 0;
	tap_is_int(settle(0), 0, "a module that has let go of a file ends it, too");
	fcopy_service_urgent(service);
	ask_start("/in/", "u", 64 << 20, 0);
	hear();
	flushes = 0;
	state.written = 40 << 20;
	turn(100);
	tap_is_int(flushes, 1, "what has come is begun with");
	state.written = 41 << 20;
	turn(100);
	tap_is_int(flushes, 1, "once");
	ask_header(HVIC_FCOPY_CANCEL);
	hear();
	takes = false;
}

static void test_silence(void)
{
	/* the setting has seconds, and a test none */
	setting.silence = 0;
	ask_start("/in/", "s", 8, 0);
	hear();
	tap_is_int(settle(0), 0, "a host that falls silent");
	tap_is_str(last()->why, "the host fell silent", "is told of");
	takes = true;
	ask_start("/in/", "s", 8, 0);
	hear();
	setting.silence = 1;
	state.idle_ms = 990;
	turn(50);
	tap_is_int(last()->state, FCOPY_COPYING, "one that is silent to the module for a while");
	state.idle_ms = 1000;
	turn(50);
	tap_is_int(last()->state, FCOPY_FAILED, "and for too long");
	tap_is_int(settle(0), 0, "leaves nothing");
	tap_is_int(taken, -1, "and the file is taken back");
	takes = false;
	setting.silence = 60;
}

static void test_lost(void)
{
	ask_start("/in/", "l", 8, 0);
	hear();
	answers = 0;
	fcopy_service_lost(service);
	tap_is_int(settle(0), 0, "a device that goes ends a copy");
	tap_is_int(answers, 0, "and answers nothing");
	fcopy_service_lost(service);
	fcopy_service_lost(NULL);
	ask_start("/in/", "l", 0, 0);
	tap_is_int(hear(), 0, "then it begins anew");
	ask_header(HVIC_FCOPY_COMPLETE);
	tap_is_int(hear(), 0, "with an empty file");
	tap_is_str(file_text("/in/l"), "", "which is there");
}

/* ---- frozen ---- */

static void test_frozen_start(void)
{
	uint64_t before = now_ms();

	pthread_mutex_lock(&frozen);
	ask_start("/in/", "z", 8, 0);
	turn(100);
	tap_ok(answered != serial, "a start on a frozen file system waits");
	tap_is_int(hear(), 0x80004005, "but not longer than the host");
	tap_ok(now_ms() - before < 10 * STEP_MS, "which is in time");
	tap_is_str(last()->why, "the file system does not answer", "and told");
	ask_start("/in/", "y", 8, 0);
	pthread_mutex_unlock(&frozen);
	tap_is_int(hear(), 0, "the next waits, and goes on when it is thawed");
	tap_is_int(settle(2), 2, "by then the one before is removed");
	ask_header(HVIC_FCOPY_CANCEL);
	hear();
	tap_is_int(unfinished(), 0, "and then both are");
}

static void test_frozen_write(void)
{
	ask_start("/in/", "w", 8, 0);
	hear();
	pthread_mutex_lock(&frozen);
	ask_write(0, "x");
	turn(50);
	ask_header(HVIC_FCOPY_CANCEL);
	tap_is_int(hear(), 0, "a cancel before the answer to a write");
	answers = 0;
	pthread_mutex_unlock(&frozen);
	tap_is_int(settle(0), 0, "which leaves nothing");
	tap_is_int(answers, 0, "and has none any more");
}

static void test_frozen_finish(void)
{
	ask_start("/in/", "v", 1, 0);
	hear();
	ask_write(0, "x");
	hear();
	pthread_mutex_lock(&frozen);
	ask_header(HVIC_FCOPY_COMPLETE);
	tap_is_int(hear(), 0x80004005, "a complete on a frozen file system fails");
	pthread_mutex_unlock(&frozen);
	tap_is_int(settle(0), 0, "and no part of it is there later");
	tap_ok(!file_text("/in/v"), "nor the file");
}

static void test_frozen_many(void)
{
	struct hvic_user_fcopy_start start = { .hdr.operation = HVIC_FCOPY_START };
	int i;

	pthread_mutex_lock(&frozen);
	for (i = 0; i < FCOPY_WORKERS_MAX; i++) {
		ask_start("/in/", "m", 8, 0);
		if (hear() != 0x80004005)
			break;
	}
	tap_is_int(i, FCOPY_WORKERS_MAX, "copies that are held up");
	fcopy_service_message(service, &start, sizeof(start), ++serial);
	tap_is_int(answered == serial ? answer : 0, 0x80004005, "one more is refused at once");
	tap_is_int(last()->state, FCOPY_FAILED, "which is told");
	tap_is_int(fcopy_workers_wait(&workers, 10), -ETIMEDOUT, "they are waited for in vain");
	pthread_mutex_unlock(&frozen);
	tap_is_int(fcopy_workers_wait(&workers, 5000), 0, "until it is thawed");
	tap_is_int(unfinished(), 0, "and nothing is left");
	ask_start("/in/", "m", 0, 0);
	tap_is_int(hear(), 0, "then it goes on");
	ask_header(HVIC_FCOPY_CANCEL);
	hear();
}

static void test_frozen_flush(void)
{
	takes = true;
	ask_start("/in/", "x", 64 << 20, 0);
	hear();
	tap_is_int(ftruncate(taken, 64 << 20), 0, "a large file");
	pthread_mutex_lock(&frozen);
	state.written = 64 << 20;
	turn(100);
	ask_header(HVIC_FCOPY_COMPLETE);
	turn(50);
	tap_ok(answered != serial, "a complete waits for what was begun with");
	pthread_mutex_unlock(&frozen);
	tap_is_int(hear(), 0, "and is done then");
	takes = false;
	close(taken);
	taken = -1;
}

static void test_end(void)
{
	ask_start("/in/", "e", 8, 0);
	hear();
	service_end();
	tap_is_int(unfinished(), 0, "with a copy under way, which leaves nothing");
	tap_is_str(last()->why, "the daemon was told to end", "and is told");
	service_start();
	ask_start("/in/", "e", 8, 0);
	hear();
	pthread_mutex_lock(&frozen);
	ask_write(0, "x");
	turn(50);
	tap_is_int(fcopy_service_free(service, 50), -ETIMEDOUT, "one that is held up does not end");
	pthread_mutex_unlock(&frozen);
	tap_is_int(fcopy_workers_wait(&workers, 5000), 0, "before it is thawed");
	tap_is_int(fcopy_service_free(service, 50), 0, "and then does");
	tap_is_int(unfinished(), 0, "leaving nothing");
}

int main(void)
{
	char command[96];

	strcpy(top, "/dev/shm/fcopy_service_test.XXXXXX");
	if (!mkdtemp(top) || sd_event_new(&event) < 0)
		return 1;
	loop = pthread_self();
	mkdir(below("/in"), 0755);
	mkdir(below("/out"), 0755);
	fcopy_setting_start(&setting);
	setting.trees.count = 1;
	snprintf(setting.trees.at[0], sizeof(setting.trees.at[0]), "%s/in", top);
	free(setting.state);
	setting.state = strdup(below("/state"));
	free(setting.status);
	setting.status = strdup(below("/copies"));
	service_start();
	test_copy();
	test_refused();
	test_order();
	test_second();
	test_cancel();
	test_full();
	test_taken();
	test_taken_error();
	test_silence();
	test_lost();
	test_frozen_start();
	test_frozen_write();
	test_frozen_finish();
	test_frozen_many();
	test_frozen_flush();
	test_end();
	sd_event_unref(event);
	fcopy_setting_end(&setting);
	snprintf(command, sizeof(command), "rm -r %s", top);
	return system(command) ? 1 : tap_done();
}
