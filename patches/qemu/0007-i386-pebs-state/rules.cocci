// The MSRs go with QEMU's own: before them to KVM, after them from KVM.

// in target/i386/kvm/kvm.c: 1 place
@put@
symbol ret, x86_cpu, level;
@@
-ret = kvm_put_msrs(x86_cpu, level);
+ret = x86_vpmu_put_msrs(x86_cpu, level) ?: kvm_put_msrs(x86_cpu, level);

// in target/i386/kvm/kvm.c: 1 place
@get@
symbol ret, cpu;
@@
-ret = kvm_get_msrs(cpu);
+ret = kvm_get_msrs(cpu) ?: x86_vpmu_get_msrs(cpu);
