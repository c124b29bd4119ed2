/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a virtual machine monitor does for a VMBus root: memory, processors, clock.
 */
#ifndef HVSIM_BUS_PLATFORM_H
#define HVSIM_BUS_PLATFORM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hvsim_frame.h"

/**
 * struct hvsim_bus_platform - what a virtual machine monitor does for a bus
 * @post: put a SynIC message of @type into the slot of @sint of the processor
 *	@vp.  0 when that has begun: hvsim_bus_posted() must be called, later and
 *	not from within, when the guest has it or it turned out that it cannot have
 *	it; one message at a time is under way.  A negative errno when it cannot be
 *	(there is no such processor): the message is lost then
 * @has_vp: whether there is a processor @vp
 * @interrupt: set event flag @flag of @sint of the processor @vp; a negative errno
 *	when that cannot be
 * @map: the page at the guest's physical address @address, for as long as it is
 *	not given back by @unmap; NULL when there is no memory
 * @unmap: give a page back; the guest may have written to it, and so may the bus
 * @listen: have hvsim_bus_signalled() called when the guest signals @connection;
 *	a negative errno when that cannot be
 * @ignore: undo @listen
 * @clock: the partition's reference counter, in 100 ns, and CLOCK_REALTIME of
 *	that moment, in ns; a negative errno when it cannot be read
 * @tell: a frame for the emulated host; the frame's bytes are @head and then
 *	@bytes, of which either may be empty
 * @full: whether the emulated host has so much to read that packets are better
 *	left in the guest's rings; hvsim_bus_resume() must be called when it is over
 *
 * None of them may call the bus.
 */
struct hvsim_bus_platform {
	int (*post)(void *userdata, uint32_t vp, uint32_t sint, uint32_t type, const void *bytes,
		    size_t len);
	bool (*has_vp)(void *userdata, uint32_t vp);
	int (*interrupt)(void *userdata, uint32_t vp, uint32_t sint, uint32_t flag);
	void *(*map)(void *userdata, uint64_t address);
	void (*unmap)(void *userdata, void *page);
	int (*listen)(void *userdata, uint32_t connection);
	void (*ignore)(void *userdata, uint32_t connection);
	int (*clock)(void *userdata, uint64_t *reference, uint64_t *realtime);
	void (*tell)(void *userdata, enum hvsim_frame_type type, uint16_t arg, const void *head,
		     size_t head_len, const void *bytes, size_t len);
	bool (*full)(void *userdata);
};

#endif
