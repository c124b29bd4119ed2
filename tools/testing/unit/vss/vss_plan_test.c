// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What would be frozen, and in which order: mounts and devices as systems have them.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tap.h"
#include "vss_answers.h"
#include "hvd_text.h"
#include "vss/plan.h"

/* ---- lines of mountinfo ---- */

static const struct {
	const char *name, *line;
	int err;
	const char *root, *point, *type, *source;
	unsigned int major, minor;
	bool read_only;
} lines[] = {
	{ "a root", "27 1 254:0 / / rw,relatime - ext4 /dev/vda rw,discard", 0,
	  "/", "/", "ext4", "/dev/vda", 254, 0 },
	{ "propagation", "36 35 98:0 /a /b rw shared:1 master:2 - xfs /dev/sda1 rw", 0,
	  "/a", "/b", "xfs", "/dev/sda1", 98, 0 },
	{ "a read-only file system", "1 0 7:1 / /snap ro - squashfs /dev/loop1 ro,errors=continue",
	  0, "/", "/snap", "squashfs", "/dev/loop1", 7, 1, true },
	{ "a read-only mount of one that is not", "1 0 8:1 / /ro ro - ext4 /dev/sda1 rw", 0,
	  "/", "/ro", "ext4", "/dev/sda1", 8, 1 },
	{ "an option that begins like it", "1 0 8:1 / /x rw - ext4 /dev/sda1 rw,rocks,errors=ro", 0,
	  "/", "/x", "ext4", "/dev/sda1", 8, 1 },
	{ "ro at the end", "1 0 8:1 / /x rw - ext4 /dev/sda1 seclabel,ro", 0,
	  "/", "/x", "ext4", "/dev/sda1", 8, 1, true },
	{ "escapes", "1 0 8:1 / /a\\040b\\011c\\134d\\043 rw - ext4 /dev/sda1 rw", 0,
	  "/", "/a b\tc\\d#", "ext4", "/dev/sda1", 8, 1 },
	{ "a backslash at the end", "1 0 8:1 / /a\\04 rw - ext4 /dev/sda1 rw", 0,
	  "/", "/a\\04", "ext4", "/dev/sda1", 8, 1 },
	{ "more than a byte", "1 0 8:1 / /a\\777 rw - ext4 x rw", 0,
	  "/", "/a\\777", "ext4", "x", 8, 1 },
	{ "no NUL", "1 0 8:1 / /a\\000b rw - ext4 x rw", 0, "/", "/a\\000b", "ext4", "x", 8, 1 },
	{ "no source", "1 0 0:41 / /x rw -  tmpfs rw", -EBADMSG },
	{ "an empty source", "1 0 0:41 / /x rw - tmpfs  rw", 0, "/", "/x", "tmpfs", "", 0, 41 },
	{ "a mount point that is a dash", "1 0 8:1 / /- rw - ext4 - rw", 0,
	  "/", "/-", "ext4", "-", 8, 1 },
	{ "a subvolume", "1 0 0:35 /@home /home rw - btrfs /dev/sda2 rw,subvol=/@home", 0,
	  "/@home", "/home", "btrfs", "/dev/sda2", 0, 35 },
	{ "large minors", "1 0 259:1048575 / /x rw - ext4 /dev/nvme0n1p9 rw", 0,
	  "/", "/x", "ext4", "/dev/nvme0n1p9", 259, 1048575 },
	{ "a network namespace", "1 0 0:4 net:[4026531840] /run/netns/a rw - nsfs none rw", 0,
	  "net:[4026531840]", "/run/netns/a", "nsfs", "none", 0, 4 },
	{ "nothing", "", -EBADMSG },
	{ "no options of the file system", "1 0 8:1 / / rw - ext4 /dev/sda1", -EBADMSG },
	{ "no dash", "1 0 8:1 / / rw ext4 /dev/sda1 rw", -EBADMSG },
	{ "no number", "x 0 8:1 / / rw - ext4 /dev/sda1 rw", -EBADMSG },
	{ "no device", "1 0 8 / / rw - ext4 /dev/sda1 rw", -EBADMSG },
	{ "more behind the device", "1 0 8:1x / / rw - ext4 /dev/sda1 rw", -EBADMSG },
	{ "a relative mount point", "1 0 8:1 / x rw - ext4 /dev/sda1 rw", -EBADMSG },
	{ "no type", "1 0 8:1 / / rw -  /dev/sda1 rw", -EBADMSG },
};

