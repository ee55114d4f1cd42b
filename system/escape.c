/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "escape.h"

#include <string.h>

#include "chardev/chardev.h"

static const char help[] = "\r\n"
                           "Ctrl-a h       this help\r\n"
                           "Ctrl-a x       end the program\r\n"
                           "Ctrl-a b       send a break\r\n"
                           "Ctrl-a c       (there is no human monitor; see -qmp)\r\n"
                           "Ctrl-a Ctrl-a  send Ctrl-a\r\n";

/* What a key needs: the program, and where to answer. */
typedef struct EscapeContext {
    Program *program;
    Chardev *chardev;
} EscapeContext;

static void key_pressed(void *opaque, char key)
{
    const EscapeContext *context = opaque;

    if (key == 'x') {
        vm_quit(context->program->vm, SHUTDOWN_CAUSE_HOST_UI, 0);
    } else {
        (void)chardev_write(context->chardev, help, strlen(help)); /* or it is lost */
    }
}

void escape_attach(Program *program)
{
    const VmSpec *spec = program->spec;

    program->escapes =
        g_array_sized_new(FALSE, FALSE, sizeof(EscapeContext), program->chardevs->len);
    for (unsigned i = 0; i < program->chardevs->len; i++) {
        const ChardevConfig *config = g_ptr_array_index(spec->chardevs, i);
        const EscapeContext context = {program, g_ptr_array_index(program->chardevs, i)};

        /* The array has its final size: elements do not move. */
        g_array_append_val(program->escapes, context);
        if (config->is_mux) {
            chardev_set_escape_handler(
                context.chardev, key_pressed,
                &g_array_index(program->escapes, EscapeContext, i));
        }
    }
}
