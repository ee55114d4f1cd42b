/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model-kvm.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "handles.h"
#include "model-internal.h"
#include "util/bits.h"

#define RUN_BYTES  (3 * 4096)
#define MSRS_LIMIT 256
#define RING_LEAST (16 * 64) /* LX: more than the reserved entries */
#define RESET_MOST 100
#define RING_SPARE 64 /* entries left when the vCPU is stopped */

struct ModelKvm {
    const HostProfile *host;
    GPtrArray *handles;
    GPtrArray *vms; /* ModelVm *, all there ever were */
    GPtrArray *vcpus;
    GArray *uses;
    X86CpuidEntry twist; /* bits of a leaf this kernel keeps otherwise than told */
    X86Msr msr_twist;    /* the same of an MSR */
};

static int fail(int errnum)
{
    errno = errnum;
    return -1;
}

static void vcpu_free(gpointer data)
{
    ModelVcpu *vcpu = data;

    g_array_unref(vcpu->cpuid);
    g_hash_table_unref(vcpu->msrs);
    model_vcpu_state_clear(vcpu);
    g_free(vcpu);
}

static void vm_free(gpointer data)
{
    model_vm_state_clear(data);
    g_free(data);
}

static int check_extension(const ModelKvm *model, long number)
{
    for (unsigned i = 0; i < KVM_CAPID_COUNT; i++) {
        if (kvm_cap_rows[i].number == (unsigned)number && model->host->caps[i] > 0) {
            return model->host->caps[i];
        }
    }
    return number == KVM_CAP_NESTED_STATE ? (int)sizeof(struct kvm_nested_state) : 0;
}

static void entry_to_kvm(const X86CpuidEntry *entry, struct kvm_cpuid_entry2 *ret)
{
    *ret = (struct kvm_cpuid_entry2){
        .function = entry->function,
        .index = entry->index,
        .flags = entry->flags & X86_CPUID_HAS_INDEX ? KVM_CPUID_FLAG_SIGNIFCANT_INDEX : 0,
        .eax = entry->eax,
        .ebx = entry->ebx,
        .ecx = entry->ecx,
        .edx = entry->edx,
    };
}

static int get_cpuid(const GArray *table, struct kvm_cpuid2 *cpuid)
{
    if (cpuid->nent < table->len) {
        return fail(E2BIG);
    }
    for (unsigned i = 0; i < table->len; i++) {
        entry_to_kvm(&g_array_index(table, X86CpuidEntry, i), &cpuid->entries[i]);
    }
    cpuid->nent = table->len;
    return 0;
}

static int get_msr_list(const ModelKvm *model, struct kvm_msr_list *list, bool features)
{
    const GArray *array =
        features ? model->host->x86.feature_msrs : model->host->x86.msr_indices;
    unsigned room = list->nmsrs;

    list->nmsrs = array->len;
    if (room < array->len) {
        return fail(E2BIG);
    }
    for (unsigned i = 0; i < array->len; i++) {
        list->indices[i] = features ? g_array_index(array, X86Msr, i).index
                                    : g_array_index(array, uint32_t, i);
    }
    return 0;
}

static int get_feature_msrs(const ModelKvm *model, struct kvm_msrs *msrs)
{
    unsigned i;

    for (i = 0; i < msrs->nmsrs; i++) {
        uint64_t value;

        if (!host_profile_feature_msr(model->host, msrs->entries[i].index, &value)) {
            break;
        }
        msrs->entries[i].data = value;
    }
    return (int)i;
}

static int sys_ioctl(ModelKvm *model, unsigned long request, void *arg)
{
    ModelVm *vm;

    switch (request) {
    case KVM_GET_API_VERSION:
        return 12;
    case KVM_CHECK_EXTENSION:
        return check_extension(model, (long)arg);
    case KVM_GET_VCPU_MMAP_SIZE:
        return RUN_BYTES;
    case KVM_GET_SUPPORTED_CPUID:
        return get_cpuid(model->host->x86.supported, arg);
    case KVM_GET_MSR_INDEX_LIST:
        return get_msr_list(model, arg, false);
    case KVM_GET_MSR_FEATURE_INDEX_LIST:
        return get_msr_list(model, arg, true);
    case KVM_GET_MSRS:
        return get_feature_msrs(model, arg);
    case KVM_CREATE_VM:
        vm = g_new0(ModelVm, 1);
        g_ptr_array_add(model->vms, vm);
        return handles_add(model->handles, HANDLE_VM, vm);
    default:
        return fail(ENOTTY);
    }
}

