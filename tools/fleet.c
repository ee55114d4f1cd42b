/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fleet.h"

#include <string.h>

#include "target/contract-check.h"
#include "util/bits.h"
#include "util/json.h"
#include "vpmu.h"

/* Hosts whose texts are held at a time. */
#define BATCH 256

typedef struct Job {
    FleetHost host;
    char *text;
    GPtrArray *codes; /* const char *, of the reasons */
} Job;

typedef struct Fleet {
    const CpuContract *contract;
    bool as_json;
    GMutex mutex;
    GCond done;
    unsigned left; /* jobs of the batch that are not done */
} Fleet;

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

/* In a thread of the pool. */
static void judge(gpointer data, gpointer opaque)
{
    Job *job = data;
    Fleet *fleet = opaque;
    g_autoptr(Report) report = report_new();
    g_autoptr(GError) error = NULL;
    g_autoptr(HostProfile) host = vpmu_load_host(job->host.path, &error);

    if (!host) {
        job->host.verdict = FLEET_UNREADABLE;
    } else {
        bool ok = contract_check_host(fleet->contract, host, report);

        job->host.verdict = ok ? FLEET_OK : FLEET_REFUSED;
        job->host.surplus = ok ? contract_host_surplus(fleet->contract, host) : 0;
        note_codes(job, report);
    }
    job->text = fleet->as_json ? text_json(job, report, error ? error->message : NULL)
                               : text_lines(job, report, error ? error->message : NULL);
    g_mutex_lock(&fleet->mutex);
    fleet->left--;
    g_cond_signal(&fleet->done);
    g_mutex_unlock(&fleet->mutex);
}

static void run_batch(Fleet *fleet, GThreadPool *pool, Job *jobs, unsigned count)
{
    fleet->left = count;
    for (unsigned i = 0; i < count; i++) {
        /* Without a new thread the job waits for one of the pool's. */
        (void)g_thread_pool_push(pool, &jobs[i], NULL);
    }
    g_mutex_lock(&fleet->mutex);
    while (fleet->left) {
        g_cond_wait(&fleet->done, &fleet->mutex);
    }
    g_mutex_unlock(&fleet->mutex);
}

static void take_job(Job *job, GHashTable *codes)
{
    for (unsigned i = 0; i < job->codes->len; i++) {
        gpointer code = g_ptr_array_index(job->codes, i);
        unsigned count = GPOINTER_TO_UINT(g_hash_table_lookup(codes, code));

        g_hash_table_insert(codes, code, GUINT_TO_POINTER(count + 1));
    }
    g_free(job->text);
    g_ptr_array_unref(job->codes);
}

GArray *fleet_judge(const CpuContract *contract, const GPtrArray *paths, bool as_json,
                    FleetPrint *print, void *opaque, GHashTable *codes)
{
    GArray *hosts = g_array_sized_new(FALSE, FALSE, sizeof(FleetHost), paths->len);
    Fleet fleet = {.contract = contract, .as_json = as_json};
    GThreadPool *pool =
        g_thread_pool_new(judge, &fleet, (int)g_get_num_processors(), FALSE, NULL);

    g_mutex_init(&fleet.mutex);
    g_cond_init(&fleet.done);
    for (unsigned first = 0; first < paths->len; first += BATCH) {
        unsigned count = MIN(BATCH, paths->len - first);
        g_autofree Job *jobs = g_new0(Job, count);

        for (unsigned i = 0; i < count; i++) {
            jobs[i].host.path = g_ptr_array_index(paths, first + i);
            jobs[i].codes = g_ptr_array_new();
        }
        run_batch(&fleet, pool, jobs, count);
        for (unsigned i = 0; i < count; i++) {
            g_array_append_val(hosts, jobs[i].host);
            print(&jobs[i].host, jobs[i].text, opaque);
            take_job(&jobs[i], codes);
        }
    }
    g_thread_pool_free(pool, FALSE, TRUE);
    g_mutex_clear(&fleet.mutex);
    g_cond_clear(&fleet.done);
    return hosts;
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
