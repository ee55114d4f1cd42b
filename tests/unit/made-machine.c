/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "made-machine.h"

#include <glib/gstdio.h>

#include "made-kernel.h"
#include "resolve-case.h"
#include "system/cmdline/cmdline.h"
#include "system/plan/types.h"

static void on_event(void *opaque, MachineEvent event, int code)
{
    MadeMachine *made = opaque;

    made->event = event;
    made->event_code = code;
    made->events++;
}

static Chardev *on_find_chardev(void *opaque, const char *id)
{
    MadeMachine *made = opaque;

    return g_strcmp0(id, "out") == 0 ? made->serial : NULL;
}

static KvmSys *model_new(const HostProfile *host, MadeModel **ret_model)
{
#if defined(KVM_ARCH_ARM64)
    return model_arm_new(host, ret_model);
#else
    return model_kvm_new(host, ret_model);
#endif
}

void made_machine_free(MadeMachine *made)
{
    if (!made) {
        return;
    }
    machine_free(made->machine);
    guest_memory_free(made->memory);
    boot_images_free(made->images);
    chardev_free(made->serial);
    vm_plan_free(made->plan);
    kvm_sys_free(made->sys);
    report_free(made->report);
    host_profile_free(made->host);
    vm_spec_free(made->spec);
    type_registry_free(made->registry);
    if (made->kernel) {
        g_unlink(made->kernel);
    }
    g_free(made->kernel);
    g_free(made);
}

bool made_machine_realize(MadeMachine *made, GError **errp)
{
    made->machine = machine_realize(made->plan->machine, &made->machine_host, made->sys,
                                    made->memory, made->images, errp);
    return made->machine;
}

static bool open_images(MadeMachine *made, GError **errp)
{
    g_autoptr(FileSys) fs = file_sys_new("");
    const MachinePlan *plan = made->plan->machine;

    made->images = boot_images_open(fs, plan->kernel, NULL, false, errp);
    for (unsigned i = 0; made->images && i < plan->fw_cfg_items->len; i++) {
        const FwCfgItem *item = g_ptr_array_index(plan->fw_cfg_items, i);

        if (!boot_images_add_blob(made->images, fs, item->text, item->path, errp)) {
            return false;
        }
    }
    return made->images;
}

MadeMachine *made_machine_plan(const char *host, const GByteArray *kernel,
                               const char *const *args, GError **errp)
{
    return made_machine_plan_on(resolve_profile(host), kernel, args, errp);
}

MadeMachine *made_machine_plan_on(HostProfile *host, const GByteArray *kernel,
                                  const char *const *args, GError **errp)
{
    g_autoptr(MadeMachine) made = g_new0(MadeMachine, 1);
    g_autoptr(GPtrArray) argv = g_ptr_array_new();
    ChardevConfig *config = chardev_config_parse("ringbuf,id=out", NULL);

    made->serial = chardev_new(config, NULL);
    chardev_config_free(config);
    made->kernel = kernel ? made_kernel_write(kernel) : NULL;
    for (; *args; args++) {
        g_ptr_array_add(argv, (char *)*args);
    }
    if (kernel) {
        g_ptr_array_add(argv, (char *)"-kernel");
        g_ptr_array_add(argv, made->kernel);
    }
    made->spec = cmdline_parse((int)argv->len, (char *const *)argv->pdata, errp);
    made->registry = type_registry_new();
    vm_types_register(made->registry);
    made->host = host;
    made->report = report_new();
    made->plan = made->spec ? vm_plan_resolve(made->spec, made->registry, made->host,
                                              made->report, errp)
                            : NULL;
    if (!made->plan) {
        return NULL;
    }
    made->sys = model_new(made->host, &made->model);
    made->machine_host = (MachineHost){.event = on_event,
                                       .find_chardev = on_find_chardev,
                                       .rtc_offset_s = &made->rtc_offset_s,
                                       .opaque = made};
    if (!open_images(made, errp)) {
        return NULL;
    }
    made->memory =
        guest_memory_new(made->plan->machine->ram, made->plan->machine->ram_ranges, errp);
    return made->memory ? g_steal_pointer(&made) : NULL;
}

MadeMachine *made_machine_new(const char *host, const char *const *args)
{
    g_autoptr(GByteArray) kernel = made_kernel_pvh();
    g_autoptr(GError) error = NULL;
    MadeMachine *made = made_machine_plan(host, kernel, args, &error);

    g_assert_no_error(error);
    made_machine_realize(made, &error);
    g_assert_no_error(error);
    return made;
}
