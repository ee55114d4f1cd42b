/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "backends.h"

#include "block/block.h"
#include "chardev/chardev.h"
#include "hw/rng-backend.h"
#include "net/net.h"
#include "system/plan/fdset.h"

/* ---- streams ---- */

static Chardev *find_chardev(void *opaque, const char *id)
{
    const Program *program = opaque;

    for (unsigned i = 0; i < program->chardevs->len; i++) {
        Chardev *chardev = g_ptr_array_index(program->chardevs, i);

        if (g_strcmp0(chardev_id(chardev), id) == 0) {
            return chardev;
        }
    }
    return NULL;
}

static bool open_chardevs(Program *program, GError **errp)
{
    for (unsigned i = 0; i < program->spec->chardevs->len; i++) {
        ChardevConfig *config = g_ptr_array_index(program->spec->chardevs, i);
        Chardev *chardev = fdset_fill_config(program->spec, config, errp)
                               ? chardev_new(config, errp)
                               : NULL;

        if (!chardev) {
            return false;
        }
        g_ptr_array_add(program->chardevs, chardev);
    }
    return true;
}

/* ---- sources of random bytes ---- */

static RngBackend *find_rng(void *opaque, const char *id)
{
    const Program *program = opaque;

    for (unsigned i = 0; i < program->rngs->len; i++) {
        RngBackend *rng = g_ptr_array_index(program->rngs, i);

        if (g_strcmp0(rng_backend_id(rng), id) == 0) {
            return rng;
        }
    }
    return NULL;
}

static bool open_rngs(Program *program, GError **errp)
{
    const Object *folder = program->plan->machine->objects;

    for (unsigned i = 0; folder->children && i < folder->children->len; i++) {
        const Object *object = g_ptr_array_index(folder->children, i);
        RngBackend *rng = NULL;

        if (!object_is_a(object, TYPE_RNG_BACKEND)) {
            continue;
        }
        rng = rng_backend_new(object, errp);
        if (!rng) {
            return false;
        }
        g_ptr_array_add(program->rngs, rng);
    }
    return true;
}

/* ---- images ---- */

static BlockNode *find_block(void *opaque, const char *id)
{
    const Program *program = opaque;

    return block_set_find(program->blocks, id);
}

static bool take_images(void *opaque, GError **errp)
{
    const Program *program = opaque;

    if (!block_set_activate(program->blocks, errp)) {
        return false;
    }
    if (!net_set_activate(program->nets, errp)) {
        (void)block_set_inactivate(program->blocks, NULL);
        return false;
    }
    return true;
}

/* A guest that is to come has its images elsewhere until it does. */
static bool open_blocks(Program *program, GError **errp)
{
    program->blocks =
        block_set_open(program->spec->blocks, !program->spec->incoming, errp);
    return program->blocks;
}

/* ---- networks ---- */

static Netdev *find_net(void *opaque, const char *id)
{
    const Program *program = opaque;

    return net_set_find(program->nets, id);
}

static bool open_nets(Program *program, GError **errp)
{
    program->nets = net_set_open(program->spec->nets, !program->spec->incoming, errp);
    return program->nets;
}

/* ---- all of them ---- */

void backends_init(Program *program)
{
    program->chardevs = g_ptr_array_new_with_free_func((GDestroyNotify)chardev_free);
    program->rngs = g_ptr_array_new_with_free_func((GDestroyNotify)rng_backend_free);
}

bool backends_open(Program *program, GError **errp)
{
    program->vm_host.find_chardev = find_chardev;
    program->vm_host.find_rng = find_rng;
    program->vm_host.find_block = find_block;
    program->vm_host.find_net = find_net;
    program->vm_host.take_images = take_images;
    return open_chardevs(program, errp) && open_rngs(program, errp) &&
           open_blocks(program, errp) && open_nets(program, errp);
}

void backends_close(Program *program)
{
    g_clear_pointer(&program->chardevs, g_ptr_array_unref);
    g_clear_pointer(&program->rngs, g_ptr_array_unref);
    g_clear_pointer(&program->blocks, block_set_close);
    g_clear_pointer(&program->nets, net_set_close);
}