static void test_lines(void)
{
	struct vss_mount mount;
	char text[256];
	size_t i;

	for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		snprintf(text, sizeof(text), "%s", lines[i].line);
		if (!tap_is_int(vss_mount_parse(&mount, text), lines[i].err, "%s", lines[i].name) ||
		    lines[i].err)
			continue;
		tap_is_str(mount.root, lines[i].root, "%s: root", lines[i].name);
		tap_is_str(mount.point, lines[i].point, "point");
		tap_is_str(mount.type, lines[i].type, "type");
		tap_is_str(mount.source, lines[i].source, "source");
		tap_ok(mount.major == lines[i].major && mount.minor == lines[i].minor, "device");
		tap_ok(mount.read_only == lines[i].read_only, "read-only");
	}
}

/* ---- systems ---- */

#define PART(dev, disk, disk_dev, name)							\
	"/sys/dev/block/" dev " -> /sys/devices/pci/block/" disk "/" name "\n"		\
	"/sys/devices/pci/block/" disk "/" name "/dev " dev "\n"				\
	"/sys/devices/pci/block/" disk "/" name "/partition 1\n"				\
	"/sys/dev/block/" disk_dev " -> /sys/devices/pci/block/" disk "\n"		\
	"/sys/devices/pci/block/" disk "/dev " disk_dev "\n"				\
	"/dev/" name " = " dev "\n"

#define DISK(dev, name)									\
	"/sys/dev/block/" dev " -> /sys/devices/pci/block/" name "\n"			\
	"/sys/devices/pci/block/" name "/dev " dev "\n"					\
	"/dev/" name " = " dev "\n"

#define DM(dev, name, slave, slave_dev)							\
	"/sys/dev/block/" dev " -> /sys/devices/virtual/block/" name "\n"		\
	"/sys/devices/virtual/block/" name "/dev " dev "\n"				\
	"/sys/devices/virtual/block/" name "/slaves/" slave "/dev " slave_dev "\n"

#define LOOP(dev, name, file)								\
	"/sys/dev/block/" dev " -> /sys/devices/virtual/block/" name "\n"		\
	"/sys/devices/virtual/block/" name "/dev " dev "\n"				\
	"/sys/devices/virtual/block/" name "/loop/backing_file " file "\n"		\
	"/dev/" name " = " dev "\n"

#define VIRTUAL										\
	"22 27 0:21 / /proc rw - proc none rw\n23 27 0:22 / /sys rw - sysfs none rw\n"	\
	"25 27 0:23 / /run rw - tmpfs none rw\n"

