/*
 * query-vpmu and query-vpmu-compat where libvpmu was not there
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qapi/qapi-commands-vpmu.h"
#include "vpmu-contract.h"

void vpmu_contract_start(int argc, char **argv)
{
}

VpmuInfo *qmp_query_vpmu(Error **errp)
{
    error_setg(errp, "this QEMU was built without libvpmu");
    return NULL;
}

VpmuCompatInfo *qmp_query_vpmu_compat(const char *contract, Error **errp)
{
    error_setg(errp, "this QEMU was built without libvpmu");
    return NULL;
}
