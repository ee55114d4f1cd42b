/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Settings of -netdev user. */
#ifndef NET_CONFIG_USER_H
#define NET_CONFIG_USER_H

#include "net/net.h"

typedef struct KeyvalList KeyvalList;

/* net_user_parse - of @list, whose lists it takes out. */
bool net_user_parse(NetUser *user, KeyvalList *list, GError **errp);

/* net_user_clear - what it owns. */
void net_user_clear(NetUser *user);

#endif
