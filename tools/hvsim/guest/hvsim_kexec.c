// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Starts another kernel from this one, as kexec(8) does.
 *
 * usage: hvsim_kexec KERNEL INITRD [ARGUMENTS]
 *
 * KERNEL is a bzImage; ARGUMENTS are its command line, this kernel's own unless
 * given.  Returns only when something is wrong.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/reboot.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* As long as an x86 kernel takes. */
#define ARGUMENTS_MAX	2048

static _Noreturn void die(const char *what)
{
	fprintf(stderr, "hvsim_kexec: %s: %s\n", what, strerror(errno));
	exit(1);
}

static int file_open(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		die(path);
	return fd;
}

static void arguments_read(char *arguments)
{
	int fd = file_open("/proc/cmdline");
	ssize_t len = read(fd, arguments, ARGUMENTS_MAX - 1);

	if (len < 0)
		die("/proc/cmdline");
	arguments[len] = '\0';
	arguments[strcspn(arguments, "\n")] = '\0';
	close(fd);
}

int main(int argc, char **argv)
{
	char own[ARGUMENTS_MAX];
	const char *arguments = own;

	if (argc < 3 || argc > 4) {
		fprintf(stderr, "usage: hvsim_kexec KERNEL INITRD [ARGUMENTS]\n");
		return 2;
	}
	if (argc > 3)
		arguments = argv[3];
	else
		arguments_read(own);
	if (syscall(SYS_kexec_file_load, file_open(argv[1]), file_open(argv[2]),
		    strlen(arguments) + 1, arguments, 0UL) < 0)
		die("kexec_file_load");
	sync();
	syscall(SYS_reboot, LINUX_REBOOT_MAGIC1, LINUX_REBOOT_MAGIC2, LINUX_REBOOT_CMD_KEXEC, NULL);
	die("reboot");
}
