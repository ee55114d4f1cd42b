/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "target/arm-registers.h"

#include <string.h>

#include "util/bits.h"
#include "util/json.h"

/* Classes of registers, bits 16 to 27 of a number.  Source: Linux uapi, asm/kvm.h. */
#define CLASS_CORE   0x10
#define CLASS_SYSREG 0x13

/* A class, its name, and what its numbers are counted in. */
static const struct {
    unsigned class;
    const char *name;
} class_rows[] = {
    {0x10, "core"},     {0x11, "ccsidr"}, {0x13, "sysreg"},
    {0x14, "firmware"}, {0x15, "sve"},    {0x16, "feature"},
};

/* Registers that follow one another; a name with %u is of more than one. */
typedef struct RegisterRow {
    const char *name;
    unsigned number; /* bits 0 to 15 */
    unsigned count, step;
} RegisterRow;

/* In words of 4 bytes within struct kvm_regs.  Source: Linux uapi, asm/kvm.h. */
static const RegisterRow core_rows[] = {
    {"x%u", 0, 31, 2},    {"sp", 62, 1, 2},     {"pc", 64, 1, 2},
    {"pstate", 66, 1, 2}, {"sp-el1", 68, 1, 2}, {"elr-el1", 70, 1, 2},
    {"spsr%u", 72, 5, 2}, {"v%u", 84, 32, 4},   {"fpsr", 212, 1, 1},
    {"fpcr", 213, 1, 1},
};

#define SYS ARM_SYSREG

/*
 * Source: Arm Architecture Reference Manual, D19 (system register encodings); for the
 * virtual timer Linux uapi, asm/kvm.h, where two numbers have each other's meaning.
 */
