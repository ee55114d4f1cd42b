/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vm-internal.h"

void vm_request_locked(Vm *vm, VmRequest request, int code, char *text)
{
    /* The first request counts; others of the same moment follow from it. */
    if (vm->request != VM_REQUEST_NONE) {
        g_free(text);
        return;
    }
    vm->request = request;
    vm->request_code = code;
    vm->request_text = text;
    vm->may_run = false;
    g_main_context_wakeup(NULL);
}