/* Linux kvm/api.rst 8.29 and LX kvm_vm_ioctl_enable_dirty_log_ring. */
static int enable_ring(const ModelKvm *model, ModelVm *vm, uint64_t bytes)
{
    int most = model->host->caps[KVM_CAPID_DIRTY_RING];

    if (most <= 0 || bytes < RING_LEAST || bytes & (bytes - 1)) {
        return fail(EINVAL);
    }
    if (bytes > (uint64_t)most) {
        return fail(E2BIG);
    }
    if (vm->vcpu_count || vm->ring_bytes) {
        return fail(EINVAL);
    }
    vm->ring_bytes = bytes;
    return 0;
}

/* Entries user space is done with can be used again; how many they are.  Never all at
 * once, as where a signal comes (LX kvm_dirty_ring_reset since 6.16). */
static int reset_rings(const ModelKvm *model, const ModelVm *vm)
{
    uint32_t mask = (uint32_t)(vm->ring_bytes / sizeof(struct kvm_dirty_gfn)) - 1;
    int count = 0;

    if (!vm->ring_bytes) {
        return fail(EINVAL);
    }
    for (unsigned i = 0; i < model->vcpus->len; i++) {
        ModelVcpu *vcpu = g_ptr_array_index(model->vcpus, i);

        while (vcpu->vm == vm && vcpu->ring && count < RESET_MOST &&
               vcpu->ring[vcpu->ring_reset & mask].flags & KVM_DIRTY_GFN_F_RESET) {
            vcpu->ring[vcpu->ring_reset++ & mask].flags = 0;
            count++;
        }
    }
    return count;
}

/* Linux kvm/api.rst 8.34 and LX kvm_vm_ioctl_enable_cap. */
static int enable_cap(const ModelKvm *model, ModelVm *vm,
                      const struct kvm_enable_cap *cap)
{
    switch (cap->cap) {
    case KVM_CAP_PMU_CAPABILITY:
        if (model->host->caps[KVM_CAPID_PMU_CAPABILITY] <= 0 ||
            (cap->args[0] & ~(uint64_t)KVM_PMU_CAP_DISABLE) || vm->vcpu_count) {
            return fail(EINVAL);
        }
        vm->pmu_disabled = cap->args[0] & KVM_PMU_CAP_DISABLE;
        return 0;
    case KVM_CAP_DISABLE_QUIRKS2:
        if (cap->args[0] &
            ~(uint64_t)MAX(model->host->caps[KVM_CAPID_DISABLE_QUIRKS2], 0)) {
            return fail(EINVAL);
        }
        vm->disabled_quirks = cap->args[0];
        return 0;
    case KVM_CAP_DIRTY_LOG_RING_ACQ_REL:
        return enable_ring(model, vm, cap->args[0]);
    default:
        return fail(EINVAL);
    }
}

/* Linux perf_create_mediated_pmu(): not beside events of the host that count guests. */
static bool is_pmu_busy(const ModelKvm *model, const ModelVm *vm)
{
    return host_profile_module_flag(model->host, "enable_mediated_pmu", false) &&
           model_vm_has_vpmu(model->host, vm) && model->host->nmi_watchdog == 1;
}

/* LX kvm_arch_vm_ioctl: once, and before the first vCPU. */
static int create_irqchip(ModelVm *vm)
{
    if (vm->has_irqchip || vm->vcpu_count) {
        return fail(vm->has_irqchip ? EEXIST : EINVAL);
    }
    vm->has_irqchip = true;
    return 0;
}

static int create_vcpu(ModelKvm *model, ModelVm *vm)
{
    ModelVcpu *vcpu;

    if (is_pmu_busy(model, vm)) {
        return fail(EBUSY);
    }
    vcpu = g_new0(ModelVcpu, 1);
    vcpu->host = model->host;
    vcpu->vm = vm;
    vcpu->cpuid = g_array_new(FALSE, TRUE, sizeof(X86CpuidEntry));
    vcpu->msrs = g_hash_table_new_full(NULL, NULL, NULL, g_free);
    model_vcpu_init_msrs(vcpu);
    vm->vcpu_count++;
    g_ptr_array_add(model->vcpus, vcpu);
    return handles_add(model->handles, HANDLE_VCPU, vcpu);
}

static int vm_ioctl(ModelKvm *model, ModelVm *vm, unsigned long request, void *arg)
{
    switch (request) {
    case KVM_CHECK_EXTENSION:
        return check_extension(model, (long)arg);
    case KVM_ENABLE_CAP:
        return enable_cap(model, vm, arg);
    case KVM_CREATE_VCPU:
        return create_vcpu(model, vm);
    case KVM_CREATE_IRQCHIP:
        return create_irqchip(vm);
    case KVM_RESET_DIRTY_RINGS:
        return reset_rings(model, vm);
    case KVM_GET_DIRTY_LOG:
        if (vm->ring_bytes) {
            return fail(ENXIO);
        }
        memset(((struct kvm_dirty_log *)arg)->dirty_bitmap, 0, sizeof(uint64_t));
        return 0;
    case KVM_SET_IDENTITY_MAP_ADDR:
    case KVM_SET_TSS_ADDR:
    case KVM_CREATE_PIT2:
    case KVM_SET_USER_MEMORY_REGION:
    case KVM_IRQ_LINE:
        return 0;
    default:
        return model_vm_state_ioctl(vm, request, arg);
    }
}

