/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model-arm-internal.h"

#include <errno.h>
#include <sched.h>
#include <string.h>
#include <sys/mman.h>

#include "target/cpu-contract.h"
#include "util/bits.h"

#define RUN_BYTES     (2 * 4096)
#define IPA_BITS_MASK 0xff /* of KVM_CREATE_VM's type */

int model_fail(int errnum)
{
    errno = errnum;
    return -1;
}

unsigned model_arm_cpu(const ModelArm *model)
{
    return (unsigned)(model->cpu == MODEL_ARM_REAL_CPU ? sched_getcpu() : model->cpu);
}

const PmuSource *model_arm_source_of(const ModelArm *model, unsigned cpu)
{
    for (unsigned i = 0; i < model->host->sources->len; i++) {
        const PmuSource *source = &g_array_index(model->host->sources, PmuSource, i);

        if (source->cpus && cpu_set_has(source->cpus, cpu)) {
            return source;
        }
    }
    return NULL;
}

bool model_arm_has(const ModelArmVcpu *vcpu, unsigned feature)
{
    return vcpu->features & BIT64(feature);
}

static void vm_free(gpointer data)
{
    ModelArmVm *vm = data;

    g_hash_table_unref(vm->ids);
    g_free(vm);
}

static void vcpu_free(gpointer data)
{
    ModelArmVcpu *vcpu = data;

    g_hash_table_unref(vcpu->regs);
    g_free(vcpu);
}

static int check_extension(const ModelArm *model, long number)
{
    for (unsigned i = 0; i < KVM_CAPID_COUNT; i++) {
        if (kvm_cap_rows[i].is_arm && kvm_cap_rows[i].number == (unsigned)number) {
            return model->host->caps[i];
        }
    }
    return 0;
}

/* LD api.rst 4.2: 0 is 40 bits; else from 32 to what the host has. */
static int create_vm(ModelArm *model, unsigned long type)
{
    int most = model->host->caps[KVM_CAPID_ARM_VM_IPA_SIZE];
    unsigned bits = type & IPA_BITS_MASK;
    ModelArmVm *vm;

    if (type & ~(unsigned long)IPA_BITS_MASK ||
        (bits && (bits < 32 || bits > (unsigned)MAX(most, 40)))) {
        return model_fail(EINVAL);
    }
    vm = g_new0(ModelArmVm, 1);
    vm->model = model;
    vm->ids = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, g_free);
    g_ptr_array_add(model->vms, vm);
    return handles_add(model->handles, HANDLE_VM, vm);
}

static int sys_ioctl(ModelArm *model, unsigned long request, void *arg)
{
    switch (request) {
    case KVM_GET_API_VERSION:
        return 12;
    case KVM_CHECK_EXTENSION:
        return check_extension(model, (long)arg);
    case KVM_GET_VCPU_MMAP_SIZE:
        return RUN_BYTES;
    case KVM_CREATE_VM:
        return create_vm(model, (unsigned long)arg);
    default:
        return model_fail(ENOTTY);
    }
}

/* LD devices/arm-vgic-v3.rst, arm-vgic.rst: one GIC, of a kind the host has. */
static int create_device(ModelArmVm *vm, struct kvm_create_device *create)
{
    unsigned newest = vm->model->host->arm.gic_version;
    bool is_v3 = create->type == KVM_DEV_TYPE_ARM_VGIC_V3;

    if ((!is_v3 && create->type != KVM_DEV_TYPE_ARM_VGIC_V2) ||
        (is_v3 && newest && newest < 3)) {
        return model_fail(ENODEV);
    }
    if (create->flags & KVM_CREATE_DEVICE_TEST) {
        return 0;
    }
    if (vm->gic) {
        return model_fail(EEXIST);
    }
    vm->gic = model_arm_gic_new(vm, create->type);
    g_ptr_array_add(vm->model->gics, vm->gic);
    create->fd = (uint32_t)handles_add(vm->model->handles, HANDLE_DEVICE, vm->gic);
    return 0;
}

static int create_vcpu(ModelArmVm *vm, unsigned long id)
{
    ModelArmVcpu *vcpu;

    if (vm->gic && vm->gic->is_ready) { /* LX kvm_arch_vcpu_precreate */
        return model_fail(EBUSY);
    }
    vcpu = g_new0(ModelArmVcpu, 1);
    vcpu->vm = vm;
    vcpu->index = (unsigned)id;
    vcpu->regs = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, g_free);
    vm->vcpu_count++;
    g_ptr_array_add(vm->model->vcpus, vcpu);
    return handles_add(vm->model->handles, HANDLE_VCPU, vcpu);
}

static int vm_ioctl(ModelArmVm *vm, unsigned long request, void *arg)
{
    switch (request) {
    case KVM_CHECK_EXTENSION:
        return check_extension(vm->model, (long)arg);
    case KVM_ARM_PREFERRED_TARGET:
        *(struct kvm_vcpu_init *)arg =
            (struct kvm_vcpu_init){.target = KVM_ARM_TARGET_GENERIC_V8};
        return 0;
    case KVM_CREATE_VCPU:
        return create_vcpu(vm, (unsigned long)arg);
    case KVM_CREATE_DEVICE:
        return create_device(vm, arg);
    case KVM_GET_DIRTY_LOG:
        memset(((struct kvm_dirty_log *)arg)->dirty_bitmap, 0, sizeof(uint64_t));
        return 0;
    case KVM_SET_USER_MEMORY_REGION:
    case KVM_IRQ_LINE:
        return 0;
    default:
        return model_fail(ENOTTY);
    }
}