/* clang-format off */
static const RegisterRow sysreg_rows[] = {
    {"MDCCINT_EL1",      SYS(2, 0, 0, 2, 0),   1,  1},
    {"MDSCR_EL1",        SYS(2, 0, 0, 2, 2),   1,  1},
    {"DBGBVR%u_EL1",     SYS(2, 0, 0, 0, 4),   16, 8},
    {"DBGBCR%u_EL1",     SYS(2, 0, 0, 0, 5),   16, 8},
    {"DBGWVR%u_EL1",     SYS(2, 0, 0, 0, 6),   16, 8},
    {"DBGWCR%u_EL1",     SYS(2, 0, 0, 0, 7),   16, 8},
    {"OSLSR_EL1",        SYS(2, 0, 1, 1, 4),   1,  1},
    {"DBGVCR32_EL2",     SYS(2, 4, 0, 7, 0),   1,  1},
    {"MIDR_EL1",         SYS(3, 0, 0, 0, 0),   1,  1},
    {"MPIDR_EL1",        SYS(3, 0, 0, 0, 5),   1,  1},
    {"REVIDR_EL1",       SYS(3, 0, 0, 0, 6),   1,  1},
    {"ID_PFR0_EL1",      SYS(3, 0, 0, 1, 0),   1,  1},
    {"ID_PFR1_EL1",      SYS(3, 0, 0, 1, 1),   1,  1},
    {"ID_DFR0_EL1",      SYS(3, 0, 0, 1, 2),   1,  1},
    {"ID_AFR0_EL1",      SYS(3, 0, 0, 1, 3),   1,  1},
    {"ID_MMFR0_EL1",     SYS(3, 0, 0, 1, 4),   1,  1},
    {"ID_MMFR1_EL1",     SYS(3, 0, 0, 1, 5),   1,  1},
    {"ID_MMFR2_EL1",     SYS(3, 0, 0, 1, 6),   1,  1},
    {"ID_MMFR3_EL1",     SYS(3, 0, 0, 1, 7),   1,  1},
    {"ID_ISAR0_EL1",     SYS(3, 0, 0, 2, 0),   1,  1},
    {"ID_ISAR1_EL1",     SYS(3, 0, 0, 2, 1),   1,  1},
    {"ID_ISAR2_EL1",     SYS(3, 0, 0, 2, 2),   1,  1},
    {"ID_ISAR3_EL1",     SYS(3, 0, 0, 2, 3),   1,  1},
    {"ID_ISAR4_EL1",     SYS(3, 0, 0, 2, 4),   1,  1},
    {"ID_ISAR5_EL1",     SYS(3, 0, 0, 2, 5),   1,  1},
    {"ID_MMFR4_EL1",     SYS(3, 0, 0, 2, 6),   1,  1},
    {"ID_ISAR6_EL1",     SYS(3, 0, 0, 2, 7),   1,  1},
    {"MVFR0_EL1",        SYS(3, 0, 0, 3, 0),   1,  1},
    {"MVFR1_EL1",        SYS(3, 0, 0, 3, 1),   1,  1},
    {"MVFR2_EL1",        SYS(3, 0, 0, 3, 2),   1,  1},
    {"ID_PFR2_EL1",      SYS(3, 0, 0, 3, 4),   1,  1},
    {"ID_DFR1_EL1",      SYS(3, 0, 0, 3, 5),   1,  1},
    {"ID_MMFR5_EL1",     SYS(3, 0, 0, 3, 6),   1,  1},
    {"ID_AA64PFR0_EL1",  SYS(3, 0, 0, 4, 0),   1,  1},
    {"ID_AA64PFR1_EL1",  SYS(3, 0, 0, 4, 1),   1,  1},
    {"ID_AA64PFR2_EL1",  SYS(3, 0, 0, 4, 2),   1,  1},
    {"ID_AA64ZFR0_EL1",  SYS(3, 0, 0, 4, 4),   1,  1},
    {"ID_AA64SMFR0_EL1", SYS(3, 0, 0, 4, 5),   1,  1},
    {"ID_AA64FPFR0_EL1", SYS(3, 0, 0, 4, 7),   1,  1},
    {"ID_AA64DFR0_EL1",  SYS(3, 0, 0, 5, 0),   1,  1},
    {"ID_AA64DFR1_EL1",  SYS(3, 0, 0, 5, 1),   1,  1},
    {"ID_AA64AFR0_EL1",  SYS(3, 0, 0, 5, 4),   1,  1},
    {"ID_AA64AFR1_EL1",  SYS(3, 0, 0, 5, 5),   1,  1},
    {"ID_AA64ISAR0_EL1", SYS(3, 0, 0, 6, 0),   1,  1},
    {"ID_AA64ISAR1_EL1", SYS(3, 0, 0, 6, 1),   1,  1},
    {"ID_AA64ISAR2_EL1", SYS(3, 0, 0, 6, 2),   1,  1},
    {"ID_AA64ISAR3_EL1", SYS(3, 0, 0, 6, 3),   1,  1},
    {"ID_AA64MMFR0_EL1", SYS(3, 0, 0, 7, 0),   1,  1},
    {"ID_AA64MMFR1_EL1", SYS(3, 0, 0, 7, 1),   1,  1},
    {"ID_AA64MMFR2_EL1", SYS(3, 0, 0, 7, 2),   1,  1},
    {"ID_AA64MMFR3_EL1", SYS(3, 0, 0, 7, 3),   1,  1},
    {"ID_AA64MMFR4_EL1", SYS(3, 0, 0, 7, 4),   1,  1},
    {"SCTLR_EL1",        SYS(3, 0, 1, 0, 0),   1,  1},
    {"ACTLR_EL1",        SYS(3, 0, 1, 0, 1),   1,  1},
    {"CPACR_EL1",        SYS(3, 0, 1, 0, 2),   1,  1},
    {"ZCR_EL1",          SYS(3, 0, 1, 2, 0),   1,  1},
    {"TTBR0_EL1",        SYS(3, 0, 2, 0, 0),   1,  1},
    {"TTBR1_EL1",        SYS(3, 0, 2, 0, 1),   1,  1},
    {"TCR_EL1",          SYS(3, 0, 2, 0, 2),   1,  1},
    {"AFSR0_EL1",        SYS(3, 0, 5, 1, 0),   1,  1},
    {"AFSR1_EL1",        SYS(3, 0, 5, 1, 1),   1,  1},
    {"ESR_EL1",          SYS(3, 0, 5, 2, 0),   1,  1},
    {"FAR_EL1",          SYS(3, 0, 6, 0, 0),   1,  1},
    {"PAR_EL1",          SYS(3, 0, 7, 4, 0),   1,  1},
    {"PMINTENSET_EL1",   SYS(3, 0, 9, 14, 1),  1,  1},
    {"PMINTENCLR_EL1",   SYS(3, 0, 9, 14, 2),  1,  1},
    {"PMMIR_EL1",        SYS(3, 0, 9, 14, 6),  1,  1},
    {"MAIR_EL1",         SYS(3, 0, 10, 2, 0),  1,  1},
    {"AMAIR_EL1",        SYS(3, 0, 10, 3, 0),  1,  1},
    {"VBAR_EL1",         SYS(3, 0, 12, 0, 0),  1,  1},
    {"DISR_EL1",         SYS(3, 0, 12, 1, 1),  1,  1},
    {"CONTEXTIDR_EL1",   SYS(3, 0, 13, 0, 1),  1,  1},
    {"TPIDR_EL1",        SYS(3, 0, 13, 0, 4),  1,  1},
    {"CNTKCTL_EL1",      SYS(3, 0, 14, 1, 0),  1,  1},
    {"CLIDR_EL1",        SYS(3, 1, 0, 0, 1),   1,  1},
    {"AIDR_EL1",         SYS(3, 1, 0, 0, 7),   1,  1},
    {"CSSELR_EL1",       SYS(3, 2, 0, 0, 0),   1,  1},
    {"CTR_EL0",          SYS(3, 3, 0, 0, 1),   1,  1},
    {"PMCR_EL0",         SYS(3, 3, 9, 12, 0),  1,  1},
    {"PMCNTENSET_EL0",   SYS(3, 3, 9, 12, 1),  1,  1},
    {"PMCNTENCLR_EL0",   SYS(3, 3, 9, 12, 2),  1,  1},
    {"PMOVSCLR_EL0",     SYS(3, 3, 9, 12, 3),  1,  1},
    {"PMSWINC_EL0",      SYS(3, 3, 9, 12, 4),  1,  1},
    {"PMSELR_EL0",       SYS(3, 3, 9, 12, 5),  1,  1},
    {"PMCCNTR_EL0",      SYS(3, 3, 9, 13, 0),  1,  1},
    {"PMUSERENR_EL0",    SYS(3, 3, 9, 14, 0),  1,  1},
    {"PMOVSSET_EL0",     SYS(3, 3, 9, 14, 3),  1,  1},
    {"TPIDR_EL0",        SYS(3, 3, 13, 0, 2),  1,  1},
    {"TPIDRRO_EL0",      SYS(3, 3, 13, 0, 3),  1,  1},
    {"CNTPCT_EL0",       SYS(3, 3, 14, 0, 1),  1,  1},
    {"CNTV_CVAL_EL0",    SYS(3, 3, 14, 0, 2),  1,  1},
    {"CNTP_CTL_EL0",     SYS(3, 3, 14, 2, 1),  1,  1},
    {"CNTP_CVAL_EL0",    SYS(3, 3, 14, 2, 2),  1,  1},
    {"CNTV_CTL_EL0",     SYS(3, 3, 14, 3, 1),  1,  1},
    {"CNTVCT_EL0",       SYS(3, 3, 14, 3, 2),  1,  1},
    {"PMEVCNTR%u_EL0",   SYS(3, 3, 14, 8, 0),  31, 1},
    {"PMEVTYPER%u_EL0",  SYS(3, 3, 14, 12, 0), 31, 1},
    {"PMCCFILTR_EL0",    SYS(3, 3, 14, 15, 7), 1,  1},
    {"DACR32_EL2",       SYS(3, 4, 3, 0, 0),   1,  1},
    {"IFSR32_EL2",       SYS(3, 4, 5, 0, 1),   1,  1},
    {"FPEXC32_EL2",      SYS(3, 4, 5, 3, 0),   1,  1},
};
/* clang-format on */

