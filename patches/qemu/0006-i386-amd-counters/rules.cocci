// Counters and selects of PERFCTR_CORE alternate: MSR 2n is select n, 2n + 1 counter n.

// in target/i386/kvm/kvm.c, from 10.2.50: 2 places
@half@
symbol env, msrs, index, i;
@@
 if (index & 0x1) {
-    env->msr_gp_counters[index] = msrs[i].data;
+    env->msr_gp_counters[index / 2] = msrs[i].data;
 } else {
-    env->msr_gp_evtsel[index] = msrs[i].data;
+    env->msr_gp_evtsel[index / 2] = msrs[i].data;
 }
