// Without a PMU there is no Debug Store and no processor trace, and MISC_ENABLE says which of
// its clients are there.  Machines that exist keep what they have.

// in target/i386/cpu.c: 1 place
@misc@
symbol env, cpu;
@@
 env->msr_ia32_misc_enable =
-    MSR_IA32_MISC_ENABLE_DEFAULT
+    x86_vpmu_misc_enable(cpu)
 ;

// in hw/i386/pc.c, in development trees: 1 place
@empty@
typedef GlobalProperty;
symbol NEWEST(pc_compat_, hw/i386/pc.c);
@@
 GlobalProperty NEWEST(pc_compat_, hw/i386/pc.c)[] =
-{}
+{
+    { TYPE_X86_CPU, "x-ds-without-pmu", "on" },
+    { TYPE_X86_CPU, "x-intel-pt-without-pmu", "on" },
+    { TYPE_X86_CPU, "x-debug-store-always-available", "on" },
+}
 ;

// or in hw/i386/pc.c, in development trees: 1 place
@more@
typedef GlobalProperty;
symbol NEWEST(pc_compat_, hw/i386/pc.c);
@@
 GlobalProperty NEWEST(pc_compat_, hw/i386/pc.c)[] = {
     ...,
+    { TYPE_X86_CPU, "x-ds-without-pmu", "on" },
+    { TYPE_X86_CPU, "x-intel-pt-without-pmu", "on" },
+    { TYPE_X86_CPU, "x-debug-store-always-available", "on" },
 };
