/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Every kind of file in JSON with every wrong type at every place: profiles, contracts,
 * CPUID facts, the header of a stream.  Each is read or refused with a message.
 */
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "migration/handshake.h"
#include "migration/header.h"
#include "migration/stream.h"
#include "resolve-case.h"
#include "target/contract-check.h"
#include "target/x86-derive.h"
#include "util/bits.h"
#include "util/file.h"
#include "util/json.h"

/* Of a list this many places are walked. */
#define LIST_PLACES 2

static const char *const values[] = {"null",
                                     "true",
                                     "false",
                                     "0",
                                     "-1",
                                     "1.5",
                                     "18446744073709551615",
                                     "\"\"",
                                     "\"x\"",
                                     "\"0x\"",
                                     "[]",
                                     "[null]",
                                     "[[]]",
                                     "{}",
                                     "1e300",
                                     "\"a\\u0000b\"",
                                     "{\"\":null}",
                                     "{\"x\":[]}"};

typedef char *Reader(json_object *json);

static json_object *copy_of(json_object *json)
{
    json_object *copy = NULL;

    g_assert_cmpint(json_object_deep_copy(json, &copy, NULL), ==, 0);
    return copy;
}

/* NULL stands for JSON's null. */
static json_object *parse_value(const char *text)
{
    g_autofree char *list = g_strdup_printf("[%s]", text);
    g_autojson *json = json_tokener_parse(list);

    return json_object_get(json_object_array_get_idx(json, 0));
}

/* @root with a part of @parent replaced by each value, and left out. */
static unsigned try_values(json_object *root, json_object *parent, const char *name,
                           size_t index, Reader *read)
{
    json_object *old = json_object_get(name ? json_object_object_get(parent, name)
                                            : json_object_array_get_idx(parent, index));

    for (unsigned i = 0; i < ARRAY_LEN(values); i++) {
        g_autofree char *text = NULL;

        if (name) {
            json_object_object_add(parent, name, parse_value(values[i]));
        } else {
            json_object_array_put_idx(parent, index, parse_value(values[i]));
        }
        text = read(root);
        g_assert_true(!text || (text[0] && !strchr(text, '\n')));
    }
    if (name) {
        g_autofree char *text = NULL;

        json_object_object_del(parent, name);
        text = read(root);
        g_assert_true(!text || text[0]);
        json_object_object_add(parent, name, old);
    } else {
        json_object_array_put_idx(parent, index, old);
    }
    return ARRAY_LEN(values) + 1;
}

static unsigned walk(json_object *root, json_object *part, Reader *read)
{
    unsigned tried = 0;

    if (json_object_is_type(part, json_type_array)) {
        for (size_t i = 0; i < MIN(json_object_array_length(part), LIST_PLACES); i++) {
            tried += walk(root, json_object_array_get_idx(part, i), read);
            tried += try_values(root, part, NULL, i, read);
        }
        return tried;
    }
    if (json_object_is_type(part, json_type_object)) {
        g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);

        json_object_object_foreach(part, name, value)
        {
            (void)value;
            g_ptr_array_add(names, g_strdup(name));
        }
        /* Tables have hundreds of members alike. */
        for (unsigned i = 0; i < MIN(names->len, 24); i++) {
            const char *member = names->pdata[i];

            tried += walk(root, json_object_object_get(part, member), read);
            tried += try_values(root, part, member, 0, read);
        }
    }
    return tried;
}

static void check(json_object *json, Reader *read, unsigned least)
{
    g_autojson *root = copy_of(json);
    g_autofree char *error = read(root);
    unsigned tried;

    g_assert_null(error);
    tried = walk(root, root, read);
    g_test_message("%u inputs", tried);
    g_assert_cmpuint(tried, >=, least);
    error = read(root);
    g_assert_null(error); /* it is as it was */
}

static char *take(bool ok, GError *error)
{
    char *message;

    g_assert_true(ok == (error == NULL));
    message = error ? g_strdup(error->message) : NULL;
    g_clear_error(&error);
    return message;
}

static char *read_profile(json_object *json)
{
    GError *error = NULL;
    g_autoptr(HostProfile) host = host_profile_parse(json, &error);

    if (host) {
        g_autojson *again = host_profile_format(host);

        g_assert_nonnull(again);
    }
    return take(host != NULL, error);
}

