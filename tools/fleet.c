/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fleet.h"

#include <string.h>

#include "target/contract-check.h"
#include "util/bits.h"
#include "util/file.h"
#include "util/json.h"
#include "vpmu.h"

/* Hosts whose texts are held at a time. */
#define BATCH 256

void fleet_add_path(GPtrArray *paths, const char *path)
{
    g_autoptr(FileSys) fs = file_sys_new("");
    bool is_folder = strcmp(path, "live") != 0 && g_file_test(path, G_FILE_TEST_IS_DIR);
    g_auto(GStrv) names = is_folder ? file_list(fs, path, NULL) : NULL;

    if (!names) {
        g_ptr_array_add(paths, g_strdup(path));
    }
    for (unsigned i = 0; names && names[i]; i++) {
        if (g_str_has_suffix(names[i], ".json")) {
            g_ptr_array_add(paths, g_build_filename(path, names[i], NULL));
        }
    }
}

typedef struct Item {
    const char *path;
    gpointer result;
} Item;

typedef struct Fleet {
    FleetWork *work;
    void *opaque;
    GMutex mutex;
    GCond done;
    unsigned left; /* items of the batch that are not done */
} Fleet;

/* In a thread of the pool. */
static void work_on(gpointer data, gpointer opaque)
{
    Item *item = data;
    Fleet *fleet = opaque;

    item->result = fleet->work(item->path, fleet->opaque);
    g_mutex_lock(&fleet->mutex);
    fleet->left--;
    g_cond_signal(&fleet->done);
    g_mutex_unlock(&fleet->mutex);
}

static void run_batch(Fleet *fleet, GThreadPool *pool, Item *items, unsigned count)
{
    fleet->left = count;
    for (unsigned i = 0; i < count; i++) {
        /* Without a new thread the item waits for one of the pool's. */
        (void)g_thread_pool_push(pool, &items[i], NULL);
    }
    g_mutex_lock(&fleet->mutex);
    while (fleet->left) {
        g_cond_wait(&fleet->done, &fleet->mutex);
    }
    g_mutex_unlock(&fleet->mutex);
}

void fleet_map(const GPtrArray *paths, FleetWork *work, FleetTake *take, void *opaque)
{
    Fleet fleet = {.work = work, .opaque = opaque};
    GThreadPool *pool =
        g_thread_pool_new(work_on, &fleet, (int)g_get_num_processors(), FALSE, NULL);

    g_mutex_init(&fleet.mutex);
    g_cond_init(&fleet.done);
    for (unsigned first = 0; first < paths->len; first += BATCH) {
        unsigned count = MIN(BATCH, paths->len - first);
        g_autofree Item *items = g_new0(Item, count);

        for (unsigned i = 0; i < count; i++) {
            items[i].path = g_ptr_array_index(paths, first + i);
        }
        run_batch(&fleet, pool, items, count);
        for (unsigned i = 0; i < count; i++) {
            take(items[i].path, items[i].result, opaque);
        }
    }
    g_thread_pool_free(pool, FALSE, TRUE);
    g_mutex_clear(&fleet.mutex);
    g_cond_clear(&fleet.done);
}

typedef struct Job {
    FleetHost host;
    char *text;
    GPtrArray *codes; /* const char *, of the reasons */
} Job;

/* What fleet_judge() hands to its threads, and what it gathers. */
typedef struct Judging {
    const CpuContract *contract;
    bool as_json;
    GArray *hosts;
    FleetPrint *print;
    void *opaque;
    GHashTable *codes;
} Judging;

const char *fleet_verdict_name(FleetVerdict verdict)
{
    static const char *const names[FLEET_VERDICT_COUNT] = {"ok", "refused", "unreadable"};

    return names[verdict];
}

static char *text_json(const Job *job, const Report *report, const char *error)
{
    g_autojson *json = json_object_new_object();

    json_add_string(json, "host", job->host.path);
    json_add_bool(json, "ok", job->host.verdict == FLEET_OK);
    json_add_string(json, "verdict", fleet_verdict_name(job->host.verdict));
    if (error) {
        json_add_string(json, "error", error);
    } else {
        if (job->host.verdict == FLEET_OK) {
            json_add_uint(json, "surplus", job->host.surplus);
        }
        json_add(json, "findings", report_to_json(report));
    }
    return json_format(json);
}

