/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the host asks for, and what it is answered.
 */
#ifndef VSS_MESSAGE_H
#define VSS_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>

#include <hv/hvic_user.h>

/**
 * struct vss_service - who does what is asked
 * @check: whether a backup could be made: 0, or a negative errno
 * @freeze: the same of making ready and freezing
 * @thaw: the same of thawing; -ENODATA when nothing is frozen
 * @data: passed to each
 */
struct vss_service {
	int (*check)(void *data);
	int (*freeze)(void *data);
	int (*thaw)(void *data);
	void *data;
};

bool vss_message_is_registration(const void *bytes, size_t len);
const char *vss_message_name(unsigned int operation);
unsigned int vss_message_patience(unsigned int operation);
int vss_message_handle(const struct vss_service *service, const struct hvic_user_vss *message,
		       struct hvic_user_vss *reply);

#endif