static const struct {
	const char *name, *mounts, *devices;
	struct vss_choice choice;
	const char *order;	/* mount points, with a plus between those of one level */
	const char *rest;	/* "POINT=verdict" of what is neither that nor virtual */
} systems[] = {
	{ "a plain disk, with an EFI partition",
	  "27 1 8:2 / / rw - ext4 /dev/sda2 rw\n" VIRTUAL
	  "30 27 8:1 / /boot/efi rw - vfat /dev/sda1 rw\n31 27 8:3 / /home rw - xfs /dev/sda3 rw\n",
	  PART("8:1", "sda", "8:0", "sda1") PART("8:2", "sda", "8:0", "sda2")
	  PART("8:3", "sda", "8:0", "sda3"),
	  { 0 }, "/home /", "/boot/efi=unsupported" },
	{ "mounts below mounts: the last mounted first, the root last",
	  "27 1 8:2 / / rw - ext4 /dev/sda2 rw\n28 27 8:3 / /var rw - ext4 /dev/sda3 rw\n"
	  "29 28 8:4 / /var/log rw - ext4 /dev/sda4 rw\n",
	  DISK("8:2", "sda2") DISK("8:3", "sda3") DISK("8:4", "sda4"),
	  { 0 }, "/var/log+/var /", "" },
	{ "LVM on two disks",
	  "27 1 253:0 / / rw - xfs /dev/mapper/vg-root rw\n"
	  "28 27 253:1 / /srv rw - xfs /dev/mapper/vg-srv rw\n28 27 8:1 / /boot rw - xfs "
	  "/dev/sda1 rw\n",
	  DM("253:0", "dm-0", "sda2", "8:2") DM("253:1", "dm-1", "sdb", "8:16")
	  PART("8:2", "sda", "8:0", "sda2") PART("8:1", "sda", "8:0", "sda1") DISK("8:16", "sdb"),
	  { 0 }, "/boot+/srv /", "" },
	{ "dm-crypt on md on two partitions",
	  "27 1 253:3 / / rw - ext4 /dev/mapper/crypt rw\n28 27 9:0 / /data rw - ext4 /dev/md0 "
	  "rw\n",
	  DM("253:3", "dm-3", "md1", "9:1")
	  "/sys/devices/virtual/block/md1/slaves/sda1/dev 8:1\n"
	  "/sys/devices/virtual/block/md1/slaves/sdb1/dev 8:17\n"
	  "/sys/dev/block/9:1 -> /sys/devices/virtual/block/md1\n"
	  "/sys/devices/virtual/block/md1/dev 9:1\n" DISK("9:0", "md0")
	  PART("8:1", "sda", "8:0", "sda1") PART("8:17", "sdb", "8:16", "sdb1"),
	  { 0 }, "/data /", "" },
	{ "btrfs on two disks, several subvolumes",
	  "27 1 0:30 /@ / rw - btrfs /dev/sda2 rw,subvol=/@\n"
	  "28 27 0:30 /@home /home rw - btrfs /dev/sda2 rw,subvol=/@home\n"
	  "29 27 0:30 / /top rw - btrfs /dev/sda2 rw,subvol=/\n",
	  DISK("8:2", "sda2") DISK("8:16", "sdb")
	  "/sys/fs/btrfs/features/x 1\n"
	  "/sys/fs/btrfs/uuid-1/devices/sda2/dev 8:2\n/sys/fs/btrfs/uuid-1/devices/sdb/dev 8:16\n",
	  { 0 }, "/top", "/=same /home=same" },
	{ "btrfs whose second disk is a loop device",
	  "27 1 8:1 / / rw - ext4 /dev/sda1 rw\n28 27 8:3 / /img rw - xfs /dev/sda3 rw\n"
	  "26 27 0:30 / /b rw - btrfs /dev/sda2 rw\n",
	  DISK("8:1", "sda1") DISK("8:2", "sda2") DISK("8:3", "sda3")
	  LOOP("7:0", "loop0", "/img/disk.img")
	  "/sys/fs/btrfs/other/devices/sdz/dev 65:0\n"
	  "/sys/fs/btrfs/uuid-1/devices/sda2/dev 8:2\n/sys/fs/btrfs/uuid-1/devices/loop0/dev 7:0\n",
	  { 0 }, "/b /img /", "" },
	{ "a loop device over a file, mounted before what it lies in",
	  "27 1 8:1 / / rw - ext4 /dev/sda1 rw\n28 27 7:0 / /mnt rw - ext4 /dev/loop0 rw\n"
	  "29 27 8:2 / /images rw - xfs /dev/sda2 rw\n",
	  DISK("8:1", "sda1") DISK("8:2", "sda2") LOOP("7:0", "loop0", "/images/a b.img"),
	  { 0 }, "/mnt /images /", "" },
	{ "loops in loops, and LVM and crypt between",
	  "27 1 8:1 / / rw - ext4 /dev/sda1 rw\n"
	  "28 27 253:1 / /inner rw - ext4 /dev/mapper/inner rw\n"
	  "29 27 7:0 / /middle rw - xfs /dev/loop0 rw\n"
	  "30 27 8:2 / /outer rw - xfs /dev/sda2 rw\n",
	  DISK("8:1", "sda1") DISK("8:2", "sda2") LOOP("7:0", "loop0", "/outer/m.img")
	  DM("253:1", "dm-1", "dm-0", "253:0") DM("253:0", "dm-0", "loop1", "7:1")
	  LOOP("7:1", "loop1", "/middle/dir/i.img"),
	  { 0 }, "/inner /middle /outer /", "" },
	{ "a loop in one that is not frozen, which lies in one that is",
	  "27 1 8:1 / / rw - ext4 /dev/sda1 rw\n28 27 7:1 / /inner rw - ext4 /dev/loop1 rw\n"
	  "29 27 7:0 / /middle rw - vfat /dev/loop0 rw\n30 27 8:2 / /outer rw - xfs /dev/sda2 rw\n",
	  DISK("8:1", "sda1") DISK("8:2", "sda2") LOOP("7:0", "loop0", "/outer/m.img")
	  LOOP("7:1", "loop1", "/middle/i.img"),
	  { 0 }, "/inner /outer /", "/middle=unsupported" },
	{ "a partition of a loop device",
	  "27 1 8:1 / / rw - ext4 /dev/sda1 rw\n28 27 259:0 / /p rw - ext4 /dev/loop0p1 rw\n"
	  "29 27 8:2 / /images rw - xfs /dev/sda2 rw\n",
	  DISK("8:1", "sda1") DISK("8:2", "sda2") LOOP("7:0", "loop0", "/images/p.img")
	  "/sys/dev/block/259:0 -> /sys/devices/virtual/block/loop0/loop0p1\n"
	  "/sys/devices/virtual/block/loop0/loop0p1/dev 259:0\n"
	  "/sys/devices/virtual/block/loop0/loop0p1/partition 1\n",
	  { 0 }, "/p /images /", "" },
	{ "a live system: the root lies in a file of another",
	  "27 1 7:0 / / rw - ext4 /dev/loop0 rw\n28 27 8:1 / /run/medium rw - ext4 /dev/sda1 rw\n",
	  DISK("8:1", "sda1") LOOP("7:0", "loop0", "/run/medium/root.img"),
	  { 0 }, "/ /run/medium", "" },
	{ "a file that lies in itself, which cannot be",
	  "27 1 7:0 / / rw - ext4 /dev/loop0 rw\n28 27 7:1 / /a rw - ext4 /dev/loop1 rw\n"
	  "29 27 7:2 / /b rw - ext4 /dev/loop2 rw\n",
	  LOOP("7:0", "loop0", "/x") LOOP("7:1", "loop1", "/b/y") LOOP("7:2", "loop2", "/a/z"),
	  { 0 }, "/b /a /", "" },
	{ "a device that stands on itself",
	  "27 1 253:0 / / rw - ext4 /dev/dm-0 rw\n", DM("253:0", "dm-0", "dm-0", "253:0"),
	  { 0 }, "/", "" },
	{ "bind mounts, of a directory and of a file",
	  "27 1 8:1 / / rw - ext4 /dev/sda1 rw\n28 27 8:2 /www /srv/www rw - xfs /dev/sda2 rw\n"
	  "29 27 8:2 / /data rw - xfs /dev/sda2 rw\n30 27 8:1 /etc/hosts /mnt/hosts ro - ext4 "
	  "/dev/sda1 rw\n",
	  DISK("8:1", "sda1") DISK("8:2", "sda2"),
	  { 0 }, "/data /", "/srv/www=same /mnt/hosts=same" },
	{ "containers", VIRTUAL
	  "27 1 8:1 / / rw shared:1 - ext4 /dev/sda1 rw\n"
	  "90 27 0:60 / /var/lib/docker/overlay2/x/merged rw - overlay none rw,lowerdir=/l\n"
	  "91 27 0:61 / /var/lib/containers/y/shm rw - tmpfs shm rw,size=64000k\n"
	  "92 27 0:4 net:[4026532281] /run/docker/netns/z rw - nsfs none rw\n"
	  "93 27 8:1 /var/lib/kubelet/a /var/lib/kubelet/pods/b rw - ext4 /dev/sda1 rw\n"
	  "94 27 7:0 / /snap/core/1 ro - squashfs /dev/loop0 ro\n",
	  DISK("8:1", "sda1") LOOP("7:0", "loop0", "/var/lib/snapd/snaps/core_1.snap"),
	  { 0 }, "/", "/var/lib/docker/overlay2/x/merged=overlay /var/lib/kubelet/pods/b=same "
	  "/snap/core/1=read-only" },
	{ "network file systems, and FUSE",
	  "27 1 8:1 / / rw - ext4 /dev/sda1 rw\n28 27 0:50 / /nfs rw - nfs4 srv:/a rw\n"
	  "29 27 0:51 / /cifs rw - cifs //srv/a rw\n30 27 0:52 / /gvfs rw - fuse.gvfsd-fuse "
	  "gvfsd-fuse rw\n"
	  "31 27 8:2 / /ntfs rw - fuseblk /dev/sda2 rw\n32 27 0:53 / /9 rw - 9p tag rw\n"
	  "33 27 0:54 / /ceph rw - ceph 10.0.0.1:/ rw\n34 27 0:55 / /auto rw - autofs systemd-1 "
	  "rw\n",
	  DISK("8:1", "sda1") DISK("8:2", "sda2"),
	  { 0 }, "/", "/nfs=network /cifs=network /gvfs=fuse /ntfs=fuse /9=network /ceph=network" },
	{ "a loop device whose file is the network's",
	  "27 1 8:1 / / rw - ext4 /dev/sda1 rw\n28 27 0:50 / /nfs rw - nfs4 srv:/a rw\n"
	  "29 27 7:0 / /mnt rw - ext4 /dev/loop0 rw\n",
	  DISK("8:1", "sda1") LOOP("7:0", "loop0", "/nfs/a.img"),
	  { 0 }, "/", "/nfs=network /mnt=remote" },
	{ "iSCSI, also below LVM; nbd and ublk",
	  "27 1 8:1 / / rw - ext4 /dev/sda1 rw\n28 27 8:32 / /iscsi rw - xfs /dev/sdc rw\n"
	  "29 27 253:0 / /lv rw - xfs /dev/mapper/a rw\n30 27 43:0 / /nbd rw - ext4 /dev/nbd0 rw\n"
	  "31 27 259:1 / /ublk rw - ext4 /dev/ublkb0 rw\n32 27 252:0 / /rbd rw - ext4 /dev/rbd0 "
	  "rw\n",
	  DISK("8:1", "sda1")
	  "/sys/dev/block/8:32 -> "
	  "/sys/devices/platform/host2/session1/target2:0:0/2:0:0:1/block/sdc\n"
	  "/sys/devices/platform/host2/session1/target2:0:0/2:0:0:1/block/sdc/dev 8:32\n"
	  DM("253:0", "dm-0", "sdc", "8:32") DISK("43:0", "nbd0") DISK("259:1", "ublkb0")
	  DISK("252:0", "rbd0"),
	  { 0 }, "/", "/iscsi=remote /lv=remote /nbd=remote /ublk=remote /rbd=remote" },
	{ "the same, wanted all the same",
	  "27 1 8:1 / / rw - ext4 /dev/sda1 rw\n30 27 43:0 / /nbd rw - ext4 /dev/nbd0 rw\n"
	  "31 27 8:9 / /cluster rw - gfs2 /dev/sda9 rw\n",
	  DISK("8:1", "sda1") DISK("43:0", "nbd0") DISK("8:9", "sda9"),
	  { .remote = true }, "/cluster+/nbd /", "" },
	{ "a cluster's file system", "27 1 8:9 / / rw - ocfs2 /dev/sda9 rw\n", DISK("8:9", "sda9"),
	  { 0 }, "", "/=remote" },
	{ "NVMe, and NVMe by the network",
	  "27 1 259:1 / / rw - ext4 /dev/nvme0n1 rw\n28 27 259:2 / /far rw - ext4 /dev/nvme1n1 "
	  "rw\n",
	  DISK("259:1", "nvme0n1")
	  "/sys/dev/block/259:2 -> /sys/devices/virtual/nvme-fabrics/ctl/nvme1/nvme1n1\n"
	  "/sys/devices/virtual/nvme-fabrics/ctl/nvme1/nvme1n1/dev 259:2\n",
	  { 0 }, "/", "/far=remote" },
	{ "what begins like a remote device",
	  "27 1 8:1 / / rw - ext4 /dev/nbda rw\n28 27 8:2 / /x rw - ext4 /dev/y rw\n",
	  DISK("8:1", "nbda") "/sys/dev/block/8:2 -> /sys/devices/session/block/y\n"
	  "/sys/devices/session/block/y/dev 8:2\n",
	  { 0 }, "/x /", "" },
	{ "ZFS, tmpfs and a read-only disk",
	  "27 1 8:1 / / rw - ext4 /dev/sda1 rw\n28 27 0:44 / /tank rw - zfs tank rw\n"
	  "29 27 8:2 / /cd ro - iso9660 /dev/sr0 ro\n" VIRTUAL,
	  DISK("8:1", "sda1") DISK("8:2", "sr0"), { 0 }, "/", "/tank=unsupported /cd=read-only" },
	{ "bcachefs on two disks, one of the network's",
	  "27 1 0:40 / / rw - bcachefs /dev/sda:/dev/nbd1 rw\n", DISK("8:0", "sda")
	  DISK("43:1", "nbd1"), { 0 }, "", "/=remote" },
	{ "patterns: by mount",
	  "27 1 8:1 / / rw - ext4 /dev/sda1 rw\n28 27 8:2 / /data rw - xfs /dev/sda2 rw\n"
	  "29 27 8:3 / /data/tmp rw - xfs /dev/sda3 rw\n",
	  DISK("8:1", "sda1") DISK("8:2", "sda2") DISK("8:3", "sda3"),
	  { .exclude = "/nothing  /data/*" }, "/data /", "/data/tmp=excluded" },
	{ "patterns: by type and by device, in and out",
	  "27 1 8:1 / / rw - ext4 /dev/sda1 rw\n28 27 8:2 / /data rw - xfs /dev/sda2 rw\n"
	  "29 27 8:3 / /more rw - xfs /dev/sda3 rw\n",
	  DISK("8:1", "sda1") DISK("8:2", "sda2") DISK("8:3", "sda3"),
	  { .include = "type:xfs", .exclude = "device:/dev/sda3" }, "/data",
	  "/=excluded /more=excluded" },
	{ "patterns: by any mount of a file system",
	  "27 1 8:1 / / rw - ext4 /dev/sda1 rw\n28 27 8:1 /b /bind rw - ext4 /dev/sda1 rw\n",
	  DISK("8:1", "sda1"), { .exclude = "/bind" }, "", "/=excluded /bind=same" },
	{ "a device that sysfs does not know is tried all the same",
	  "27 1 8:1 / / rw - ext4 /dev/sda1 rw\n", "", { 0 }, "/", "" },
	{ "a root that is mounted last",
	  "28 27 8:2 / /boot rw - ext4 /dev/sda2 rw\n27 1 8:1 / / rw - ext4 /dev/sda1 rw\n",
	  DISK("8:1", "sda1") DISK("8:2", "sda2"), { 0 }, "/boot /", "" },
	{ "a file beside a mount of nearly its name",
	  "27 1 8:1 / / rw - ext4 /dev/sda1 rw\n28 27 7:0 / /mnt rw - ext4 /dev/loop0 rw\n"
	  "29 27 8:2 / /images rw - xfs /dev/sda2 rw\n30 27 8:3 / /i rw - xfs /dev/sda3 rw\n",
	  DISK("8:1", "sda1") DISK("8:2", "sda2") DISK("8:3", "sda3")
	  LOOP("7:0", "loop0", "/images-old/a.img"),
	  { 0 }, "/i+/images+/mnt /", "" },
	{ "a loop device whose file is a process'",
	  "27 1 8:1 / / rw - ext4 /dev/sda1 rw\n28 27 0:50 / /f rw - fuse.sshfs x rw\n"
	  "29 27 7:0 / /mnt rw - ext4 /dev/loop0 rw\n",
	  DISK("8:1", "sda1") LOOP("7:0", "loop0", "/f/a.img"),
	  { 0 }, "/", "/f=fuse /mnt=remote" },
	{ "mounted as a whole twice: the first counts",
	  "27 1 8:1 / / rw - ext4 /dev/sda1 rw\n28 27 8:2 / /a rw - xfs /dev/sda2 rw\n"
	  "29 27 8:2 / /b rw - xfs /dev/sda2 rw\n",
	  DISK("8:1", "sda1") DISK("8:2", "sda2"), { 0 }, "/a /", "/b=same" },
	{ "the disks of another btrfs are not its own",
	  "27 1 0:30 / / rw - btrfs /dev/sda2 rw\n",
	  DISK("8:2", "sda2") DISK("43:0", "nbd0")
	  "/sys/fs/btrfs/a/devices/nbd0/dev 43:0\n/sys/fs/btrfs/b/devices/sda2/dev 8:2\n",
	  { 0 }, "/", "" },
	{ "nothing", "", "", { 0 }, "", "" },
};

