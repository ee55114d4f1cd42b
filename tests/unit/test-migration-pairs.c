/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Every guest of every recorded or derived host, to every other: the handshake, over a
 * socket and with the destination's own plan made from the same command line, gives the
 * verdict and the reasons that the check of a recorded host gives.
 */
#include <string.h>
#include <sys/socket.h>

#include "migration/handshake.h"
#include "migration/header.h"
#include "resolve-case.h"
#include "target/contract-check.h"
#include "util/bits.h"
#include "util/file.h"
#include "util/json.h"
#include "x86-laws.h"

/* Command lines a guest and its destination are started with. */
static const struct {
    const char *x86, *arm;
} lines[] = {
    {"host,pmu=on", "host"},         {"host,pmu=off", "host,pmu=off"},
    {"max,pmu=on", "max"},           {"max,pmu=off", "max,pmu=off"},
    {"Skylake-Server,pmu=on", NULL}, {"Skylake-Server", NULL},
    {"EPYC-Milan,pmu=on", NULL},     {"host,pebs-fmt=host", NULL},
    {"host,lbr-fmt=host", NULL},
};

static const GuestRange ram = {0, 64 * MIB};

/* A command line on a host: what a source sends, what a destination compares with. */
static GuestDescription description_of(const ResolveCase *c)
{
    return (GuestDescription){.machine = c->contract->machine,
                              .contract = c->contract,
                              .cpus = 1,
                              .ram = &ram,
                              .ranges = 1,
                              .host = c->host};
}

/* What a source that says @said hears from the destination, and whether it may go on. */
static json_object *hear_answer(Handshake *said, const ResolveCase *target, bool *ret_ok)
{
    const GuestDescription arrives = description_of(target);
    g_autoptr(Handshake) heard = NULL;
    g_autoptr(CpuContract) guest = NULL;
    g_autoptr(Report) report = report_new();
    g_autoptr(GByteArray) payload = g_byte_array_new();
    g_autoptr(GError) error = NULL;
    g_autoptr(Stream) here = NULL;
    g_autoptr(Stream) there = NULL;
    json_object *findings = NULL;
    int fds[2];

    g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), ==, 0);
    here = stream_new(fds[0], -1);
    there = stream_new(fds[1], -1);
    g_assert_true(handshake_send(here, said, &error));
    heard = handshake_receive(there, payload, &error);
    g_assert_no_error(error);
    g_assert_true(heard->has_return_path);
    guest = handshake_judge(heard, &arrives, report, &error);
    g_assert_no_error(error);
    g_assert_true(handshake_answer(there, report, &error));
    g_assert_true(handshake_read_answer(here, &findings, ret_ok, &error));
    return findings;
}

static json_object *hear(const ResolveCase *source, const ResolveCase *target,
                         bool *ret_ok)
{
    const GuestDescription leaves = description_of(source);
    g_autoptr(Handshake) said = handshake_new(&leaves, false);

    return hear_answer(said, target, ret_ok);
}

/* What vpmu check says: contract and profile read from their JSON. */
static json_object *check(const ResolveCase *source, const ResolveCase *target,
                          bool *ret_ok)
{
    g_autojson *contract = cpu_contract_format(source->contract);
    g_autojson *profile = host_profile_format(target->host);
    g_autoptr(CpuContract) guest = cpu_contract_parse(contract, NULL);
    g_autoptr(HostProfile) host = host_profile_parse(profile, NULL);
    g_autoptr(Report) report = report_new();

    *ret_ok = contract_check_host(guest, host, report);
    return report_to_json(report);
}

/* Without the rows that speak of the command line, between architectures. */
static json_object *of_the_host(json_object *findings)
{
    json_object *rest = json_object_new_array();

    for (size_t i = 0; i < json_object_array_length(findings); i++) {
        json_object *row = json_object_array_get_idx(findings, i);
        const char *code;

        g_assert_true(json_get_string(row, "finding", "code", &code, NULL));
        if (check_reason_is_of_host(code)) {
            json_object_array_add(rest, json_object_get(row));
        }
    }
    return rest;
}

