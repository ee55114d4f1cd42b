/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "made-guest.h"

#include <string.h>

#include "target/arm-id-registers.h"
#include "util/bits.h"
#include "util/error.h"
#include "util/json.h"
#include "util/state-section.h"

static const GuestRange made_ranges[] = {
    {0, 128 * KIB},
    {4 * GIB, 64 * KIB},
};

static MadeGuest *begin(void *opaque)
{
    MadeGuest *made = opaque;

    g_assert_true(g_thread_self() == made->thread);
    return made;
}

/* Whether this call is not the one that fails. */
static bool may(MadeGuest *made, MadeCall call, GError **errp)
{
    if (++made->calls[call] == made->fail_at[call]) {
        error_set(errp, "made to fail");
        return false;
    }
    return true;
}

static GuestDescription on_describe(void *opaque)
{
    MadeGuest *made = begin(opaque);

    return (GuestDescription){.machine = "made",
                              .contract = made->contract,
                              .cpus = 1,
                              .ram = made_ranges,
                              .ranges = ARRAY_LEN(made_ranges),
                              .host = made->resolved->host};
}

static GPtrArray *on_list_blockers(void *opaque)
{
    begin(opaque);
    return g_ptr_array_new_with_free_func(g_free);
}

static RunState on_run_state(void *opaque)
{
    return begin(opaque)->state;
}

static void on_stop(void *opaque, RunState state)
{
    begin(opaque)->state = state;
}

static bool on_go_on(void *opaque, GError **errp)
{
    MadeGuest *made = begin(opaque);

    if (!may(made, MADE_GO_ON, errp)) {
        return false;
    }
    made->state = RUN_STATE_RUNNING;
    return true;
}

static void on_throttle(void *opaque, unsigned percent)
{
    begin(opaque)->throttle = percent;
}

static bool on_log_dirty(void *opaque, bool on, GError **errp)
{
    MadeGuest *made = begin(opaque);

    made->is_logging = on && may(made, MADE_LOG_DIRTY, errp);
    return made->is_logging == on;
}

static bool on_sync_dirty(void *opaque, unsigned index, uint64_t *bitmap, GError **errp)
{
    MadeGuest *made = begin(opaque);

    g_assert_true(made->is_logging);
    /* A guest that is slowed down writes less; one that is stopped, nothing. */
    if (index == 0 && made_guest_runs(made)) {
        unsigned pages = made->pages_each_sync * (100 - made->throttle) / 100;

        bitmap[0] |= pages ? bits_mask(0, pages) : 0;
    }
    return may(made, MADE_SYNC_DIRTY, errp);
}

static GPtrArray *on_save(void *opaque, RunState state, GError **errp)
{
    MadeGuest *made = begin(opaque);
    GPtrArray *sections;
    StateSection *section;
    uint8_t was = (uint8_t)state;

    g_assert_false(made_guest_runs(made));
    if (!may(made, MADE_SAVE, errp)) {
        return NULL;
    }
    sections = g_ptr_array_new_with_free_func((GDestroyNotify)state_section_free);
    section = g_new0(StateSection, 1);
    g_strlcpy(section->name, "made", sizeof(section->name));
    section->bytes = g_byte_array_new();
    g_byte_array_append(section->bytes, &was, sizeof(was));
    g_byte_array_append(section->bytes, (const guint8 *)&made->number,
                        sizeof(made->number));
    g_ptr_array_add(sections, section);
    return sections;
}

static bool on_load(void *opaque, const GPtrArray *sections, RunState *ret_state,
                    GError **errp)
{
    MadeGuest *made = begin(opaque);
    const StateSection *section = state_section_find(sections, "made", 0, errp);

    if (!section || !may(made, MADE_LOAD, errp)) {
        return false;
    }
    g_assert_cmpuint(section->bytes->len, ==, 1 + sizeof(made->number));
    *ret_state = section->bytes->data[0];
    memcpy(&made->number, section->bytes->data + 1, sizeof(made->number));
    return true;
}

static bool on_adopt(void *opaque, CpuContract *contract, GError **errp)
{
    MadeGuest *made = begin(opaque);

    if (!may(made, MADE_ADOPT, errp)) {
        cpu_contract_free(contract);
        return false;
    }
    cpu_contract_free(made->contract);
    made->contract = contract;
    return true;
}