static void plan_print(const struct vss_plan *plan, char *order, char *rest, size_t room)
{
	unsigned int level = 0;
	struct hvd_text text;
	size_t i;

	hvd_text_start(&text, order, room);
	for (i = 0; i < plan->nr_order; i++) {
		const struct vss_item *item = &plan->items[plan->order[i]];

		hvd_text_addf(&text, "%s%s", !i ? "" : item->level == level ? "+" : " ",
			      item->mount.point);
		level = item->level;
	}
	hvd_text_start(&text, rest, room);
	for (i = 0; i < plan->nr_items; i++)
		if (plan->items[i].verdict != VSS_FREEZE && plan->items[i].verdict != VSS_VIRTUAL)
			hvd_text_addf(&text, "%s%s=%s", text.len ? " " : "",
				      plan->items[i].mount.point,
				      vss_plan_verdict(plan->items[i].verdict));
}

static void test_systems(void)
{
	char order[512], rest[512];
	struct vss_plan plan;
	size_t i;

	for (i = 0; i < sizeof(systems) / sizeof(systems[0]); i++) {
		struct vss_sysfs sysfs = answers(systems[i].devices);

		tap_is_int(vss_plan_make(&plan, systems[i].mounts, &sysfs, &systems[i].choice), 0,
			   "%s", systems[i].name);
		plan_print(&plan, order, rest, sizeof(order));
		tap_is_str(order, systems[i].order, "%s: order", systems[i].name);
		tap_is_str(rest, systems[i].rest, "%s: the rest", systems[i].name);
		vss_plan_free(&plan);
	}
}