static char *text_lines(const Job *job, const Report *report, const char *error)
{
    GString *text = g_string_new(NULL);

    g_string_append_printf(text, "%s: %s\n", job->host.path,
                           fleet_verdict_name(job->host.verdict));
    if (error) {
        g_string_append_printf(text, "  %s\n", error);
    }
    for (unsigned i = 0; i < report_size(report); i++) {
        g_autofree char *line = finding_format(report_get(report, i));

        g_string_append_printf(text, "  %s\n", line);
    }
    return g_string_free(text, FALSE);
}

/* A reason counts once per host, however many rows have it. */
static void note_codes(Job *job, const Report *report)
{
    for (unsigned i = 0; i < report_size(report); i++) {
        const Finding *finding = report_get(report, i);

        if (finding->level != FINDING_ERROR) {
            continue;
        }
        job->host.reasons++;
        for (unsigned k = 0; k < CHECK_REASON_COUNT; k++) {
            const char *code = check_reason_rows[k].code;

            if (strcmp(code, finding->code) == 0 &&
                !g_ptr_array_find(job->codes, code, NULL)) {
                g_ptr_array_add(job->codes, (char *)code);
                job->host.kind = MAX(job->host.kind, k == CHECK_ARCH_DIFFERS     ? 2
                                                     : k == CHECK_VENDOR_DIFFERS ? 1
                                                                                 : 0);
            }
        }
    }
}

static gpointer judge(const char *path, void *opaque)
{
    const Judging *judging = opaque;
    Job *job = g_new0(Job, 1);
    g_autoptr(Report) report = report_new();
    g_autoptr(GError) error = NULL;
    g_autoptr(HostProfile) host = vpmu_load_host(path, &error);

    job->host.path = path;
    job->codes = g_ptr_array_new();
    if (!host) {
        job->host.verdict = FLEET_UNREADABLE;
    } else {
        bool ok = contract_check_host(judging->contract, host, report);

        job->host.verdict = ok ? FLEET_OK : FLEET_REFUSED;
        job->host.surplus = ok ? contract_host_surplus(judging->contract, host) : 0;
        note_codes(job, report);
    }
    job->text = judging->as_json ? text_json(job, report, error ? error->message : NULL)
                                 : text_lines(job, report, error ? error->message : NULL);
    return job;
}

static void take_job(const char *path, gpointer result, void *opaque)
{
    Judging *judging = opaque;
    Job *job = result;

    (void)path; /* the host has it */
    g_array_append_val(judging->hosts, job->host);
    judging->print(&job->host, job->text, judging->opaque);
    for (unsigned i = 0; i < job->codes->len; i++) {
        gpointer code = g_ptr_array_index(job->codes, i);
        unsigned count = GPOINTER_TO_UINT(g_hash_table_lookup(judging->codes, code));

        g_hash_table_insert(judging->codes, code, GUINT_TO_POINTER(count + 1));
    }
    g_free(job->text);
    g_ptr_array_unref(job->codes);
    g_free(job);
}

GArray *fleet_judge(const CpuContract *contract, const GPtrArray *paths, bool as_json,
                    FleetPrint *print, void *opaque, GHashTable *codes)
{
    Judging judging = {
        contract, as_json, g_array_sized_new(FALSE, FALSE, sizeof(FleetHost), paths->len),
        print,    opaque,  codes};

    fleet_map(paths, judge, take_job, &judging);
    return judging.hosts;
}

static int by_rank(gconstpointer a, gconstpointer b)
{
    const FleetHost *one = *(const FleetHost *const *)a;
    const FleetHost *two = *(const FleetHost *const *)b;

    if (one->surplus != two->surplus) {
        return one->surplus < two->surplus ? -1 : 1;
    }
    return strcmp(one->path, two->path);
}

GPtrArray *fleet_rank(const GArray *hosts)
{
    GPtrArray *ranked = g_ptr_array_new();

    for (unsigned i = 0; i < hosts->len; i++) {
        FleetHost *host = &g_array_index(hosts, FleetHost, i);

        if (host->verdict == FLEET_OK) {
            g_ptr_array_add(ranked, host);
        }
    }
    g_ptr_array_sort(ranked, by_rank);
    return ranked;
}

static bool is_nearer(const FleetHost *one, const FleetHost *two)
{
    return one->kind == two->kind ? one->reasons < two->reasons : one->kind < two->kind;
}

const FleetHost *fleet_nearest(const GArray *hosts)
{
    const FleetHost *nearest = NULL;

    for (unsigned i = 0; i < hosts->len; i++) {
        const FleetHost *host = &g_array_index(hosts, FleetHost, i);

        if (host->verdict == FLEET_REFUSED && (!nearest || is_nearer(host, nearest))) {
            nearest = host;
        }
    }
    return nearest;
}