/* The name of @number by the rows; NULL where it has none. */
static char *find_name(const RegisterRow *rows, unsigned count, unsigned number)
{
    for (unsigned i = 0; i < count; i++) {
        unsigned past = number - rows[i].number;

        if (number < rows[i].number || past % rows[i].step ||
            past / rows[i].step >= rows[i].count) {
            continue;
        }
        if (rows[i].count > 1) {
            const char *place = strchr(rows[i].name, '%');

            return g_strdup_printf("%.*s%u%s", (int)(place - rows[i].name), rows[i].name,
                                   past / rows[i].step, place + 2);
        }
        return g_strdup(rows[i].name);
    }
    return NULL;
}

static char *systematic_name(unsigned number)
{
    return g_strdup_printf("S%u_%u_C%u_C%u_%u", number >> 14, number >> 11 & 7,
                           number >> 7 & 15, number >> 3 & 15, number & 7);
}

char *arm_register_name(uint64_t id)
{
    unsigned class = (unsigned)bits_get(id, 16, 12);
    unsigned number = (unsigned)bits_get(id, 0, 16);
    char *name = class == CLASS_CORE ? find_name(core_rows, ARRAY_LEN(core_rows), number)
                 : class == CLASS_SYSREG
                     ? find_name(sysreg_rows, ARRAY_LEN(sysreg_rows), number)
                     : NULL;

    if (name) {
        return name;
    }
    if (class == CLASS_SYSREG) {
        return systematic_name(number);
    }
    for (unsigned i = 0; i < ARRAY_LEN(class_rows); i++) {
        if (class_rows[i].class == class) {
            return g_strdup_printf("%s-%u", class_rows[i].name, number);
        }
    }
    return g_strdup_printf("class-%x-%u", class, number);
}