static char *read_contract(json_object *json)
{
    GError *error = NULL;
    g_autoptr(CpuContract) contract = cpu_contract_parse(json, &error);

    return take(contract != NULL, error);
}

static char *read_facts(json_object *json)
{
    const X86DeriveOptions options = {0};
    GError *error = NULL;
    g_autoptr(HostProfile) host = x86_host_derive(json, &options, &error);

    return take(host != NULL, error);
}

static json_object *contract_text;

/* Heard, and judged by a machine that is as the sender's. */
static char *read_header(json_object *json)
{
    static const GuestRange ram = {0, 2 * MIB};
    g_autoptr(ResolveCase) c = resolve("amd-zen3-milan", "q35", "qemu64");
    int fd = memfd_create("stream", MFD_CLOEXEC);
    g_autoptr(Stream) out = stream_new(dup(fd), -1);
    g_autoptr(Stream) in = stream_new(fd, -1);
    g_autoptr(GByteArray) payload = g_byte_array_new();
    g_autoptr(Report) report = report_new();
    g_autofree char *header = json_format(json);
    g_autofree char *contract = json_format(contract_text);
    const GuestDescription own = {.machine = c->machine,
                                  .contract = c->contract,
                                  .cpus = 1,
                                  .ram = &ram,
                                  .ranges = 1,
                                  .host = c->host};
    GError *error = NULL;
    g_autoptr(Handshake) handshake = NULL;
    g_autoptr(CpuContract) guest = NULL;

    g_assert_true(stream_write_magic(out, NULL));
    stream_write(out, STREAM_HEADER, header, (uint32_t)strlen(header), NULL);
    stream_write(out, STREAM_CONTRACT, contract, (uint32_t)strlen(contract), NULL);
    (void)lseek(fd, 0, SEEK_SET);
    handshake = handshake_receive(in, payload, &error);
    guest = handshake ? handshake_judge(handshake, &own, report, &error) : NULL;
    if (guest) {
        g_autojson *rows = report_to_json(report);
        g_autofree char *text = migration_refusal_text(rows);

        g_assert_nonnull(text);
    }
    return take(guest != NULL, error);
}

static json_object *load(const char *path)
{
    g_autoptr(FileSys) fs = file_sys_new(PROFILES);
    size_t len;
    g_autofree char *text = file_read(fs, path, 16 * MIB, &len, NULL);
    json_object *json = json_parse(text, -1, NULL);

    g_assert_nonnull(json);
    return json;
}

static void test_profiles(void)
{
    g_autojson *x86 = load("/intel-sapphirerapids.json");
    g_autojson *arm = load("/arm-rk3588.json");

    check(x86, read_profile, 1000);
    check(arm, read_profile, 500);
}

static void test_contracts(void)
{
    g_autoptr(ResolveCase) x86 = resolve("intel-sapphirerapids", "q35", "host");
    g_autoptr(ResolveCase) arm = resolve("arm-grace", "virt", "host");
    g_autojson *one = cpu_contract_format(x86->contract);
    g_autojson *other = cpu_contract_format(arm->contract);

    check(one, read_contract, 1000);
    check(other, read_contract, 200);
}

static void test_facts(void)
{
    g_autojson *facts = load("/cpuid/intel-sapphirerapids.json");

    check(facts, read_facts, 500);
}

static void test_headers(void)
{
    g_autoptr(ResolveCase) c = resolve("amd-zen3-milan", "q35", "qemu64");
    int fd = open(STREAM_DIR "/x86-2.stream", O_RDONLY | O_CLOEXEC);
    g_autoptr(Stream) stream = stream_new(fd, -1);
    g_autoptr(GByteArray) payload = g_byte_array_new();
    g_autoptr(Handshake) handshake = handshake_receive(stream, payload, NULL);
    g_autojson *json = NULL;

    g_assert_nonnull(handshake);
    json = copy_of(handshake->header);
    contract_text = handshake->contract;
    check(json, read_header, 100);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/json-types/profiles", test_profiles);
    g_test_add_func("/json-types/contracts", test_contracts);
    g_test_add_func("/json-types/facts", test_facts);
    g_test_add_func("/json-types/headers", test_headers);
    return g_test_run();
}
