/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fleet.h"

#include <json-c/json.h>
#include <string.h>

#include "tool.h"

/* Hosts whose texts are held at a time. */
#define BATCH 256

static int by_name(gconstpointer a, gconstpointer b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

void fleet_add_path(GPtrArray *paths, const char *path)
{
    g_autoptr(GDir) folder = strcmp(path, "live") != 0 ? g_dir_open(path, 0, NULL) : NULL;
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    const char *name;

    if (!folder) {
        g_ptr_array_add(paths, g_strdup(path));
    }
    while (folder && (name = g_dir_read_name(folder))) {
        if (g_str_has_suffix(name, ".json")) {
            g_ptr_array_add(names, g_strdup(name));
        }
    }
    g_ptr_array_sort(names, by_name);
    for (unsigned i = 0; i < names->len; i++) {
        g_ptr_array_add(paths, g_build_filename(path, g_ptr_array_index(names, i), NULL));
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
    GHashTable *codes; /* of the reasons, owned; a set */
} Job;

/* What fleet_judge() hands to its threads, and what it gathers. */
typedef struct Judging {
    const VpmuContract *contract;
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

/* The findings come last, as the library writes them. */
static char *text_json(const Job *job, const VpmuReport *report, const char *error)
{
    json_object *json = json_object_new_object();
    tool_autotext *findings = error ? NULL : vpmu_report_to_json(report);
    const char *head;
    char *text;

    json_object_object_add(json, "host", json_object_new_string(job->host.path));
    json_object_object_add(json, "ok",
                           json_object_new_boolean(job->host.verdict == FLEET_OK));
    json_object_object_add(json, "verdict",
                           json_object_new_string(fleet_verdict_name(job->host.verdict)));
    if (error) {
        json_object_object_add(json, "error", json_object_new_string(error));
    } else if (job->host.verdict == FLEET_OK) {
        json_object_object_add(json, "surplus",
                               json_object_new_uint64(job->host.surplus));
    }
    head = json_object_to_json_string_ext(json, JSON_C_TO_STRING_PLAIN |
                                                    JSON_C_TO_STRING_NOSLASHESCAPE);
    text = error ? g_strdup(head)
                 : g_strdup_printf("%.*s,\"findings\":%s}", (int)strlen(head) - 1, head,
                                   findings);
    json_object_put(json);
    return text;
}

static char *text_lines(const Job *job, const VpmuReport *report, const char *error)
{
    GString *text = g_string_new(NULL);
    const VpmuFinding *finding;

    g_string_append_printf(text, "%s: %s\n", job->host.path,
                           fleet_verdict_name(job->host.verdict));
    if (error) {
        g_string_append_printf(text, "  %s\n", error);
    }
    for (unsigned i = 0; report && (finding = vpmu_report_get(report, i)); i++) {
        tool_autotext *line = vpmu_finding_to_text(finding);

        g_string_append_printf(text, "  %s\n", line);
    }
    return g_string_free(text, FALSE);
}

/* How far another host is from the guest's for a reason. */
static unsigned kind_of(const char *code)
{
    return strcmp(code, "arch-differs") == 0     ? 2
           : strcmp(code, "vendor-differs") == 0 ? 1
                                                 : 0;
}

/* A reason counts once per host, however many rows have it. */
static void note_codes(Job *job, const VpmuReport *report)
{
    const VpmuFinding *finding;

    for (unsigned i = 0; (finding = vpmu_report_get(report, i)); i++) {
        if (finding->level == VPMU_LEVEL_ERROR) {
            job->host.reasons++;
            job->host.kind = MAX(job->host.kind, kind_of(finding->code));
            g_hash_table_add(job->codes, g_strdup(finding->code));
        }
    }
}

static gpointer judge(const char *path, void *opaque)
{
    const Judging *judging = opaque;
    Job *job = g_new0(Job, 1);
    g_autoptr(VpmuReport) report = NULL;
    g_autoptr(GError) error = NULL;
    g_autoptr(VpmuHost) host = tool_load_host(path, &error);

    job->host.path = path;
    job->codes = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    if (!host) {
        job->host.verdict = FLEET_UNREADABLE;
    } else {
        bool ok = vpmu_check(judging->contract, host, &report);

        job->host.verdict = ok ? FLEET_OK : FLEET_REFUSED;
        job->host.surplus = ok ? vpmu_surplus(judging->contract, host) : 0;
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
    GHashTableIter iter;
    gpointer code;

    (void)path; /* the host has it */
    g_array_append_val(judging->hosts, job->host);
    judging->print(&job->host, job->text, judging->opaque);
    g_hash_table_iter_init(&iter, job->codes);
    while (g_hash_table_iter_next(&iter, &code, NULL)) {
        unsigned count = GPOINTER_TO_UINT(g_hash_table_lookup(judging->codes, code));

        g_hash_table_insert(judging->codes, g_strdup(code), GUINT_TO_POINTER(count + 1));
    }
    g_free(job->text);
    g_hash_table_unref(job->codes);
    g_free(job);
}

GArray *fleet_judge(const VpmuContract *contract, const GPtrArray *paths, bool as_json,
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
