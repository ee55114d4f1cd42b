/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The schema of a contract: one row for everything it says of a guest's CPU.
 *
 * A row has the name, where the value stands in a CpuContract, how it compares with what
 * a host offers and with another guest's, whom it binds, how it is written and shown.
 * Check, diff, arrival, baseline, ranking, JSON, the PMU table, QMP and the manual are
 * walks over the rows: a new fact about a CPU is one row.
 */
#ifndef TARGET_CONTRACT_ROW_H
#define TARGET_CONTRACT_ROW_H

#include "target/check-reason.h"
#include "target/cpu-contract.h"
#include "target/cpu-resolve.h"

typedef enum RowKind {
    ROW_SWITCH,  /* on or off */
    ROW_NUMBER,  /* an unsigned number */
    ROW_BITS,    /* things, a bit each */
    ROW_FEATURE, /* a bit or several with one name: on where all are there */
    ROW_FIELD,   /* a number in a field of a word; 0: none */
    ROW_CHOICE,  /* one of @names */
    ROW_TEXT,    /* char[], or char * */
    ROW_LIST,    /* seen by its text alone: what a guest has and the other lacks */
} RowKind;

/* Of rows; they say what a walk makes of one. */
enum {
    ROW_OF_PMU = 1 << 0,       /* no question where the host has no PMU */
    ROW_OF_BOARD = 1 << 1,     /* on arrival the header of the stream has it */
    ROW_OF_HOST = 1 << 2,      /* … the host judges alone, whatever the line says */
    ROW_IN_GROUP = 1 << 3,     /* compared with its group, not alone */
    ROW_UNSEEN = 1 << 4,       /* nothing the guest sees: not in the digest */
    ROW_HEX = 1 << 5,          /* shown in hexadecimal … */
    ROW_HEX_MEMBER = 1 << 6,   /* … and written so */
    ROW_OPTIONAL = 1 << 7,     /* not written where there is none */
    ROW_REPEATS = 1 << 8,      /* written, but another row holds it: they must agree */
    ROW_SPARES = 1 << 9,       /* a host with more is kept for guests with more */
    ROW_STAYS = 1 << 10,       /* a guest that has it goes to no other host */
    ROW_ZERO_IS_OFF = 1 << 11, /* shown as off where it is 0 */
    ROW_INTEL = 1 << 12,       /* in the PMU table of Intel's hosts alone */
    ROW_AMD = 1 << 13,         /* … of AMD's */
    ROW_WRITTEN = 1 << 14,     /* for readers of earlier versions; not read */
    ROW_PART = 1 << 15,        /* @get leaves out some of the bits in @place */
};

typedef struct ContractRow ContractRow;

struct ContractRow {
    const char *name; /* in findings: "pmu.gp-counters" */
    RowKind kind;
    Relation relation;   /* of a guest to a host's offer */
    Relation among;      /* to another guest's contract; RELATION_NONE: the same */
    size_t place, size;  /* in CpuContract; kinds with numbers: 1 to 8 bytes */
    uint64_t mask;       /* which bits there; 0: all */
    CheckReason reason;  /* why a host does not do … */
    CheckReason differs; /* … and another contract; 0: the same */
    /* The guests it binds; NULL: all.  What differs for others they keep, or with
     * @changes that is worth a warning. */
    bool (*binds)(const CpuContract *guest);
    CheckReason changes;
    /* The value, where it is not in @place alone. */
    uint64_t (*get)(const ContractRow *row, const CpuContract *contract);
    /* For people, where the kind does not say it; of a list what @beside lacks, NULL for
     * nothing.  The caller frees it. */
    char *(*text)(const CpuContract *contract, const CpuContract *beside);
    const char *const *names; /* of a ROW_CHOICE, @max of them and one */
    const void *feature;      /* the row of a list that this one expands, or NULL */
    const char *property;     /* of -cpu, by which a guest is started with less */
    size_t asked; /* what was said to it: uint64_t in an X86Cpu; 0: not there */
    unsigned flags;
    const char *member; /* in JSON: "pmu.gp-counters"; NULL: not written by itself */
    uint64_t max;       /* … and the greatest number to read there */
    const char *since;  /* machine version that came with the row; NULL: all have it */
    const char *label;  /* in the PMU table; NULL: not there */
    /* Columns of that table which are no property and no contract's; NULL: they are. */
    char *(*asked_text)(const Object *cpu, const CpuResolveInput *in);
    char *(*offered_text)(const CpuResolveInput *in);
    char *(*given_text)(const CpuResolveInput *in, const CpuContract *contract);
};

/* contract_row - row @i of contracts of @arch, in the order people see; NULL after the
 * last. */
const ContractRow *contract_row(TargetArch arch, unsigned i);

/* contract_pmu_row - whether there is a PMU: what findings about that point at. */
const ContractRow *contract_pmu_row(TargetArch arch);

/* contract_row_number - the value in @contract; of a text or a list 0. */
uint64_t contract_row_number(const ContractRow *row, const CpuContract *contract);

/* contract_row_set - put @value there; rows of kinds with numbers. */
void contract_row_set(const ContractRow *row, CpuContract *contract, uint64_t value);

/*
 * contract_row_text - the value for people; the caller frees it.  NULL: there is none.
 * @beside: the contract it is compared with, for lists; or NULL
 */
char *contract_row_text(const ContractRow *row, const CpuContract *contract,
                        const CpuContract *beside);

/* contract_row_string - of a ROW_TEXT: what is in @contract, or NULL. */
const char *contract_row_string(const ContractRow *row, const CpuContract *contract);

/* contract_row_equal - both have the same. */
bool contract_row_equal(const ContractRow *row, const CpuContract *a,
                        const CpuContract *b);

/* contract_row_is_of - guests of @contract's machine version have @row: elsewhere it is
 * neither written nor read, in no digest, and binds nobody. */
bool contract_row_is_of(const ContractRow *row, const CpuContract *contract);

/* contract_row_binds - @guest has something there that must be there elsewhere. */
bool contract_row_binds(const ContractRow *row, const CpuContract *guest);

/* contract_row_holds - what @guest has is there in @other, by @relation. */
bool contract_row_holds(const ContractRow *row, Relation relation,
                        const CpuContract *guest, const CpuContract *other);

/* contract_row_among - the relation to another guest's contract. */
Relation contract_row_among(const ContractRow *row);

#endif
