// Threads are confined before KVM sees the vCPU, and a failed entry is not tried for ever.

// in target/arm/kvm.c: 1 place
@property@
symbol oc;
@@
 kvm_arch_accel_class_init(...)
 {
     kvm_arm_pmu_add_properties(oc);
+    kvm_arm_pmu_add_affinity(oc);
     ...
 }

// in target/arm/kvm.c: 1 place
@confine@
symbol ret, cpu;
@@
 kvm_arch_init_vcpu(...)
 {
     <...
-    ret = kvm_arm_vcpu_init(cpu);
+    ret = cpu->has_pmu ? kvm_arm_pmu_confine() : 0;
+    if (!ret) {
+        ret = kvm_arm_vcpu_init(cpu);
+    }
     ...>
 }

// in target/arm/kvm.c: 1 place
@scratch@
symbol pmu_supported;
@@
 pmu_supported = true;
+if (kvm_arm_pmu_confine() < 0) {
+    return false;
+}

// in target/arm/kvm.c: 1 place
@release@
symbol fdarray;
@@
 kvm_arm_get_host_cpu_features(...)
 {
     <...
     kvm_arm_destroy_scratch_host_vcpu(fdarray);
+    kvm_arm_pmu_release();
     ...>
 }

// in target/arm/kvm.c: 1 place
@entry@
symbol run, cs;
expression text, name;
@@
+if (run->exit_reason == KVM_EXIT_FAIL_ENTRY) {
+    ret = kvm_arm_pmu_entry_failed(cs, run);
+    break;
+}
 qemu_log_mask(LOG_UNIMP, text, name, run->exit_reason);
