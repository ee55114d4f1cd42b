/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "target/arm-id-registers.h"

#include <inttypes.h>
#include <string.h>

#include "target/arm-registers.h"
#include "target/contract-check.h"
#include "util/bits.h"
#include "util/error.h"
#include "util/json.h"
#include "util/number.h"

/* The upper half of a register's number: arm64, its width, its class. */
#define SYSREG_U64   UINT64_C(0x603000000013)
#define CCSIDR_U32   UINT64_C(0x602000000011)
#define FIRMWARE_U64 UINT64_C(0x603000000014)
#define FEATURE_U64  UINT64_C(0x603000000016)

#define SYS ARM_SYSREG

#define FIELD_BITS 4
#define FIELDS     16
#define NAMED_MAX  6 /* what a message names; the others are counted */

/* System registers beside the space of the ID registers. */
static const unsigned other_rows[] = {
    SYS(3, 0, 0, 0, 0), /* MIDR_EL1 */
    SYS(3, 0, 0, 0, 6), /* REVIDR_EL1 */
    SYS(3, 1, 0, 0, 1), /* CLIDR_EL1 */
    SYS(3, 1, 0, 0, 7), /* AIDR_EL1 */
    SYS(3, 3, 0, 0, 1), /* CTR_EL0 */
};

/*
 * ID registers that are fields of 4 bits, and the fields' names, bits 3:0 first.
 * Source: Arm Architecture Reference Manual, D24.2 (AArch64) and G8.2 (AArch32).
 */
/* clang-format off */
static const struct {
    unsigned number;
    const char *fields[FIELDS];
} field_rows[] = {
    {SYS(3, 0, 0, 1, 0), /* ID_PFR0_EL1 */
     {"State0", "State1", "State2", "State3", "CSV2", "AMU", "DIT", "RAS"}},
    {SYS(3, 0, 0, 1, 1), /* ID_PFR1_EL1 */
     {"ProgMod", "Security", "MProgMod", "Virtualization", "GenTimer", "Sec_frac",
      "Virt_frac", "GIC"}},
    {SYS(3, 0, 0, 1, 2), /* ID_DFR0_EL1 */
     {"CopDbg", "CopSDbg", "MMapDbg", "CopTrc", "MMapTrc", "MProfDbg", "PerfMon",
      "TraceFilt"}},
    {SYS(3, 0, 0, 3, 4), /* ID_PFR2_EL1 */
     {"CSV3", "SSBS", "RAS_frac"}},
    {SYS(3, 0, 0, 4, 0), /* ID_AA64PFR0_EL1 */
     {"EL0", "EL1", "EL2", "EL3", "FP", "AdvSIMD", "GIC", "RAS", "SVE", "SEL2", "MPAM",
      "AMU", "DIT", "RME", "CSV2", "CSV3"}},
    {SYS(3, 0, 0, 4, 1), /* ID_AA64PFR1_EL1 */
     {"BT", "SSBS", "MTE", "RAS_frac", "MPAM_frac", NULL, "SME", "RNDR_trap", "CSV2_frac",
      "NMI", "MTE_frac", "GCS", "THE", "MTEX", "DF2", "PFAR"}},
    {SYS(3, 0, 0, 4, 4), /* ID_AA64ZFR0_EL1 */
     {"SVEver", "AES", NULL, NULL, "BitPerm", "BF16", "B16B16", NULL, "SHA3", NULL, "SM4",
      "I8MM", NULL, "F32MM", "F64MM"}},
    {SYS(3, 0, 0, 5, 0), /* ID_AA64DFR0_EL1 */
     {"DebugVer", "TraceVer", "PMUVer", "BRPs", "PMSS", "WRPs", "SEBEP", "CTX_CMPs",
      "PMSVer", "DoubleLock", "TraceFilt", "TraceBuffer", "MTPMU", "BRBE", "ExtTrcBuff",
      "HPMN0"}},
    {SYS(3, 0, 0, 6, 0), /* ID_AA64ISAR0_EL1 */
     {NULL, "AES", "SHA1", "SHA2", "CRC32", "Atomic", "TME", "RDM", "SHA3", "SM3", "SM4",
      "DP", "FHM", "TS", "TLB", "RNDR"}},
    {SYS(3, 0, 0, 6, 1), /* ID_AA64ISAR1_EL1 */
     {"DPB", "APA", "API", "JSCVT", "FCMA", "LRCPC", "GPA", "GPI", "FRINTTS", "SB",
      "SPECRES", "BF16", "DGH", "I8MM", "XS", "LS64"}},
    {SYS(3, 0, 0, 6, 2), /* ID_AA64ISAR2_EL1 */
     {"WFxT", "RPRES", "GPA3", "APA3", "MOPS", "BC", "PAC_frac", "CLRBHB", "SYSREG_128",
      "SYSINSTR_128", "PRFMSLC", NULL, "RPRFM", "CSSC", "LUT", "ATS1A"}},
    {SYS(3, 0, 0, 7, 0), /* ID_AA64MMFR0_EL1 */
     {"PARange", "ASIDBits", "BigEnd", "SNSMem", "BigEndEL0", "TGran16", "TGran64",
      "TGran4", "TGran16_2", "TGran64_2", "TGran4_2", "ExS", NULL, NULL, "FGT", "ECV"}},
    {SYS(3, 0, 0, 7, 1), /* ID_AA64MMFR1_EL1 */
     {"HAFDBS", "VMIDBits", "VH", "HPDS", "LO", "PAN", "SpecSEI", "XNX", "TWED", "ETS",
      "HCX", "AFP", "nTLBPA", "TIDCP1", "CMOW", "ECBHB"}},
    {SYS(3, 0, 0, 7, 2), /* ID_AA64MMFR2_EL1 */
     {"CnP", "UAO", "LSM", "IESB", "VARange", "CCIDX", "NV", "ST", "AT", "IDS", "FWB",
      NULL, "TTL", "BBM", "EVT", "E0PD"}},
    {SYS(3, 0, 0, 7, 3), /* ID_AA64MMFR3_EL1 */
     {"TCRX", "SCTLRX", "S1PIE", "S2PIE", "S1POE", "S2POE", "AIE", "MEC", "D128",
      "D128_2", "SNERR", "ANERR", NULL, "SDERR", "ADERR", "Spec_FPACC"}},
};
/* clang-format on */

