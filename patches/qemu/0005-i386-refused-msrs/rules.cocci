// An MSR that KVM refuses ends a start or a load with a message, not QEMU with an abort.

// in target/i386/kvm/kvm.c: 2 places
@set@
symbol cpu, ret, nmsrs, kvm_msr_buf;
identifier e;
@@
 kvm_buf_set_msrs(...)
 {
     ...
     if (ret < cpu->kvm_msr_buf->nmsrs) {
         struct kvm_msr_entry *e = &cpu->kvm_msr_buf->entries[ret];
-        error_report(...);
+        x86_vpmu_report_refused(e->index, e->data);
+        return -EINVAL;
     }
-    assert(ret == cpu->kvm_msr_buf->nmsrs);
     return 0;
 }

// in target/i386/kvm/kvm.c: 3 places
@init@
symbol cpu;
@@
-void
+int
 kvm_init_msrs(...)
 {
     ...
-    assert(kvm_buf_set_msrs(cpu) == 0);
+    return kvm_buf_set_msrs(cpu);
 }

// in target/i386/kvm/kvm.c: 1 place
@start@
symbol cpu, r;
@@
 kvm_arch_init_vcpu(...)
 {
     <...
-    kvm_init_msrs(cpu);
+    r = kvm_init_msrs(cpu);
+    if (r < 0) {
+        goto fail;
+    }
     ...>
 }

// in target/i386/kvm/kvm.c: 1 place
@get@
symbol cpu, ret, nmsrs, kvm_msr_buf;
@@
-assert(ret == cpu->kvm_msr_buf->nmsrs);
+if (ret < cpu->kvm_msr_buf->nmsrs) {
+    return -EINVAL;
+}
