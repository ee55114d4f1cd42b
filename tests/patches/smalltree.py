# SPDX-License-Identifier: GPL-2.0-or-later
"""A tree of a few small files that have the shapes the steps of patches/qemu look for."""

import os

FILES = {
    'target/i386/cpu.c': '''\
#include "kvm/kvm_i386.h"

FeatureWordInfo feature_word_info[FEATURE_WORDS] = {
    [FEAT_OTHER] = {
        .feat_names = { "one", NULL },
    },
    [FEAT_PERF_CAPABILITIES] = {
        .type = MSR_FEATURE_WORD,
        .feat_names = {
            NULL, NULL, "full-width-write",
        },
        .msr = {
            .index = MSR_IA32_PERF_CAPABILITIES,
        },
    },
};

void x86_cpu_expand_features(X86CPU *cpu, Error **errp)
{
    int i;

    for (i = 0; i < ARRAY_SIZE(feature_dependencies); i++) {
        drop(i);
    }
}

static void x86_cpu_reset_hold(X86CPU *cpu)
{
    CPUX86State *env = &cpu->env;

    env->msr_ia32_misc_enable = MSR_IA32_MISC_ENABLE_DEFAULT;
}

static void x86_cpu_realizefn(DeviceState *dev, Error **errp)
{
    X86CPU *cpu = X86_CPU(dev);
    unsigned requested_lbr_fmt;

    prepare(cpu);
    if (cpu->lbr_fmt != ~PERF_CAP_LBR_FMT) {
        set(cpu);
    }
    requested_lbr_fmt = get(cpu);
    if (requested_lbr_fmt && kvm_enabled()) {
        judge(cpu);
    }
    finish(cpu);
}

static void x86_cpu_initfn(Object *obj)
{
    X86CPU *cpu = X86_CPU(obj);

    cpu->lbr_fmt = ~PERF_CAP_LBR_FMT;
    object_property_add_alias(obj, "lbr_fmt", obj, "lbr-fmt");
    load(cpu);
}

static const Property x86_cpu_properties[] = {
    DEFINE_PROP_BOOL("pmu", X86CPU, enable_pmu, false),
    DEFINE_PROP_UINT64_CHECKMASK("lbr-fmt", X86CPU, lbr_fmt, PERF_CAP_LBR_FMT),
    DEFINE_PROP_BOOL("check", X86CPU, check, true),
};
''',
    'target/i386/cpu.h': '''\
#define PERF_CAP_LBR_FMT                0x3f

typedef struct CPUArchState {
    uint64_t msr_ia32_misc_enable;
} CPUX86State;

struct ArchCPU {
    uint64_t lbr_fmt;
};
''',
    'target/i386/machine.c': '''\
#include "kvm/kvm_i386.h"

static const VMStateDescription *list[] = {
        &vmstate_nested_state,
        NULL
};
''',
    'target/i386/meson.build': "i386_ss.add(files(\n  'cpu-dump.c',\n))\n",
    'target/i386/kvm/meson.build': "i386_kvm_ss.add(files(\n  'kvm-cpu.c',\n))\n",
    'target/i386/kvm/kvm.c': '''\
#include "kvm_i386.h"

static void kvm_init_msrs(X86CPU *cpu);

int kvm_arch_init_vcpu(CPUState *cs)
{
    int r;

    kvm_init_msrs(cpu);
    return 0;

fail:
    return r;
}

static int kvm_buf_set_msrs(X86CPU *cpu)
{
    int ret = kvm_vcpu_ioctl(CPU(cpu), KVM_SET_MSRS, cpu->kvm_msr_buf);

    if (ret < cpu->kvm_msr_buf->nmsrs) {
        struct kvm_msr_entry *e = &cpu->kvm_msr_buf->entries[ret];
        error_report("no", (uint32_t)e->index);
    }

    assert(ret == cpu->kvm_msr_buf->nmsrs);
    return 0;
}

static void kvm_init_msrs(X86CPU *cpu)
{
    reset(cpu);
    assert(kvm_buf_set_msrs(cpu) == 0);
}

static int kvm_get_msrs(X86CPU *cpu)
{
    int ret = fetch(cpu);

    assert(ret == cpu->kvm_msr_buf->nmsrs);
    for (i = 0; i < ret; i++) {
        if (index & 0x1) {
            env->msr_gp_counters[index] = msrs[i].data;
        } else {
            env->msr_gp_evtsel[index] = msrs[i].data;
        }
    }
    return 0;
}

int kvm_arch_init(MachineState *ms, KVMState *s)
{
    int ret;

    ret = kvm_get_supported_msrs(s);
    return ret;
}

void kvm_arch_accel_class_init(ObjectClass *oc)
{
    add(oc);
}

int kvm_arch_put_registers(CPUState *cpu, int level)
{
    int ret;

    ret = kvm_put_msrs(x86_cpu, level);
    return ret;
}

int kvm_arch_get_registers(CPUState *cs)
{
    int ret;

    ret = kvm_get_msrs(cpu);
    return ret;
}
''',
    'hw/i386/pc.c': '''\
GlobalProperty pc_compat_10_2[] = {};

GlobalProperty pc_compat_9_2[] = {
    { "mch", "x", "16" },
};
''',
    'hw/core/machine.c': '''\
GlobalProperty hw_compat_10_2[] = {
    { "scsi-block", "y", "off" },
};
''',
    'target/arm/kvm.c': '''\
#include "kvm_arm.h"

static bool kvm_arm_get_host_cpu_features(ARMHostCPUFeatures *ahcf)
{
    bool pmu_supported = false;

    if (kvm_arm_pmu_supported()) {
        pmu_supported = true;
    }
    if (pmu_supported) {
        err |= read_sys_reg64(fd, &ahcf->isar.reset_pmcr_el0, PMCR);
    }
    kvm_arm_destroy_scratch_host_vcpu(fdarray);
    return true;
}

bool kvm_arm_pmu_supported(void)
{
    return kvm_check_extension(kvm_state, KVM_CAP_ARM_PMU_V3);
}

int kvm_arch_init(MachineState *ms, KVMState *s)
{
    int ret = 0;

    max_hw_wps = kvm_check_extension(s, KVM_CAP_GUEST_DEBUG_HW_WPS);
    return ret;
}

int kvm_arch_handle_exit(CPUState *cs, struct kvm_run *run)
{
    int ret = 0;

    switch (run->exit_reason) {
    default:
        qemu_log_mask(LOG_UNIMP, "%s %d", __func__, run->exit_reason);
        break;
    }
    return ret;
}

void kvm_arch_accel_class_init(ObjectClass *oc)
{
    add(oc);
}

int kvm_arch_init_vcpu(CPUState *cs)
{
    int ret;

    ret = kvm_arm_vcpu_init(cpu);
    if (ret) {
        return ret;
    }
    return 0;
}
''',
    'target/arm/meson.build': 'arm_system_ss = ss.source_set()\n',
    'target/arm/trace-events': '# kvm.c\n',
    'qapi/meson.build': "qapi_all_modules = [\n  'run-state',\n]\n",
    'accel/kvm/meson.build': "kvm_ss = ss.source_set()\n"
                             "specific_ss.add_all(when: 'CONFIG_KVM', if_true: kvm_ss)\n",
    'qapi/qom.json': '''\
{ 'include': 'crypto.json' }
    'iothread',
      'iothread':                   'IothreadProperties',
''',
    'system/main.c': '''\
#include "qemu/osdep.h"
#include "qemu-main.h"

int main(int argc, char **argv)
{
    qemu_init(argc, argv);
    return 0;
}
''',
    'meson.build': '''\
keyutils = not_found
summary_info += {'seccomp support':   seccomp}
''',
    'include/system/system.h': '',
    'include/hw/core/boards.h': '',
    'tests/qtest/qmp-cmd-test.c': '''\
        { "query-hotpluggable-cpus", ERROR_CLASS_GENERIC_ERROR },
''',
    'meson_options.txt': "option('slirp', type: 'feature', value: 'auto',\n",
    'scripts/meson-buildoptions.sh': '''\
  printf "%s\\n" '  slirp           libslirp user mode network backend support'
    --disable-slirp) printf "%s" -Dslirp=disabled ;;
''',
    'qapi/qapi-schema.json': "{ 'include': 'error.json' }\n{ 'include': 'run-state.json' }\n",
}


def write(root, version='10.2.50', files=None):
    """Writes the tree; @files replace or, where None, remove some."""
    for path, text in {**FILES, 'VERSION': version + '\n', **(files or {})}.items():
        if text is None:
            continue
        full = os.path.join(root, path)
        os.makedirs(os.path.dirname(full), exist_ok=True)
        with open(full, 'w', encoding='utf-8') as file:
            file.write(text)
    for path, text in (files or {}).items():
        if text is None and os.path.exists(os.path.join(root, path)):
            os.remove(os.path.join(root, path))
    for folder in ('include/system', 'include/qobject', 'include/hw/core'):
        os.makedirs(os.path.join(root, folder), exist_ok=True)
    return root
