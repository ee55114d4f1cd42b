// The decision about LBR_FMT moves from realize, where a query never came by, to expansion.

// in target/i386/cpu.c: 1 place
@expand@
symbol feature_dependencies, cpu, errp, i;
statement S;
@@
+if (!x86_vpmu_expand(cpu, errp)) {
+    return;
+}
+
 for (i = 0; i < ARRAY_SIZE(feature_dependencies); i++) S

// in target/i386/cpu.c: 2 places
@realize@
symbol requested_lbr_fmt, cpu;
statement S1, S2;
@@
 x86_cpu_realizefn(...)
 {
   <...
(
-  unsigned requested_lbr_fmt;
|
-  if (cpu->lbr_fmt != ~PERF_CAP_LBR_FMT) S1
|
-  requested_lbr_fmt = ...;
|
-  if (requested_lbr_fmt && kvm_enabled()) S2
)
   ...>
 }

// in target/i386/cpu.c: 1 place
@unset@
symbol cpu, obj;
@@
-cpu->lbr_fmt = ~PERF_CAP_LBR_FMT;
-object_property_add_alias(obj, "lbr_fmt", obj, "lbr-fmt");
+x86_vpmu_add_properties(cpu);

// in target/i386/cpu.c: 1 place
@property@
typedef Property;
symbol x86_cpu_properties, lbr_fmt;
@@
 Property x86_cpu_properties[] = {
     ...,
-    DEFINE_PROP_UINT64_CHECKMASK("lbr-fmt", X86CPU, lbr_fmt, PERF_CAP_LBR_FMT),
     ...,
 };