/* Reads 0 for guests, and only newer kernels list it: nothing is lost without it. */
#define PMMIR_EL1 UINT64_C(0x603000000013c4f6)

/* What a message names; the others are counted. */
#define NAMED_MAX 6

static bool is_pmu(uint64_t id)
{
    g_autofree char *name = arm_register_name(id);

    return g_str_has_prefix(name, "PM");
}

void arm_registers_take(GArray *guest, const GArray *host, bool with_pmu)
{
    for (unsigned i = 0; i < host->len; i++) {
        uint64_t id = g_array_index(host, uint64_t, i);

        if (with_pmu || !is_pmu(id)) {
            g_array_append_val(guest, id);
        }
    }
}

char *arm_registers_missing(const GArray *guest, const GArray *host)
{
    g_autoptr(GString) text = g_string_new(NULL);
    unsigned at = 0, count = 0;

    if (!guest->len || !host->len) {
        return NULL;
    }
    for (unsigned i = 0; i < guest->len; i++) {
        uint64_t id = g_array_index(guest, uint64_t, i);

        while (at < host->len && g_array_index(host, uint64_t, at) < id) {
            at++;
        }
        if ((at < host->len && g_array_index(host, uint64_t, at) == id) ||
            id == PMMIR_EL1) {
            continue;
        }
        if (count++ < NAMED_MAX) {
            g_autofree char *name = arm_register_name(id);

            g_string_append_printf(text, "%s%s", text->len ? ", " : "", name);
        }
    }
    if (count > NAMED_MAX) {
        g_string_append_printf(text, " and %u more", count - NAMED_MAX);
    }
    return count ? g_strdup(text->str) : NULL;
}

static void describe(json_object *array, unsigned class, const RegisterRow *rows,
                     unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        json_object *row = json_object_new_object();

        json_add_string(row, "name", rows[i].name);
        json_add_hex(row, "number", (uint64_t) class << 16 | rows[i].number);
        json_add_uint(row, "count", rows[i].count);
        json_object_array_add(array, row);
    }
}

static json_object *registers_describe(void)
{
    json_object *array = json_object_new_array();

    describe(array, CLASS_CORE, core_rows, ARRAY_LEN(core_rows));
    describe(array, CLASS_SYSREG, sysreg_rows, ARRAY_LEN(sysreg_rows));
    return array;
}

static char *register_name(const void *context, uint32_t group, uint64_t number)
{
    (void)context;
    (void)group;
    return arm_register_name(number);
}

/* Source: Linux uapi, linux/kvm.h, KVM_REG_SIZE_MASK. */
static unsigned register_bytes(uint64_t number)
{
    return 1u << bits_get(number, 52, 4);
}

const StateList arm_registers_saved = {
    .section = "arm64-vcpu",
    .row = "regs",
    .number_bytes = sizeof(uint64_t),
    .bytes_of = register_bytes,
    .name = register_name,
    .describe = registers_describe,
};
