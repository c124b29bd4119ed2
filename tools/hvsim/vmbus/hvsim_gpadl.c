// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * GPADLs: pages of the guest that it lets the host use.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "hvsim_gpadl.h"
#include "hvsim_vmbus.h"

/* Takes page numbers from the end of a message; more than are to come make no sense. */
static int gpadl_take(struct hvsim_gpadl *gpadl, const uint8_t *numbers, size_t len)
{
	size_t count = len / sizeof(uint64_t), i;

	if (len % sizeof(uint64_t) || count > gpadl->count - gpadl->told)
		return -EINVAL;
	for (i = 0; i < count; i++) {
		uint64_t number;

		memcpy(&number, numbers + i * sizeof(number), sizeof(number));
		if (number > UINT64_MAX / HVSIM_VMBUS_PAGE)
			return -EINVAL;
		gpadl->addresses[gpadl->told++] = number * HVSIM_VMBUS_PAGE;
	}
	return 0;
}

/* Pages of the one range that a GPADL for rings has; 0 when it is none that can be had. */
static size_t header_pages(const struct hvsim_vmbus_gpadl_header *header,
			   const struct hvsim_vmbus_range *range)
{
	size_t pages = range->byte_count / HVSIM_VMBUS_PAGE;

	if (header->range_count != 1 || range->byte_offset ||
	    range->byte_count % HVSIM_VMBUS_PAGE || pages > HVSIM_GPADL_PAGES_MAX)
		return 0;
	/* the field has 16 bits: of a large GPADL, the low ones */
	if (header->range_bytes != (uint16_t)(sizeof(*range) + pages * sizeof(uint64_t)))
		return 0;
	return pages;
}

/**
 * hvsim_gpadl_new() - Begin a GPADL with its first message.
 * @ret: the GPADL
 * @message: a GPADL_HEADER
 * @len: bytes at @message
 *
 * One range of whole pages is understood, as guests use it for rings.
 *
 * Return: 0; -EBADMSG when @message is too short to be answered; -EINVAL when it
 * is not understood; -ENOMEM.
 */
int hvsim_gpadl_new(struct hvsim_gpadl **ret, const void *message, size_t len)
{
	struct hvsim_vmbus_gpadl_header header;
	struct hvsim_vmbus_range range;
	struct hvsim_gpadl *gpadl;
	size_t pages;

	if (len < sizeof(header))
		return -EBADMSG;
	memcpy(&header, message, sizeof(header));
	if (len < sizeof(header) + sizeof(range))
		return -EINVAL;
	memcpy(&range, (const uint8_t *)message + sizeof(header), sizeof(range));
	pages = header_pages(&header, &range);
	if (!pages)
		return -EINVAL;
	gpadl = calloc(1, sizeof(*gpadl));
	if (!gpadl)
		return -ENOMEM;
	gpadl->id = header.gpadl;
	gpadl->relid = header.relid;
	gpadl->count = pages;
	gpadl->addresses = calloc(pages, sizeof(*gpadl->addresses));
	if (!gpadl->addresses ||
	    gpadl_take(gpadl, (const uint8_t *)message + sizeof(header) + sizeof(range),
		       len - sizeof(header) - sizeof(range)) < 0) {
		int err = gpadl->addresses ? -EINVAL : -ENOMEM;

		free(gpadl->addresses);
		free(gpadl);
		return err;
	}
	*ret = gpadl;
	return 0;
}

/**
 * hvsim_gpadl_add() - Go on with the next message.
 * @gpadl: which
 * @message: a GPADL_BODY
 * @len: bytes at @message
 *
 * Return: 0; -EINVAL when it has more pages than there are to be, or a part of one.
 */
int hvsim_gpadl_add(struct hvsim_gpadl *gpadl, const void *message, size_t len)
{
	const size_t head = sizeof(struct hvsim_vmbus_gpadl_body);

	if (len < head)
		return -EINVAL;
	return gpadl_take(gpadl, (const uint8_t *)message + head, len - head);
}

/**
 * hvsim_gpadl_is_complete() - Whether the guest has told of all pages.
 * @gpadl: which
 *
 * Return: whether no GPADL_BODY is to come.
 */
bool hvsim_gpadl_is_complete(const struct hvsim_gpadl *gpadl)
{
	return gpadl->told == gpadl->count;
}

/**
 * hvsim_gpadl_map() - Make the pages of a complete GPADL usable.
 * @gpadl: which
 * @platform: to map with
 * @userdata: for @platform
 *
 * Return: 0; -EFAULT when the guest has no memory at one of the addresses, and
 * then none is mapped; -ENOMEM.
 */
int hvsim_gpadl_map(struct hvsim_gpadl *gpadl, const struct hvsim_bus_platform *platform,
		    void *userdata)
{
	size_t i;

	gpadl->pages = calloc(gpadl->count, sizeof(*gpadl->pages));
	if (!gpadl->pages)
		return -ENOMEM;
	for (i = 0; i < gpadl->count; i++) {
		gpadl->pages[i] = platform->map(userdata, gpadl->addresses[i]);
		if (gpadl->pages[i])
			continue;
		while (i--)
			platform->unmap(userdata, gpadl->pages[i]);
		free(gpadl->pages);
		gpadl->pages = NULL;
		return -EFAULT;
	}
	return 0;
}

/**
 * hvsim_gpadl_free() - Give the pages back.
 * @gpadl: may be NULL; in no list any more
 * @platform: that they were mapped with
 * @userdata: for @platform
 */
void hvsim_gpadl_free(struct hvsim_gpadl *gpadl, const struct hvsim_bus_platform *platform,
		      void *userdata)
{
	size_t i;

	if (!gpadl)
		return;
	for (i = 0; gpadl->pages && i < gpadl->count; i++)
		platform->unmap(userdata, gpadl->pages[i]);
	free(gpadl->pages);
	free(gpadl->addresses);
	free(gpadl);
}