/*
 * Fields that kernels once showed to guests although nothing stood behind them.  Newer
 * ones take them from such a guest, and show what is true.
 * Source: Linux arch/arm64/kvm/sys_regs.c, setters of ID_AA64PFR0_EL1, ID_AA64PFR1_EL1
 * and ID_AA64DFR0_EL1.
 */
#define ANY (1u << FIELD_BITS)
static const struct {
    unsigned number;
    unsigned field;
    unsigned value; /* of the guest */
} let_go_rows[] = {
    {SYS(3, 0, 0, 4, 0), 10, ANY}, /* MPAM: the registers never worked */
    {SYS(3, 0, 0, 4, 1), 4, ANY},  /* MPAM_frac */
    {SYS(3, 0, 0, 4, 1), 10, 0}, /* MTE_frac: asynchronous faults, where there are none */
    {SYS(3, 0, 0, 5, 0), 2, 15}, /* PMUVer: a PMU of the processor's own kind */
};

static unsigned number_of(uint64_t id)
{
    return (unsigned)bits_get(id, 0, 16);
}

ArmIdKind arm_id_kind(uint64_t id)
{
    unsigned number = number_of(id);

    switch (id >> 16) {
    case SYSREG_U64:
        for (unsigned i = 0; i < ARRAY_LEN(other_rows); i++) {
            if (other_rows[i] == number) {
                return ARM_ID_KEPT;
            }
        }
        return number >= SYS(3, 0, 0, 1, 0) && number <= SYS(3, 0, 0, 7, 7) ? ARM_ID_KEPT
                                                                            : ARM_ID_NONE;
    case CCSIDR_U32:
    case FIRMWARE_U64:
    case FEATURE_U64:
        return ARM_ID_TAKEN;
    default:
        return ARM_ID_NONE;
    }
}

