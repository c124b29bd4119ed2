/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _HV_ICS_CREW_H
#define _HV_ICS_CREW_H

struct hv_ics_crew;

struct hv_ics_crew *hv_ics_crew_create(unsigned int size);
void hv_ics_crew_destroy(struct hv_ics_crew *crew);
void hv_ics_crew_begin(struct hv_ics_crew *crew, unsigned int from, unsigned int to,
		       void (*job)(void *data, unsigned int which), void *data);
int hv_ics_crew_wait_killable(struct hv_ics_crew *crew);
void hv_ics_crew_wait(struct hv_ics_crew *crew);

#endif
