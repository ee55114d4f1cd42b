// A property of the accelerator, and the filter set before anything counts.

// in target/i386/kvm/kvm.c: 1 place
@x86property@
symbol oc;
@@
 kvm_arch_accel_class_init(...)
 {
+    kvm_pmu_filter_add_property(oc);
     ...
 }

// in target/i386/kvm/kvm.c: 1 place
@x86@
symbol ret, s;
@@
+ret = x86_vpmu_set_filter(s);
+if (ret < 0) {
+    return ret;
+}
+
 ret = kvm_get_supported_msrs(s);

// in target/arm/kvm.c: 1 place
@armproperty@
symbol oc;
@@
 kvm_arch_accel_class_init(...)
 {
+    kvm_pmu_filter_add_property(oc);
     ...
 }

// in target/arm/kvm.c: 1 place
@arm@
symbol ret, cpu;
@@
 ret = kvm_arm_pmu_set(CPU(cpu)->kvm_fd);
+if (!ret) {
+    ret = kvm_arm_pmu_set_filter(CPU(cpu)->kvm_fd);
+}
