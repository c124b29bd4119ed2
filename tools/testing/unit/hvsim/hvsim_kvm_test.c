// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which KVM hvsim uses, with a fake one in the place of /dev/kvm (the linker's --wrap): every
 * step of the trial fails in turn.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

#include "tap.h"
#include "hvsim_kvm.h"
#include "kvm_calls.h"

/* File descriptors of the fake KVM, which the kernel does not have. */
enum { KVM_FD = 100000, VM_FD, VCPU_FD };

/**
 * struct fake - how a KVM behaves
 * @open_errno: of opening it; 0 when it opens
 * @lacks: the capability that it does not have, or 0
 * @refuses: the request that fails, or 0
 * @exit_reason: how its processor stops
 */
struct fake {
	int open_errno;
	int lacks;
	unsigned long refuses;
	unsigned int exit_reason;
};

static const struct fake *fake;
static struct kvm_run fake_run;
static unsigned int fake_opened;
static bool fake_began_at_hlt;
static const unsigned char *fake_memory;

int __wrap_open(const char *path, int flags, ...)
{
	if (strcmp(path, "/dev/kvm"))
		return __real_open(path, flags);
	if (fake->open_errno) {
		errno = fake->open_errno;
		return -1;
	}
	fake_opened++;
	return KVM_FD;
}

int __wrap_close(int fd)
{
	if (fd < KVM_FD)
		return __real_close(fd);
	fake_opened--;
	return 0;
}

void *__wrap_mmap(void *at, size_t len, int prot, int flags, int fd, off_t offset)
{
	/* the caller unmaps it, so it is memory of its own */
	if (fd != VCPU_FD)
		return __real_mmap(at, len, prot, flags, fd, offset);
	at = __real_mmap(NULL, len, prot, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	memcpy(at, &fake_run, sizeof(fake_run));
	return at;
}

static int fake_create(int fd)
{
	fake_opened++;
	return fd;
}

int __wrap_ioctl(int fd, unsigned long request, ...)
{
	unsigned long argument;
	va_list args;

	va_start(args, request);
	argument = va_arg(args, unsigned long);
	va_end(args);
	if (fd < KVM_FD)
		return __real_ioctl(fd, request, argument);
	if (request == fake->refuses) {
		errno = EOPNOTSUPP;
		return -1;
	}
	switch (request) {
	case KVM_CHECK_EXTENSION:
		return fake->lacks != (int)argument;
	case KVM_CREATE_VM:
		return fake_create(VM_FD);
	case KVM_CREATE_VCPU:
		return fake_create(VCPU_FD);
	case KVM_GET_VCPU_MMAP_SIZE:
		return (int)sizeof(struct kvm_run);
	case KVM_SET_USER_MEMORY_REGION: {
		const struct kvm_userspace_memory_region *region = (const void *)argument;

		fake_memory = (const unsigned char *)(uintptr_t)region->userspace_addr;
		return 0;
	}
	case KVM_GET_SREGS:
		memset((void *)argument, 0xff, sizeof(struct kvm_sregs));
		return 0;
	case KVM_SET_SREGS:
		fake_began_at_hlt = !((const struct kvm_sregs *)argument)->cs.base;
		return 0;
	case KVM_RUN:
		fake_began_at_hlt = fake_began_at_hlt && fake_memory[0] == 0xf4;
		return 0;
	default:
		return 0;
	}
}

#define TRIAL	"this KVM cannot run a processor"
#define HYPERV	"this KVM has no Hyper-V enlightenments"

int main(void)
{
	static const struct {
		const char *what;
		struct fake fake;
		const char *why_not;
	} rows[] = {
		{ "one that runs", { .exit_reason = KVM_EXIT_HLT }, NULL },
		{ "none", { .open_errno = ENOENT }, "no /dev/kvm" },
		{ "one of another group", { .open_errno = EACCES },
		  "no access to /dev/kvm (join the group kvm)" },
		{ "no Hyper-V", { .lacks = KVM_CAP_HYPERV }, HYPERV },
		{ "no SynIC", { .lacks = KVM_CAP_HYPERV_SYNIC2 }, HYPERV },
		{ "no VP index", { .lacks = KVM_CAP_HYPERV_VP_INDEX }, HYPERV },
		{ "no machine", { .refuses = KVM_CREATE_VM }, "Operation not supported" },
		{ "no memory", { .refuses = KVM_SET_USER_MEMORY_REGION }, TRIAL },
		{ "no processor", { .refuses = KVM_CREATE_VCPU }, TRIAL },
		{ "no size", { .refuses = KVM_GET_VCPU_MMAP_SIZE }, TRIAL },
		{ "no segments", { .refuses = KVM_SET_SREGS }, TRIAL },
		{ "no registers", { .refuses = KVM_SET_REGS }, TRIAL },
		{ "does not run", { .refuses = KVM_RUN }, TRIAL },
		{ "fails to run", { .exit_reason = KVM_EXIT_FAIL_ENTRY }, TRIAL },
		{ "an internal error", { .exit_reason = KVM_EXIT_INTERNAL_ERROR }, TRIAL },
	};
	const char *why_not;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		fake = &rows[i].fake;
		fake_run.exit_reason = fake->exit_reason;
		why_not = NULL;
		tap_is_int(hvsim_kvm_usable(&why_not), !rows[i].why_not, "%s: is used or not",
			   rows[i].what);
		tap_is_str(why_not ?: "", rows[i].why_not ?: "", "%s: why not", rows[i].what);
		tap_is_int(fake_opened, 0, "%s: all is closed", rows[i].what);
		if (!i)
			tap_ok(fake_began_at_hlt, "it was told to run a HLT");
	}
	return tap_done();
}
