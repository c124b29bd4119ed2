#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# usage: scripts/need.sh PACKAGE... - have these Debian packages, for Makefiles.

set -eu
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"
need "$@"
