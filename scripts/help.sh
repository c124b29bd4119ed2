#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Prints what can be typed here.

cat <<END
make                    build the module for the running kernel, and the tools
                          (KDIR=/path/to/headers for another kernel)
make tools              the tools alone: hvsim, the four daemons, hvic
make install            install the module, by DKMS where there is dkms, and the
                          daemons that no package has (root)
make uninstall          undo that (root)

make demo               boot a guest on the emulated host and show each service
                          (KERNEL=6.1|6.12|7.2)
make check              all tests; the last line counts them
make check-PART         one part: self static unit kunit fuzz install net e2e
                          (FUZZ_SECONDS=, KUNIT_ARCH=, KERNELS=, MODULES=, TESTS=;
                          see Documentation/testing.rst)
make check-powershell   PowerShell's own client and the daemon of PowerShell Direct;
                          make check has the quick part of it (TESTS=; TESTS=guest
                          has it in a guest, in 5 to 10 minutes)
make check-debug        the module in kernels with KASAN, lockdep, kmemleak, KCSAN
                          (KERNELS="kasan kcsan", TESTS=)
make check-packets      a million hostile packets to each service in such a kernel
                          (SERVICES=, COUNT=, SEED=, KERNEL=); takes hours
make soak               hostile packets and more, for MINUTES=10 (KERNEL=kasan)
make bench              our module and daemons beside the in-tree ones: a table and a
                          plot (KERNELS=, TESTS=; see Documentation/bench.rst)
make check-mutation     break the core on purpose; a test must notice

make clean              remove what was built (.build); downloads stay in
                          ~/.cache/hyperv-ics
END
