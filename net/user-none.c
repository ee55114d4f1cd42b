/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The user network of a program that was built without libslirp. */
#include "netdev-class.h"
#include "util/error.h"

static bool user_open(Netdev *netdev, GError **errp)
{
    (void)netdev;
    error_set(errp, "this program was built without libslirp; use stream with passt");
    return false;
}

static void user_close(Netdev *netdev)
{
    (void)netdev; /* it did not open */
}

const NetClass net_user_class = {
    .bytes = sizeof(Netdev), .open = user_open, .close = user_close};