static void test_bad(void)
{
	struct vss_sysfs sysfs = answers("");
	const struct vss_choice choice = { 0 };
	struct vss_plan plan;

	tap_is_int(vss_plan_make(&plan, "27 1 8:1 / / rw - ext4 /dev/sda1 rw\nnonsense\n", &sysfs,
				 &choice), -EBADMSG, "a line that cannot be read fails all of it");
	vss_plan_free(&plan);
}

/* More devices than are looked at: it is not frozen rather than frozen too early. */
static void test_deep(void)
{
	static char devices[65536];
	const struct vss_choice choice = { 0 };
	struct vss_sysfs sysfs = answers(devices);
	struct hvd_text text;
	struct vss_plan plan;
	int i;

	hvd_text_start(&text, devices, sizeof(devices));
	for (i = 0; i < 100; i++)
		hvd_text_addf(&text, "/sys/dev/block/253:%d -> /sys/devices/virtual/block/dm-%d\n"
			      "/sys/devices/virtual/block/dm-%d/slaves/dm-%d/dev 253:%d\n", i, i, i,
			      i + 1, i + 1);
	vss_plan_make(&plan, "27 1 253:0 / / rw - ext4 /dev/dm-0 rw\n", &sysfs, &choice);
	tap_is_str(vss_plan_verdict(plan.items[0].verdict), "remote", "a stack without an end");
	tap_is_str(plan.items[0].why, "more than 64 devices", "and why");
	vss_plan_free(&plan);
}

