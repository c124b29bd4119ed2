// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The guest's clock as its hypervisor has it, for QEMU devices.
 */
#include "qemu/osdep.h"
#include <linux/kvm.h>

#include "hv_clock.h"
#include "hv_qemu.h"

/* QEMU declares it only for code that is compiled once a target. */
int kvm_vm_ioctl(struct KVMState *s, int type, ...);

static uint64_t realtime_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (uint64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/**
 * hv_clock_read() - Read the partition's reference counter and the wall clock.
 * @reference: the counter, in 100 ns
 * @realtime: CLOCK_REALTIME at that moment, in ns
 *
 * KVM derives the counter from the same clock that it reports here, in ns since
 * the guest was made; where it can, it reads the wall clock at the same instant.
 *
 * Return: 0; the negative errno of KVM, and then nothing is written.
 */
int hv_clock_read(uint64_t *reference, uint64_t *realtime)
{
	struct kvm_clock_data data = {};
	uint64_t before, after;
	int err;

	before = realtime_ns();
	err = kvm_vm_ioctl(kvm_state, KVM_GET_CLOCK, &data);
	if (err < 0)
		return err;
	after = realtime_ns();
	*reference = data.clock / 100;
	*realtime = data.flags & KVM_CLOCK_REALTIME ? data.realtime : before + (after - before) / 2;
	return 0;
}