/* vpmu diff of the two contracts says of this way what the destination says. */
static void compare_diff(const char *from, const char *to, const ResolveCase *source,
                         const ResolveCase *target, bool ok)
{
    g_autoptr(Report) way = report_new();
    g_autoptr(Report) back = report_new();
    g_autojson *one = NULL;
    g_autojson *two = NULL;

    contract_diff(source->contract, target->contract, NULL, way, NULL);
    contract_diff(target->contract, source->contract, NULL, NULL, back);
    one = report_to_json(way);
    two = report_to_json(back);
    if (ok != (report_count(way, FINDING_ERROR) == 0) || !json_object_equal(one, two)) {
        g_autofree char *text = json_format(one);

        g_test_message("%s -> %s: online %d, diff %s", from, to, ok, text);
        g_test_fail();
    }
}

static void compare(const char *from, const char *to, const char *line,
                    const ResolveCase *source, const ResolveCase *target,
                    unsigned *accepted)
{
    bool ok_online, ok_offline;
    g_autojson *online = hear(source, target, &ok_online);
    g_autojson *offline = check(source, target, &ok_offline);
    bool same_arch = source->contract->arch == target->contract->arch;
    g_autojson *of_host = of_the_host(online);

    if (ok_online != ok_offline ||
        !json_object_equal(same_arch ? online : of_host, offline)) {
        g_autofree char *one = json_format(online);
        g_autofree char *two = json_format(offline);

        g_test_message("%s -> %s, -cpu %s\n online %s\noffline %s", from, to, line, one,
                       two);
        g_test_fail();
    }
    g_assert_true(strcmp(from, to) != 0 || ok_online);
    compare_diff(from, to, source, target, ok_online);
    *accepted += ok_online;
}

static ResolveCase *make(const char *profile, unsigned line)
{
    bool arm = g_str_has_prefix(profile, "arm-");
    const char *cpu = arm ? lines[line].arm : lines[line].x86;

    return cpu ? resolve(profile, arm ? "virt" : "q35", cpu) : NULL;
}

static GPtrArray *cases_of(char **profiles, unsigned line)
{
    GPtrArray *cases = g_ptr_array_new_with_free_func((GDestroyNotify)resolve_case_free);

    for (unsigned i = 0; profiles[i]; i++) {
        g_ptr_array_add(cases, make(profiles[i], line));
    }
    return cases;
}

static void test_all_pairs(void)
{
    g_auto(GStrv) profiles = resolve_profile_names("");
    unsigned count = g_strv_length(profiles), pairs = 0, judged = 0, accepted = 0;

    for (unsigned line = 0; line < ARRAY_LEN(lines); line++) {
        g_autoptr(GPtrArray) cases = cases_of(profiles, line);

        for (unsigned a = 0; a < count; a++) {
            const ResolveCase *source = g_ptr_array_index(cases, a);

            for (unsigned b = 0; b < count; b++) {
                const ResolveCase *target = g_ptr_array_index(cases, b);

                /* A line that this host refuses starts no monitor. */
                if (source && target && !resolve_errors(source) &&
                    !resolve_errors(target) && resolve_sample(pairs++)) {
                    compare(profiles[a], profiles[b], lines[line].x86, source, target,
                            &accepted);
                    judged++;
                }
            }
        }
    }
    g_test_message("%u pairs, %u judged, %u accepted", pairs, judged, accepted);
    g_assert_cmpuint(pairs, >, 3000);
    g_assert_cmpuint(accepted * 10, >, judged);
    g_assert_cmpuint(accepted, <, judged);
}

