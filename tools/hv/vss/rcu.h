/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Freezing in a hurry.
 */
#ifndef VSS_RCU_H
#define VSS_RCU_H

#include <stdbool.h>

bool vss_rcu_hurry(void);
void vss_rcu_rest(void);

#endif
