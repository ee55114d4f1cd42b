// The choice is made when KVM is, and told to the scratch vCPU and to each vCPU with a PMU.

// in target/arm/kvm.c: 1 place
@properties@
symbol oc;
@@
 kvm_arch_accel_class_init(...)
 {
+    kvm_arm_pmu_add_properties(oc);
     ...
 }

// in target/arm/kvm.c: 1 place
@choose@
symbol max_hw_wps, s, ret;
@@
+if (!ret) {
+    ret = kvm_arm_pmu_choose(s);
+}
+
 max_hw_wps = kvm_check_extension(s, KVM_CAP_GUEST_DEBUG_HW_WPS);

// in target/arm/kvm.c: 1 place
@supported@
symbol kvm_state;
@@
-kvm_check_extension(kvm_state, KVM_CAP_ARM_PMU_V3)
+kvm_arm_pmu_choice()->kind != ARM_PMU_NONE

// in target/arm/kvm.c: 1 place
@scratch@
symbol err, pmu_supported;
expression fd;
expression list rest;
@@
 if (pmu_supported) {
+    err |= kvm_arm_pmu_set(fd);
     err |= read_sys_reg64(fd, rest);
 }

// in target/arm/kvm.c: 1 place
@vcpu@
symbol ret, cpu;
@@
 kvm_arch_init_vcpu(...)
 {
     <...
     ret = kvm_arm_vcpu_init(cpu);
+    if (!ret && cpu->has_pmu) {
+        ret = kvm_arm_pmu_set(CPU(cpu)->kvm_fd);
+    }
     ...>
 }

// in hw/core/machine.c, in development trees: 1 place
@compat@
typedef GlobalProperty;
symbol NEWEST(hw_compat_, hw/core/machine.c);
@@
 GlobalProperty NEWEST(hw_compat_, hw/core/machine.c)[] = {
     ...,
+    { "kvm-accel", "backcompat-pmu", "on", .optional = true },
 };