static GPtrArray *on_read_id_registers(void *opaque, GError **errp)
{
    return may(begin(opaque), MADE_READ_ID_REGISTERS, errp) ? arm_id_sets_new() : NULL;
}

static bool on_try_id_registers(void *opaque, const GPtrArray *sets, Report *report,
                                bool *ret_touched, GError **errp)
{
    (void)sets;
    (void)report;
    (void)ret_touched;
    (void)errp;
    begin(opaque);
    return true;
}

static void on_emit(void *opaque, json_object *event)
{
    MadeGuest *made = begin(opaque);
    json_object *data = json_object_object_get(event, "data");
    const char *status = json_object_get_string(json_object_object_get(data, "status"));
    int number = status ? qapi_enum_parse(&qapi_type_migration_status, status) : -1;

    if (number >= 0) {
        made->statuses[number]++;
    }
    json_object_put(event);
}

static void on_log(void *opaque, const char *message)
{
    g_string_append_printf(begin(opaque)->told, "%s\n", message);
}

static void on_give_up(void *opaque)
{
    begin(opaque)->has_given_up = true;
}

static const MigrationGuestOps made_ops = {
    .describe = on_describe,
    .list_blockers = on_list_blockers,
    .run_state = on_run_state,
    .stop = on_stop,
    .go_on = on_go_on,
    .throttle = on_throttle,
    .log_dirty = on_log_dirty,
    .sync_dirty = on_sync_dirty,
    .save = on_save,
    .load = on_load,
    .adopt = on_adopt,
    .read_id_registers = on_read_id_registers,
    .try_id_registers = on_try_id_registers,
    .emit = on_emit,
    .log = on_log,
    .give_up = on_give_up,
};

static void fill(GuestMemory *memory, uint64_t seed)
{
    for (unsigned i = 0; i < ARRAY_LEN(made_ranges); i++) {
        uint64_t *words =
            guest_memory_at(memory, made_ranges[i].gpa, made_ranges[i].bytes);

        /* Every third page stays zero. */
        for (uint64_t w = 0; w < made_ranges[i].bytes / sizeof(*words); w++) {
            words[w] = w / 512 % 3 == 2 ? 0 : (seed + w) * UINT64_C(0x9e3779b97f4a7c15);
        }
    }
}

MadeGuest *made_guest_new(const char *cpu, uint64_t seed)
{
    MadeGuest *made = g_new0(MadeGuest, 1);

    made->resolved = resolve("intel-icelake-sp", "pc-q35-11.1", cpu);
    made->contract = cpu_contract_dup(made->resolved->contract);
    made->thread = g_thread_self();
    made->state = RUN_STATE_RUNNING;
    made->number = seed;
    made->told = g_string_new(NULL);
    made->guest = (MigrationGuest){
        &made_ops, made, guest_memory_new(made_ranges, ARRAY_LEN(made_ranges), NULL)};
    g_assert_nonnull(made->guest.memory);
    if (seed) {
        fill(made->guest.memory, seed);
    }
    return made;
}

void made_guest_free(MadeGuest *made)
{
    if (made) {
        guest_memory_free(made->guest.memory);
        cpu_contract_free(made->contract);
        resolve_case_free(made->resolved);
        g_string_free(made->told, TRUE);
        g_free(made);
    }
}

bool made_guest_is_like(const MadeGuest *made, const MadeGuest *other)
{
    g_autofree char *one = cpu_contract_digest(made->contract);
    g_autofree char *two = cpu_contract_digest(other->contract);
    bool ok = made->number == other->number && strcmp(one, two) == 0;

    for (unsigned i = 0; ok && i < ARRAY_LEN(made_ranges); i++) {
        const GuestRange *range = &made_ranges[i];

        ok = memcmp(guest_memory_at(made->guest.memory, range->gpa, range->bytes),
                    guest_memory_at(other->guest.memory, range->gpa, range->bytes),
                    range->bytes) == 0;
    }
    return ok;
}

bool made_guest_runs(const MadeGuest *made)
{
    return made->state == RUN_STATE_RUNNING;
}
