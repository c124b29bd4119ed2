# SPDX-License-Identifier: GPL-2.0-or-later
ifneq ($(words $(CURDIR)),1)
$(error $(CURDIR) has a blank in it, which make and kbuild take for the end of a path: clone to another place)
endif

KERNELRELEASE	?= $(shell uname -r)
KDIR		?= /lib/modules/$(KERNELRELEASE)/build
kbuild		 = $(MAKE) -C $(KDIR) M=$(CURDIR)

all: modules tools

modules:
	@scripts/check-kdir.sh $(KDIR)
	+$(kbuild) modules

tools:
	+$(MAKE) -C tools/hvsim
	+$(MAKE) -C tools/hv
	+$(MAKE) -C tools/hvic

install:
	@scripts/install.sh

uninstall:
	@scripts/uninstall.sh

demo:
	@scripts/demo.sh

# Everything that this machine can run; the last line counts.
check:
	@scripts/check.sh self static unit kunit fuzz install powershell net e2e

check-self check-static check-unit check-kunit check-fuzz check-install check-net check-e2e: check-%:
	@scripts/check.sh $*

# PowerShell's own client and the daemon, all of it; make check has a part.
check-powershell:
	@POWERSHELL=all scripts/check.sh powershell

# The module in kernels that look for faults, which are built here, once.
check-debug:
	@scripts/check.sh debug

# A million hostile packets to each service in such a kernel, for hours.
check-packets:
	@scripts/check.sh packets

# A host that means ill, for MINUTES=10; KERNEL=kasan finds most.
soak:
	@scripts/soak.sh

# What the host's requests cost, ours beside the in-tree module's.
bench:
	@scripts/bench.sh

# Breaks the core on purpose, again and again, to see whether a test notices.
check-mutation:
	@scripts/check-mutation.sh

clean:
	@! [ -d $(KDIR) ] || $(kbuild) clean
	rm -rf .build

help:
	@scripts/help.sh

.PHONY: all modules tools install uninstall demo check check-debug check-powershell check-packets check-mutation soak bench clean help
.PHONY: check-self check-static check-unit check-kunit check-fuzz check-install check-net check-e2e