/* Likewise more files. */
static void test_wide(void)
{
	static char devices[16384];
	const struct vss_choice choice = { 0 };
	struct vss_sysfs sysfs = answers(devices);
	struct hvd_text text;
	struct vss_plan plan;
	int i;

	hvd_text_start(&text, devices, sizeof(devices));
	hvd_text_addf(&text, "/sys/dev/block/253:0 -> /sys/v/dm-0\n");
	for (i = 0; i <= VSS_STACK_FILES; i++)
		hvd_text_addf(&text, "/sys/v/dm-0/slaves/loop%d/dev 7:%d\n"
			      "/sys/dev/block/7:%d -> /sys/v/loop%d\n"
			      "/sys/v/loop%d/loop/backing_file /x%d\n", i, i, i, i, i, i);
	vss_plan_make(&plan, "27 1 253:0 / / rw - ext4 /dev/dm-0 rw\n", &sysfs, &choice);
	tap_is_str(plan.items[0].why, "more than 8 files", "a stack of many files");
	vss_plan_free(&plan);
}

static void test_drop(void)
{
	struct vss_sysfs sysfs = answers("");
	const struct vss_choice choice = { 0 };
	char order[128], rest[128];
	struct vss_plan plan;

	vss_plan_make(&plan, "1 0 8:1 / / rw - ext4 a rw\n2 1 8:2 / /b rw - ext4 b rw\n"
		      "3 1 8:3 / /c rw - ext4 c rw\n", &sysfs, &choice);
	vss_plan_drop(&plan, 1, VSS_BUSY, "somebody else");
	plan_print(&plan, order, rest, sizeof(order));
	tap_is_str(order, "/c /", "one that is dropped is not in the order");
	tap_is_str(rest, "/b=busy", "but among the rest");
	vss_plan_drop(&plan, 1, VSS_BUSY, "");
	vss_plan_drop(&plan, 0, VSS_BUSY, "");
	tap_is_int((long long)plan.nr_order, 0, "nor are all");
	vss_plan_free(&plan);
}

/* This system's own; what it is depends on where the test runs. */
static void test_system(void)
{
	const struct vss_choice choice = { .remote = true };
	struct vss_plan plan;
	size_t i, roots = 0;

	tap_is_int(vss_plan_system(&plan, &choice), 0, "this system has a plan");
	for (i = 0; i < plan.nr_items; i++)
		roots += !strcmp(plan.items[i].mount.point, "/");
	tap_ok(roots, "its root is in it");
	if (plan.nr_order) {
		int fd = vss_plan_open(&plan, plan.order[0]);

		tap_ok(fd >= 0 || fd == -EXDEV || fd == -EACCES, "what is to be frozen can be "
		       "opened");
	}
	vss_plan_free(&plan);
}

int main(void)
{
	test_lines();
	test_systems();
	test_bad();
	test_deep();
	test_wide();
	test_drop();
	test_system();
	return tap_done();
}