/* ---- all vCPUs ---- */

GPtrArray *arm_id_sets_new(void)
{
    return g_ptr_array_new_with_free_func((GDestroyNotify)g_array_unref);
}

const GArray *arm_id_set_of(const GPtrArray *sets, unsigned index)
{
    return g_ptr_array_index(sets, MIN(index, sets->len - 1));
}

static bool is_same(const GArray *a, const GArray *b)
{
    return a->len == b->len &&
           (!a->len || memcmp(a->data, b->data, a->len * sizeof(ArmIdValue)) == 0);
}

json_object *arm_id_sets_format(const GPtrArray *sets)
{
    json_object *array = json_object_new_array();
    unsigned count = MIN(sets->len, 1u);

    for (unsigned i = 1; i < sets->len; i++) {
        if (!is_same(g_ptr_array_index(sets, 0), g_ptr_array_index(sets, i))) {
            count = sets->len;
        }
    }
    for (unsigned i = 0; i < count; i++) {
        const GArray *set = g_ptr_array_index(sets, i);
        json_object *object = json_object_new_object();

        for (unsigned j = 0; j < set->len; j++) {
            const ArmIdValue *row = &g_array_index(set, ArmIdValue, j);
            g_autofree char *key = g_strdup_printf("0x%" PRIx64, row->id);

            json_add_hex(object, key, row->value);
        }
        json_object_array_add(array, object);
    }
    return array;
}

static bool parse_id(const char *key, const char *where, uint64_t *ret, GError **errp)
{
    if (!g_str_has_prefix(key, "0x") || !number_parse_uint64(key, ret)) {
        error_set(errp, "%s: '%s' is no register's number", where, key);
        return false;
    }
    if (arm_id_kind(*ret) == ARM_ID_NONE) {
        g_autofree char *name = arm_register_name(*ret);

        error_set(errp, "%s: %s (%s) is no ID register", where, name, key);
        return false;
    }
    return true;
}

static GArray *parse_set(json_object *object, const char *where, GError **errp)
{
    g_autoptr(GArray) set = g_array_new(FALSE, FALSE, sizeof(ArmIdValue));

    if (!json_object_is_type(object, json_type_object)) {
        error_set(errp, "%s: an object is expected", where);
        return NULL;
    }
    json_object_object_foreach(object, key, value)
    {
        ArmIdValue row;

        (void)value; /* read by its name, for the message */
        if (!parse_id(key, where, &row.id, errp) ||
            !json_get_hex(object, where, key, &row.value, errp)) {
            return NULL;
        }
        if (row.id >> 16 == CCSIDR_U32 && row.value > UINT32_MAX) {
            error_set(errp, "%s.%s: 0x%" PRIx64 " is wider than the register", where, key,
                      row.value);
            return NULL;
        }
        g_array_append_val(set, row);
    }
    return g_steal_pointer(&set);
}

GPtrArray *arm_id_sets_parse(json_object *json, const char *where, unsigned vcpus,
                             GError **errp)
{
    size_t count =
        json_object_is_type(json, json_type_array) ? json_object_array_length(json) : 0;
    g_autoptr(GPtrArray) sets = arm_id_sets_new();

    if (!count || (count != 1 && count != vcpus)) {
        error_set(errp, "%s: the values of one or of all %u vCPUs are expected", where,
                  vcpus);
        return NULL;
    }
    for (size_t i = 0; i < count; i++) {
        g_autofree char *place = g_strdup_printf("%s[%zu]", where, i);
        GArray *set = parse_set(json_object_array_get_idx(json, i), place, errp);

        if (!set) {
            return NULL;
        }
        g_ptr_array_add(sets, set);
    }
    return g_steal_pointer(&sets);
}

/* ---- judging ---- */

