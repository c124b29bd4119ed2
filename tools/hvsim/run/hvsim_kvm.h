/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whether this machine's KVM can run a guest of Hyper-V's.
 */
#ifndef HVSIM_KVM_H
#define HVSIM_KVM_H

#include <stdbool.h>

bool hvsim_kvm_usable(const char **why_not);

#endif