/* What a feature of KVM_ARM_VCPU_INIT needs of the host. */
static const struct {
    unsigned feature;
    KvmCapId cap;
} needs[] = {
    {ARM_VCPU_EL1_32BIT, KVM_CAPID_ARM_EL1_32BIT},
    {ARM_VCPU_PMU_V3, KVM_CAPID_ARM_PMU_V3},
    {ARM_VCPU_SVE, KVM_CAPID_ARM_SVE},
    {ARM_VCPU_PTRAUTH_ADDRESS, KVM_CAPID_ARM_PTRAUTH_ADDRESS},
    {ARM_VCPU_PTRAUTH_GENERIC, KVM_CAPID_ARM_PTRAUTH_GENERIC},
};

/* The errno, 0: they are in order.  LD api.rst 4.82; LX kvm_vcpu_init_check_features. */
static int check_features(const ModelArmVcpu *vcpu, uint32_t features)
{
    const HostProfile *host = vcpu->vm->model->host;
    bool has_strict = features & BIT64(ARM_VCPU_PMU_V3_STRICT);
    uint32_t known = (uint32_t)(BIT64(ARM_VCPU_HAS_EL2) - 1);

    if (host->caps[KVM_CAPID_ARM_PMU_V3_STRICT]) {
        known |= (uint32_t)BIT64(ARM_VCPU_PMU_V3_STRICT);
    }
    if (features & ~known) {
        return ENOENT; /* seen, 6.1 and 7.2: a bit the kernel does not know */
    }
    for (unsigned i = 0; i < ARRAY_LEN(needs); i++) {
        if (features & BIT64(needs[i].feature) && host->caps[needs[i].cap] <= 0) {
            return EINVAL;
        }
    }
    return (has_strict && !(features & BIT64(ARM_VCPU_PMU_V3))) || /* seen, 7.3 */
                   !(features & BIT64(ARM_VCPU_PTRAUTH_ADDRESS)) !=
                       !(features & BIT64(ARM_VCPU_PTRAUTH_GENERIC))
               ? EINVAL
               : 0;
}

static int init_vcpu(ModelArmVcpu *vcpu, const struct kvm_vcpu_init *init)
{
    ModelArmVm *vm = vcpu->vm;
    uint32_t features = init->features[0] & ~(uint32_t)BIT64(ARM_VCPU_POWER_OFF);
    int errnum = init->target == KVM_ARM_TARGET_GENERIC_V8
                     ? check_features(vcpu, features)
                     : EINVAL;

    if (errnum) {
        return model_fail(errnum);
    }
    if (vm->has_features && vm->features != features) { /* seen, 6.12 and later */
        return model_fail(EINVAL);
    }
    if (features & BIT64(ARM_VCPU_PMU_V3) && !vm->pmu && !vm->is_fixed &&
        !(features & BIT64(ARM_VCPU_PMU_V3_STRICT))) {
        /* Seen, 6.12 and later: the PMU of the CPU the caller happens to be on. */
        const PmuSource *source =
            model_arm_source_of(vm->model, model_arm_cpu(vm->model));

        if (!source) {
            return model_fail(ENODEV);
        }
        model_arm_take_pmu(vm, source);
    }
    vm->has_features = true;
    vm->features = features;
    vcpu->features = features;
    vcpu->is_initialised = true;
    vcpu->mp.mp_state = init->features[0] & BIT64(ARM_VCPU_POWER_OFF)
                            ? KVM_MP_STATE_STOPPED
                            : KVM_MP_STATE_RUNNABLE;
    return 0;
}

static int finalize_vcpu(ModelArmVcpu *vcpu, int feature)
{
    if (feature != (int)ARM_VCPU_SVE || !model_arm_has(vcpu, ARM_VCPU_SVE)) {
        return model_fail(EINVAL); /* LD api.rst 4.119 */
    }
    if (vcpu->is_finalized) {
        return model_fail(EPERM);
    }
    vcpu->is_finalized = true;
    return 0;
}

/* LD devices/vcpu.rst 1.4 and seen on 6.1 to 7.3. */
static int run_vcpu(ModelArmVcpu *vcpu)
{
    ModelArmVm *vm = vcpu->vm;
    bool has_pmu = model_arm_has(vcpu, ARM_VCPU_PMU_V3);
    unsigned cpu = model_arm_cpu(vm->model);

    if (!vcpu->is_initialised) {
        return model_fail(ENOEXEC);
    }
    if (has_pmu && (!vcpu->is_pmu_ready || (!vm->pmu && !vm->is_fixed))) {
        return model_fail(EINVAL);
    }
    vm->has_run = true;
    if (has_pmu && vm->is_explicit && !cpu_set_has(vm->pmu->cpus, cpu)) {
        vm->model->refused++;
        vcpu->run->exit_reason = KVM_EXIT_FAIL_ENTRY;
        vcpu->run->fail_entry.hardware_entry_failure_reason =
            KVM_EXIT_FAIL_ENTRY_CPU_UNSUPPORTED;
        vcpu->run->fail_entry.cpu = cpu;
        return 0;
    }
    vm->model->entries++;
    return model_fail(EINTR);
}