static const char *const *find_fields(uint64_t id)
{
    for (unsigned i = 0; id >> 16 == SYSREG_U64 && i < ARRAY_LEN(field_rows); i++) {
        if (field_rows[i].number == number_of(id)) {
            return field_rows[i].fields;
        }
    }
    return NULL;
}

char *arm_id_fields(uint64_t id, uint64_t guest, uint64_t here)
{
    const char *const *names = find_fields(id);
    g_autoptr(GString) text = g_string_new(NULL);
    unsigned count = 0;

    for (unsigned i = 0; names && i < FIELDS; i++) {
        unsigned shift = i * FIELD_BITS;
        uint64_t a = bits_get(guest, shift, FIELD_BITS);
        uint64_t b = bits_get(here, shift, FIELD_BITS);

        if (a == b || count++ >= NAMED_MAX) {
            continue;
        }
        if (names[i]) {
            g_string_append_printf(text, "%s%s", text->len ? ", " : "", names[i]);
        } else {
            g_string_append_printf(text, "%sbits %u:%u", text->len ? ", " : "",
                                   shift + FIELD_BITS - 1, shift);
        }
        g_string_append_printf(text, " %" PRIu64 " (here %" PRIu64 ")", a, b);
    }
    if (count > NAMED_MAX) {
        g_string_append_printf(text, " and %u more", count - NAMED_MAX);
    }
    return count ? g_strdup(text->str) : NULL;
}

bool arm_id_is_kept(uint64_t id, uint64_t guest, uint64_t kept)
{
    for (unsigned i = 0; id >> 16 == SYSREG_U64 && i < ARRAY_LEN(let_go_rows); i++) {
        unsigned shift = let_go_rows[i].field * FIELD_BITS;
        uint64_t value = bits_get(guest, shift, FIELD_BITS);

        if (let_go_rows[i].number == number_of(id) &&
            (let_go_rows[i].value == ANY || let_go_rows[i].value == value)) {
            kept = bits_set(kept, shift, FIELD_BITS, value);
        }
    }
    return guest == kept;
}

static bool is_given(const ArmIdTrial *trial)
{
    return trial->is_listed && !trial->error &&
           (arm_id_is_kept(trial->id, trial->asked, trial->kept) ||
            arm_id_kind(trial->id) == ARM_ID_TAKEN);
}

/* Other vCPUs have the same registers: once is enough. */
static bool is_told(const Report *report, const char *name, const char *asked)
{
    for (unsigned i = 0; i < report_size(report); i++) {
        const Finding *finding = report_get(report, i);

        if (g_strcmp0(finding->row, name) == 0 && g_strcmp0(finding->asked, asked) == 0) {
            return true;
        }
    }
    return false;
}

void arm_id_judge(const ArmIdTrial *trial, unsigned vcpu, Report *report)
{
    g_autofree char *name = arm_register_name(trial->id);
    g_autofree char *asked = g_strdup_printf("0x%" PRIx64, trial->asked);
    g_autofree char *own = g_strdup_printf("0x%" PRIx64, trial->own);
    g_autofree char *kept = g_strdup_printf("0x%" PRIx64, trial->kept);
    g_autofree char *fields = arm_id_fields(trial->id, trial->asked, trial->kept);
    g_autofree char *detail = NULL;

    if (is_given(trial) || is_told(report, name, asked)) {
        return;
    }
    if (!trial->is_listed) {
        check_fail(report, CHECK_REGISTER_MISSING, name, asked, NULL, NULL);
        return;
    }
    detail = g_strdup_printf("vCPU %u: KVM on the host %s %s%s%s", vcpu,
                             trial->error ? "refuses" : "does not keep",
                             fields ? fields : "the value", trial->error ? ": " : "",
                             trial->error ? g_strerror(trial->error) : "");
    check_fail_as(
        report, CHECK_ID_REGISTER_DIFFERS,
        &(Finding){
            .row = name, .asked = asked, .offered = own, .given = kept, .cause = detail});
}
