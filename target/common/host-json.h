/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The parts of a profile's JSON form that one architecture has. */
#ifndef TARGET_HOST_JSON_H
#define TARGET_HOST_JSON_H

#include "target/host-profile.h"

/* A profile never holds more than this many of anything. */
#define HOST_ITEMS_MAX 4096

/* x86_host_format, arm_host_format - the member "x86" or "arm"; a new reference. */
json_object *x86_host_format(const X86Host *host);
json_object *arm_host_format(const ArmHost *host);

/* x86_host_parse, arm_host_parse - from that member of @json, the whole profile. */
bool x86_host_parse(X86Host *host, json_object *json, GError **errp);
bool arm_host_parse(ArmHost *host, json_object *json, GError **errp);

#endif
