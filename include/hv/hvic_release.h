/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The release that this tree is, or is going to be. Nothing else says it: see
 * scripts/version.sh.
 */
#ifndef HVIC_RELEASE_H
#define HVIC_RELEASE_H

#define HVIC_RELEASE	"0.1.0"

#endif
