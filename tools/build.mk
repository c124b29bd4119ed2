# SPDX-License-Identifier: GPL-2.0-or-later
#
# Flags and rules of all tools, once. A Makefile that includes this sets before
#
#	TOP		the tree
#	OUT		where it builds; it may refer to BUILD
#	LIBRARIES	which of libraries.mk it builds, in OUT
#	CFLAGS, WARN	if the defaults do not fit
#	TOOLS_DEBS	Debian packages that it needs beside those of its libraries

BUILD	?= $(TOP)/.build
CFLAGS	?= -O2 -g
WARN	?= -Wall -Wextra -Wno-missing-field-initializers -Wmissing-prototypes -Wstrict-prototypes -Wvla -Wformat=2
BASE	= -std=gnu11 -D_GNU_SOURCE $(WARN) -MMD -MP

all:

include $(TOP)/tools/libraries.mk

# libraries-cflags NAMES, libraries-libs NAMES: flags of what uses them. What the
# packages need is asked when a recipe runs, as they may be installed only then.
libraries-all = $(foreach library,$(1),$(library) $($(library)-uses))
libraries-of = $(foreach library,$(libraries-all),$($(library)-$(2)))
libraries-ask = $(if $(2),$(shell pkg-config --$(1) $(sort $(2))))
libraries-cflags = -I$(TOP)/include $(call libraries-of,$(1),include) \
	$(call libraries-ask,cflags,$(call libraries-of,$(1),packages))
libraries-libs = $(call libraries-of,$(1),ldlibs) \
	$(call libraries-ask,libs,$(call libraries-of,$(1),packages))
# libraries-files NAMES [DIRECTORY]: the archives, in the order of linking
libraries-files = $(patsubst %,$(or $(2),$(OUT))/lib%.a,$(libraries-all))

# a machine that lacks a package gets it, or is told in one line
DEBS	= $(sort gcc libc6-dev pkg-config $(TOOLS_DEBS) $(call libraries-of,$(LIBRARIES),debs))
$(OUT)/packages: $(firstword $(MAKEFILE_LIST)) $(filter %.mk,$(MAKEFILE_LIST))
	@mkdir -p $(@D)
	$(TOP)/scripts/need.sh $(DEBS)
	@touch $@

# q appends: files of two folders may have one name
define library-rules
$(1)-objects := $$($(1)-sources:%.c=$(OUT)/obj/$(1)/%.o)

$(OUT)/lib$(1).a: $$($(1)-objects)
	rm -f $$@
	$$(AR) qcs $$@ $$^

$(OUT)/obj/$(1)/%.o: $(TOP)/tools/$$($(1)-folder)/%.c $(OUT)/packages
	@mkdir -p $$(@D)
	$$(CC) $$(BASE) $$(CFLAGS) $$(call libraries-cflags,$(1)) -c -o $$@ $$<

-include $$($(1)-objects:.o=.d) $$($(1)-main:%.c=$(OUT)/obj/$(1)/%.d)
endef
$(foreach library,$(LIBRARIES),$(eval $(call library-rules,$(library))))

# program NAME: links the objects and archives of $^ with what the library NAME
# uses; what is linked and not called is not to be in a process's memory
program = $(CC) $(BASE) $(CFLAGS) $(LDFLAGS) -Wl,--as-needed -o $@ $(filter %.o,$^) $(filter %.a,$^) \
	$(call libraries-libs,$(1))

# every source that a list of libraries.mk or sources.mk names, for check-unit.sh
list-sources:
	@printf '%s\n' $(foreach library,$(libraries),\
		$(addprefix tools/$($(library)-folder)/,$($(library)-main) $($(library)-sources))) \
		$(hvsim-guest:%=tools/hvsim/guest/%.c)

FORCE:

.PHONY: all clean list-sources FORCE
.SECONDARY:
.DELETE_ON_ERROR:
