// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Whether this machine's KVM can run a guest of Hyper-V's.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "hvsim_kvm.h"

/* Hyper-V's interrupt controller and its messages, which VMBus is built on. */
static const int needed[] = {
	KVM_CAP_HYPERV, KVM_CAP_HYPERV_SYNIC, KVM_CAP_HYPERV_SYNIC2, KVM_CAP_HYPERV_EVENTFD,
	KVM_CAP_HYPERV_VP_INDEX,
};

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
	int fd = open("/dev/kvm", O_RDWR | O_CLOEXEC), vm;
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
	vm = *why_not ? -1 : ioctl(fd, KVM_CREATE_VM, 0);
	if (vm >= 0)
		close(vm);
	else if (!*why_not)
		*why_not = strerror(errno);
	close(fd);
	return !*why_not;
}