static void twist_cpuid(GArray *table, const X86CpuidEntry *twist)
{
    X86CpuidEntry *entry = x86_cpuid_find(table, twist->function, twist->index);

    if (!entry) {
        g_array_append_val(table, *twist);
        return;
    }
    entry->eax ^= twist->eax;
    entry->ebx ^= twist->ebx;
    entry->ecx ^= twist->ecx;
    entry->edx ^= twist->edx;
}

static bool is_same_table(const GArray *one, const GArray *two)
{
    return one->len == two->len &&
           memcmp(one->data, two->data, one->len * sizeof(X86CpuidEntry)) == 0;
}

static int set_cpuid(ModelKvm *model, ModelVcpu *vcpu, const struct kvm_cpuid2 *cpuid)
{
    g_autoptr(GArray) table = g_array_new(FALSE, TRUE, sizeof(X86CpuidEntry));

    for (unsigned i = 0; i < cpuid->nent; i++) {
        const struct kvm_cpuid_entry2 *from = &cpuid->entries[i];
        X86CpuidEntry entry = {
            from->function,
            from->index,
            from->flags & KVM_CPUID_FLAG_SIGNIFCANT_INDEX ? X86_CPUID_HAS_INDEX : 0,
            from->eax,
            from->ebx,
            from->ecx,
            from->edx};

        g_array_append_val(table, entry);
    }
    twist_cpuid(table, &model->twist);
    if (vcpu->has_run) { /* LX: from then on the model stays what it was */
        return is_same_table(table, vcpu->cpuid) ? 0 : fail(EINVAL);
    }
    g_array_unref(vcpu->cpuid);
    vcpu->cpuid = g_steal_pointer(&table);
    model_vcpu_refresh_pmu(vcpu);
    return 0;
}

/* The call stops at the first refusal and says how far it came. */
static int use_msrs(ModelKvm *model, ModelVcpu *vcpu, struct kvm_msrs *msrs,
                    bool is_write)
{
    unsigned i;

    if (msrs->nmsrs >= MSRS_LIMIT) {
        return fail(E2BIG);
    }
    for (i = 0; i < msrs->nmsrs; i++) {
        struct kvm_msr_entry *entry = &msrs->entries[i];
        uint64_t value = entry->data;
        bool ok = is_write ? model_set_msr(vcpu, entry->index, value, true)
                           : model_get_msr(vcpu, entry->index, &value, true);
        const ModelMsrUse use = {entry->index, value, is_write, !ok};

        if (!is_write && entry->index == model->msr_twist.index) {
            value ^= model->msr_twist.value;
        }
        g_array_append_val(model->uses, use);
        if (!ok) {
            break;
        }
        entry->data = value;
    }
    return (int)i;
}

static int vcpu_ioctl(ModelKvm *model, ModelVcpu *vcpu, unsigned long request, void *arg)
{
    switch (request) {
    case KVM_SET_CPUID2:
        return set_cpuid(model, vcpu, arg);
    case KVM_GET_CPUID2:
        return get_cpuid(vcpu->cpuid, arg);
    case KVM_SET_MSRS:
        return use_msrs(model, vcpu, arg, true);
    case KVM_GET_MSRS:
        return use_msrs(model, vcpu, arg, false);
    case KVM_GET_REGS:
        memcpy(arg, &vcpu->regs, sizeof(vcpu->regs));
        return 0;
    case KVM_SET_REGS:
        memcpy(&vcpu->regs, arg, sizeof(vcpu->regs));
        return 0;
    case KVM_GET_SREGS:
        memcpy(arg, &vcpu->sregs, sizeof(vcpu->sregs));
        return 0;
    case KVM_SET_SREGS:
        memcpy(&vcpu->sregs, arg, sizeof(vcpu->sregs));
        return 0;
    case KVM_GET_LAPIC:
        memcpy(arg, &vcpu->lapic, sizeof(vcpu->lapic));
        return 0;
    case KVM_SET_LAPIC:
        memcpy(&vcpu->lapic, arg, sizeof(vcpu->lapic));
        return 0;
    case KVM_RUN:
        vcpu->has_run = true;
        return fail(EINTR);
    default:
        return model_vcpu_state_ioctl(vcpu, request, arg);
    }
}

static int model_open(void *opaque, const char *path)
{
    ModelKvm *model = opaque;

    (void)path;
    return handles_add(model->handles, HANDLE_SYS, NULL);
}

