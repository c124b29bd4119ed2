/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How the last backup went: for hvic vss status, and for the host.
 */
#ifndef VSS_STATUS_H
#define VSS_STATUS_H

#include "vss/backup.h"

#define VSS_STATUS_FILE		"vss-status.json"
#define VSS_STATUS_KEY		"HvIc-LastBackup"
#define VSS_STATUS_KEY_ERROR	"HvIc-LastBackupError"

struct json_object;

struct json_object *vss_status_json(const struct vss_backup *backup);
struct json_object *vss_status_plan_json(const struct vss_plan *plan);
void vss_status_line(const struct vss_backup *backup, char *line, size_t room);
int vss_status_write(const struct vss_backup *backup);
int vss_status_tell_host(const struct vss_backup *backup);
const char *vss_status_end(enum hvic_user_vss_end end);

#endif
