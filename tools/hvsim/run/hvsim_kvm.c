// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Whether this machine's KVM can run a guest of Hyper-V's.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "hvsim_kvm.h"

/* Hyper-V's interrupt controller and its messages, which VMBus is built on. */
static const int needed[] = {
	KVM_CAP_HYPERV, KVM_CAP_HYPERV_SYNIC, KVM_CAP_HYPERV_SYNIC2, KVM_CAP_HYPERV_EVENTFD,
	KVM_CAP_HYPERV_VP_INDEX,
};

/* Where the instruction to try lies in the guest's memory, which is one page. */
#define TRIAL_ADDRESS	0x1000
#define TRIAL_SIZE	4096
#define HLT		0xf4

/* Has a processor begin at the instruction, in real mode, as at a reset. */
static int trial_point(int vcpu)
{
	struct kvm_regs regs = { .rip = TRIAL_ADDRESS, .rflags = 2 };
	struct kvm_sregs sregs;

	if (ioctl(vcpu, KVM_GET_SREGS, &sregs) < 0)
		return -errno;
	sregs.cs.base = 0;
	sregs.cs.selector = 0;
	return ioctl(vcpu, KVM_SET_SREGS, &sregs) < 0 || ioctl(vcpu, KVM_SET_REGS, &regs) < 0 ?
	       -errno : 0;
}

static int trial_run(int vcpu, size_t size)
{
	struct kvm_run *run = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, vcpu, 0);
	int err;

	if (run == MAP_FAILED)
		return -errno;
	err = trial_point(vcpu);
	if (!err && ioctl(vcpu, KVM_RUN, 0) < 0)
		err = -errno;
	if (!err && run->exit_reason != KVM_EXIT_HLT)
		err = -ENOEXEC;
	munmap(run, size);
	return err;
}

/* Whether a processor of this KVM carries out an instruction: not every one that opens does. */
static int vm_try(int kvm, int vm)
{
	int size = ioctl(kvm, KVM_GET_VCPU_MMAP_SIZE, 0), vcpu, err;
	unsigned char *memory = mmap(NULL, TRIAL_SIZE, PROT_READ | PROT_WRITE,
				     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct kvm_userspace_memory_region region = {
		.guest_phys_addr = TRIAL_ADDRESS,
		.memory_size = TRIAL_SIZE,
		.userspace_addr = (uintptr_t)memory,
	};

	if (memory == MAP_FAILED)
		return -errno;
	memory[0] = HLT;
	vcpu = ioctl(vm, KVM_SET_USER_MEMORY_REGION, &region) < 0 ? -1 :
	       ioctl(vm, KVM_CREATE_VCPU, 0);
	if (size <= 0)
		err = -EIO;
	else
		err = vcpu < 0 ? -errno : trial_run(vcpu, (size_t)size);
	if (vcpu >= 0)
		close(vcpu);
	munmap(memory, TRIAL_SIZE);
	return err;
}

/* NULL, or why no guest of KVM's can run here. */
static const char *kvm_try(int kvm)
{
	int vm = ioctl(kvm, KVM_CREATE_VM, 0), err;

	if (vm < 0)
		return strerror(errno);
	err = vm_try(kvm, vm);
	close(vm);
	return err ? "this KVM cannot run a processor" : NULL;
}

/**
 * hvsim_kvm_usable() - Ask this machine's KVM what it can do.
 * @why_not: is set to what is missing, when it is not usable
 *
 * That there is a /dev/kvm says little: para-virtual ones exist, which run no
 * stock kernel.
 *
 * Return: whether it is usable.
 */
bool hvsim_kvm_usable(const char **why_not)
{
	int fd = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	size_t i;

	if (fd < 0) {
		*why_not = errno == EACCES ? "no access to /dev/kvm (join the group kvm)" :
					     "no /dev/kvm";
		return false;
	}
	*why_not = NULL;
	for (i = 0; i < sizeof(needed) / sizeof(needed[0]); i++)
		if (ioctl(fd, KVM_CHECK_EXTENSION, needed[i]) <= 0)
			*why_not = "this KVM has no Hyper-V enlightenments";
	if (!*why_not)
		*why_not = kvm_try(fd);
	close(fd);
	return !*why_not;
}