/* A guest without a PMU to a command line that gives one, and the other way. */
static void test_diff_and_destination_agree_on_the_switch(void)
{
    g_auto(GStrv) profiles = resolve_profile_names("");
    g_autoptr(GPtrArray) on = cases_of(profiles, 0);
    g_autoptr(GPtrArray) off = cases_of(profiles, 1);
    unsigned judged = 0;

    for (unsigned i = 0; i < 2 * on->len * off->len; i++) {
        unsigned a = i / 2 % on->len, b = i / 2 / on->len;
        const ResolveCase *source = g_ptr_array_index(i & 1 ? on : off, a);
        const ResolveCase *target = g_ptr_array_index(i & 1 ? off : on, b);
        g_autojson *findings = NULL;
        bool ok;

        if (!resolve_errors(source) && !resolve_errors(target)) {
            findings = hear(source, target, &ok);
            compare_diff(profiles[a], profiles[b], source, target, ok);
            judged++;
        }
    }
    g_assert_cmpuint(judged, >, 500);
}

/* A file of tests/migration/streams/, as an earlier build wrote it. */
static json_object *kept_contract(const char *name)
{
    g_autofree char *path = g_strconcat(STREAM_DIR "/", name, NULL);
    g_autoptr(FileSys) fs = file_sys_new("");
    size_t len;
    g_autofree char *text = file_read(fs, path, MIB, &len, NULL);
    json_object *json = json_parse(text, (gssize)len, NULL);

    g_assert_nonnull(json);
    return json;
}

/* A guest of pc-q35-10.0 without PMU, whose contract says pdcm, which it never saw. */
static void test_a_contract_that_kept_pdcm_is_what_its_guest_saw(void)
{
    g_autojson *old = kept_contract("x86-contract-1.json");
    g_autoptr(CpuContract) guest = cpu_contract_parse(old, NULL);
    g_autoptr(HostProfile) nopmu = resolve_profile("intel-icelake-sp-nopmu");
    g_autofree char *wrong = x86_law_words_are_seen(guest);
    g_autoptr(Report) report = report_new();

    g_assert_cmpstr(wrong, ==, NULL);
    g_assert_false(x86_contract_has(guest, X86_PDCM));
    g_assert_false(x86_contract_has(guest, X86_FULL_WIDTH_WRITE));
    /* The debug store is another matter: that guest does see it. */
    g_assert_false(contract_check_host(guest, nopmu, report));
    g_assert_null(report_find(report, "pdcm"));
    g_assert_null(report_find(report, "full-width-write"));
    g_assert_nonnull(report_find(report, "ds"));
}

/* What an earlier build says of the guest of @c; whose digest is of that. */
static Handshake *handshake_with_pdcm(const ResolveCase *c)
{
    g_autoptr(CpuContract) old = cpu_contract_dup(c->contract);
    GuestDescription own = description_of(c);

    own.contract = old;
    old->x86.words[X86_WORD_1_ECX] |= x86_feature_rows[X86_PDCM].mask;
    old->x86.words[X86_WORD_PERF_CAPABILITIES] = 0x2000;
    return handshake_new(&own, false);
}

static void test_a_guest_whose_contract_kept_pdcm_arrives(void)
{
    g_autoptr(ResolveCase) c = resolve("intel-icelake-sp", "pc-q35-10.0", "host,pmu=off");
    g_autoptr(Handshake) said = handshake_with_pdcm(c);
    g_autojson *findings = NULL;
    bool ok;

    findings = hear_answer(said, c, &ok);
    g_assert_true(ok);
    g_assert_cmpuint(json_object_array_length(findings), ==, 0);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/migration-pairs/online-and-offline-agree", test_all_pairs);
    g_test_add_func("/migration-pairs/diff-and-destination-agree-on-the-switch",
                    test_diff_and_destination_agree_on_the_switch);
    g_test_add_func("/migration-pairs/a-contract-that-kept-pdcm-is-what-its-guest-saw",
                    test_a_contract_that_kept_pdcm_is_what_its_guest_saw);
    g_test_add_func("/migration-pairs/a-guest-whose-contract-kept-pdcm-arrives",
                    test_a_guest_whose_contract_kept_pdcm_arrives);
    return g_test_run();
}
