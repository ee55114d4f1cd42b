/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sandbox.h"

#include <errno.h>
#include <sched.h>
#include <seccomp.h>
#include <string.h>
#include <sys/prctl.h>

#include "util/bits.h"
#include "util/error.h"
#include "util/keyval.h"

/* Calls by name, as far as the architecture has them. */
static const char *const obsolete_calls[] = {"_sysctl",
                                             "afs_syscall",
                                             "bdflush",
                                             "break",
                                             "create_module",
                                             "ftime",
                                             "get_kernel_syms",
                                             "getpmsg",
                                             "gtty",
                                             "idle",
                                             "lock",
                                             "mpx",
                                             "prof",
                                             "profil",
                                             "putpmsg",
                                             "query_module",
                                             "readdir",
                                             "security",
                                             "stty",
                                             "sysfs",
                                             "tuxcall",
                                             "ulimit",
                                             "uselib",
                                             "ustat",
                                             "vserver",
                                             NULL};

static const char *const privilege_calls[] = {
    "setuid",    "setgid",    "setpgid",  "setsid",   "setreuid",  "setregid",
    "setresuid", "setresgid", "setfsuid", "setfsgid", "setgroups", NULL};

static const char *const spawn_calls[] = {"fork", "vfork", "execve", "execveat", NULL};

static const char *const resource_calls[] = {"setpriority",
                                             "sched_setparam",
                                             "sched_setscheduler",
                                             "sched_setaffinity",
                                             "sched_setattr",
                                             "ioprio_set",
                                             NULL};

static bool is_denied(const KeyvalList *rules, const char *key)
{
    return g_strcmp0(keyval_get(rules, key), "deny") == 0;
}

static int deny_calls(scmp_filter_ctx filter, const char *const *names)
{
    for (; *names; names++) {
        int number = seccomp_syscall_resolve_name(*names);
        int ret = number == __NR_SCMP_ERROR
                      ? 0
                      : seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), number, 0);

        if (ret < 0) {
            return ret;
        }
    }
    return 0;
}

/*
 * New threads are needed, new processes are not.  The flags of clone3 lie in memory where
 * a filter cannot look, so it is made unknown and the C library falls back to clone.
 */
static int deny_spawn(scmp_filter_ctx filter)
{
    int ret = deny_calls(filter, spawn_calls);

    if (ret == 0) {
        ret = seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
    }
    return ret < 0 ? ret
                   : seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(clone), 1,
                                      SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD, 0));
}

static int add_rules(scmp_filter_ctx filter, const KeyvalList *rules)
{
    int ret = 0;

    if (!keyval_get(rules, "obsolete") || is_denied(rules, "obsolete")) {
        ret = deny_calls(filter, obsolete_calls);
    }
    if (ret == 0 && is_denied(rules, "elevateprivileges")) {
        ret = deny_calls(filter, privilege_calls);
    }
    if (ret == 0 && is_denied(rules, "spawn")) {
        ret = deny_spawn(filter);
    }
    if (ret == 0 && is_denied(rules, "resourcecontrol")) {
        ret = deny_calls(filter, resource_calls);
    }
    return ret;
}

bool sandbox_enter(const KeyvalList *rules, GError **errp)
{
    scmp_filter_ctx filter;
    int ret;

    if (!rules) {
        return true;
    }
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0) {
        error_set_errno(errp, errno, "-sandbox: cannot give up new privileges");
        return false;
    }
    filter = seccomp_init(SCMP_ACT_ALLOW);
    if (!filter) {
        error_set(errp, "-sandbox: cannot make a filter");
        return false;
    }
    /* Threads that exist already are filtered too. */
    ret = seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1);
    if (ret == 0) {
        ret = add_rules(filter, rules);
    }
    if (ret == 0) {
        ret = seccomp_load(filter);
    }
    seccomp_release(filter);
    if (ret < 0) {
        error_set_errno(errp, -ret, "-sandbox: cannot load the filter");
        return false;
    }
    return true;
}
