/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What writing and reading a contract share, inside target/ only.
 */
#ifndef TARGET_COMMON_CONTRACT_JSON_H
#define TARGET_COMMON_CONTRACT_JSON_H

#include "target/contract-row.h"

/* contract_member_in - the name of @row's member in @section ("" is the contract itself),
 * or NULL. */
const char *contract_member_in(const ContractRow *row, const char *section);

/*
 * contract_format_body - everything but the digest; a new reference.
 * @read: the JSON that @contract was read from, whose members for readers of earlier
 *        versions stay as they are; or NULL
 */
json_object *contract_format_body(const CpuContract *contract, json_object *read);

/* contract_digest_of - of @body, which is changed on the way and says what @contract
 * does; the caller frees it. */
char *contract_digest_of(json_object *body, const CpuContract *contract);

#endif