static int vcpu_ioctl(ModelArmVcpu *vcpu, unsigned long request, void *arg)
{
    switch (request) {
    case KVM_ARM_VCPU_INIT:
        return init_vcpu(vcpu, arg);
    case KVM_ARM_VCPU_FINALIZE:
        return finalize_vcpu(vcpu, *(const int *)arg);
    case KVM_GET_REG_LIST:
        return model_arm_list_regs(vcpu, arg);
    case KVM_GET_ONE_REG:
        return model_arm_one_reg(vcpu, arg, false);
    case KVM_SET_ONE_REG:
        return model_arm_one_reg(vcpu, arg, true);
    case KVM_HAS_DEVICE_ATTR:
        return model_arm_pmu_attr(vcpu, arg, false);
    case KVM_SET_DEVICE_ATTR:
        return model_arm_pmu_attr(vcpu, arg, true);
    case KVM_GET_MP_STATE:
        *(struct kvm_mp_state *)arg = vcpu->mp;
        return 0;
    case KVM_SET_MP_STATE:
        vcpu->mp = *(const struct kvm_mp_state *)arg;
        return 0;
    case KVM_GET_VCPU_EVENTS:
        *(struct kvm_vcpu_events *)arg = vcpu->events;
        return 0;
    case KVM_SET_VCPU_EVENTS:
        vcpu->events = *(const struct kvm_vcpu_events *)arg;
        return 0;
    case KVM_SET_SIGNAL_MASK:
        return 0;
    case KVM_RUN:
        return run_vcpu(vcpu);
    default:
        return model_fail(ENOTTY);
    }
}

static int model_open(void *opaque, const char *path)
{
    (void)path;
    return handles_add(((ModelArm *)opaque)->handles, HANDLE_SYS, NULL);
}

static int model_ioctl(void *opaque, int fd, unsigned long request, void *arg)
{
    ModelArm *model = opaque;
    const Handle *handle = handles_find(model->handles, fd);

    switch (handle->kind) {
    case HANDLE_SYS:
        return sys_ioctl(model, request, arg);
    case HANDLE_VM:
        return vm_ioctl(handle->object, request, arg);
    case HANDLE_VCPU:
        return vcpu_ioctl(handle->object, request, arg);
    case HANDLE_DEVICE:
        return model_arm_gic_ioctl(handle->object, request, arg);
    default:
        return model_fail(EBADF);
    }
}

static void *model_map(void *opaque, int fd, size_t len, off_t offset)
{
    ModelArmVcpu *vcpu = handles_find(((ModelArm *)opaque)->handles, fd)->object;
    void *map =
        mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    (void)offset;
    vcpu->run = map == MAP_FAILED ? NULL : map;
    return map;
}

static int model_unmap(void *opaque, void *addr, size_t len)
{
    (void)opaque;
    return munmap(addr, len);
}

static int model_close(void *opaque, int fd)
{
    return handles_close(((ModelArm *)opaque)->handles, fd);
}

static void model_free(void *opaque)
{
    ModelArm *model = opaque;

    g_ptr_array_unref(model->handles);
    g_ptr_array_unref(model->gics);
    g_ptr_array_unref(model->vcpus);
    g_ptr_array_unref(model->vms);
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

KvmSys *model_arm_new(const HostProfile *host, ModelArm **ret_model)
{
    ModelArm *model = g_new0(ModelArm, 1);

    model->host = host;
    model->handles = handles_new();
    model->vms = g_ptr_array_new_with_free_func(vm_free);
    model->vcpus = g_ptr_array_new_with_free_func(vcpu_free);
    model->gics = g_ptr_array_new_with_free_func(model_arm_gic_free);
    *ret_model = model;
    return kvm_sys_new(&model_ops, model, NULL);
}

void model_arm_move(ModelArm *model, int cpu)
{
    model->cpu = cpu;
}

void model_arm_twist_reg(ModelArm *model, uint64_t id, uint64_t flips)
{
    model->twisted = id;
    model->flips = flips;
}

void model_arm_hide_reg(ModelArm *model, uint64_t id)
{
    model->hidden = id;
}

unsigned model_arm_open_fds(const ModelArm *model)
{
    return handles_open(model->handles);
}

int model_arm_pmu_type(const ModelArm *model)
{
    const ModelArmVm *vm = g_ptr_array_index(model->vms, model->vms->len - 1);

    return vm->pmu ? (int)vm->pmu->type : -1;
}

unsigned model_arm_entries(const ModelArm *model)
{
    return model->entries;
}

unsigned model_arm_refused(const ModelArm *model)
{
    return model->refused;
}
