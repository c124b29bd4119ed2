/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * freeze_super() and thaw_super() are told who freezes since 6.6, and on whose behalf
 * since 6.16.  Kbuild looks into the kernel's headers which it is.
 */
#ifndef _COMPAT_LINUX_FS_H
#define _COMPAT_LINUX_FS_H

#include_next <linux/fs.h>

#if defined(HAVE_FREEZE_OWNER)
#define COMPAT_FREEZE(function, sb)	((function)(sb, FREEZE_HOLDER_USERSPACE, NULL))
#elif defined(HAVE_FREEZE_HOLDER)
#define COMPAT_FREEZE(function, sb)	((function)(sb, FREEZE_HOLDER_USERSPACE))
#else
#define COMPAT_FREEZE(function, sb)	((function)(sb))
#endif

/* As FIFREEZE does it, and so that FITHAW and SysRq-j undo it: 0, or a negative errno. */
static inline int compat_sb_freeze(struct super_block *sb)
{
	if (!sb->s_op->freeze_fs && !sb->s_op->freeze_super)
		return -EOPNOTSUPP;
	return sb->s_op->freeze_super ? COMPAT_FREEZE(sb->s_op->freeze_super, sb) :
					COMPAT_FREEZE(freeze_super, sb);
}

/* As FITHAW does it: 0, -EINVAL when it is not frozen, or what the file system says. */
static inline int compat_sb_thaw(struct super_block *sb)
{
	return sb->s_op->thaw_super ? COMPAT_FREEZE(sb->s_op->thaw_super, sb) :
				      COMPAT_FREEZE(thaw_super, sb);
}

#endif