static int model_ioctl(void *opaque, int fd, unsigned long request, void *arg)
{
    ModelKvm *model = opaque;
    const Handle *handle = handles_find(model->handles, fd);

    switch (handle->kind) {
    case HANDLE_SYS:
        return sys_ioctl(model, request, arg);
    case HANDLE_VM:
        return vm_ioctl(model, handle->object, request, arg);
    case HANDLE_VCPU:
        return vcpu_ioctl(model, handle->object, request, arg);
    default:
        return fail(EBADF);
    }
}

static void *model_map(void *opaque, int fd, size_t len, off_t offset)
{
    const ModelKvm *model = opaque;
    void *map =
        mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (offset && map != MAP_FAILED) {
        ((ModelVcpu *)handles_find(model->handles, fd)->object)->ring = map;
    }
    return map;
}

void model_kvm_guest_overrun(ModelKvm *model, uint32_t slot, uint64_t page)
{
    ModelVcpu *vcpu = g_ptr_array_index(model->vcpus, model->vcpus->len - 1);
    uint32_t entries = (uint32_t)(vcpu->vm->ring_bytes / sizeof(*vcpu->ring));

    vcpu->ring[vcpu->ring_in++ & (entries - 1)] =
        (struct kvm_dirty_gfn){KVM_DIRTY_GFN_F_DIRTY, slot, page};
}

bool model_kvm_guest_write(ModelKvm *model, uint32_t slot, uint64_t page)
{
    ModelVcpu *vcpu = g_ptr_array_index(model->vcpus, model->vcpus->len - 1);
    uint32_t entries = (uint32_t)(vcpu->vm->ring_bytes / sizeof(*vcpu->ring));

    if (vcpu->ring_in - vcpu->ring_reset >= entries - RING_SPARE) {
        return false;
    }
    model_kvm_guest_overrun(model, slot, page);
    return true;
}

static int model_unmap(void *opaque, void *addr, size_t len)
{
    (void)opaque;
    return munmap(addr, len);
}

static int model_close(void *opaque, int fd)
{
    return handles_close(((ModelKvm *)opaque)->handles, fd);
}

static void model_free(void *opaque)
{
    ModelKvm *model = opaque;

    g_ptr_array_unref(model->handles);
    g_ptr_array_unref(model->vcpus);
    g_ptr_array_unref(model->vms);
    g_array_unref(model->uses);
    g_free(model);
}

static const KvmSysOps model_ops = {
    .open = model_open,
    .ioctl = model_ioctl,
    .map = model_map,
    .unmap = model_unmap,
    .close = model_close,
    .free = model_free,
};

KvmSys *model_kvm_new(const HostProfile *host, ModelKvm **ret_model)
{
    ModelKvm *model = g_new0(ModelKvm, 1);

    model->host = host;
    model->handles = handles_new();
    model->vms = g_ptr_array_new_with_free_func(vm_free);
    model->vcpus = g_ptr_array_new_with_free_func(vcpu_free);
    model->uses = g_array_new(FALSE, FALSE, sizeof(ModelMsrUse));
    *ret_model = model;
    return kvm_sys_new(&model_ops, model, NULL);
}

const GArray *model_kvm_uses(const ModelKvm *model)
{
    return model->uses;
}

void model_kvm_clear_uses(ModelKvm *model)
{
    g_array_set_size(model->uses, 0);
}

void model_kvm_twist_cpuid(ModelKvm *model, const X86CpuidEntry *twist)
{
    model->twist = *twist;
}

void model_kvm_twist_msr(ModelKvm *model, uint32_t index, uint64_t flips)
{
    model->msr_twist = (X86Msr){index, flips};
}

unsigned model_kvm_open_fds(const ModelKvm *model)
{
    return handles_open(model->handles);
}

bool model_kvm_pmu_disabled(const ModelKvm *model)
{
    const ModelVm *vm = g_ptr_array_index(model->vms, model->vms->len - 1);

    return vm->pmu_disabled;
}

uint64_t model_kvm_disabled_quirks(const ModelKvm *model)
{
    const ModelVm *vm = g_ptr_array_index(model->vms, model->vms->len - 1);

    return vm->disabled_quirks;
}

static ModelVcpu *newest_vcpu(ModelKvm *model)
{
    return g_ptr_array_index(model->vcpus, model->vcpus->len - 1);
}

bool model_kvm_guest_wrmsr(ModelKvm *model, uint32_t index, uint64_t value)
{
    return model_set_msr(newest_vcpu(model), index, value, false);
}

bool model_kvm_guest_rdmsr(ModelKvm *model, uint32_t index, uint64_t *ret)
{
    return model_get_msr(newest_vcpu(model), index, ret, false);
}
