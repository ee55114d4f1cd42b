// Bits of IA32_PERF_CAPABILITIES get names.  host and max do not turn them on by themselves
// (unmigratable), so no guest sees more than before.

// in target/i386/cpu.c: 2 places
@names@
typedef FeatureWordInfo;
symbol feature_word_info;
initializer list names;
@@
 FeatureWordInfo feature_word_info[...] = {
     ...,
     [FEAT_PERF_CAPABILITIES] = {
         ...,
         .feat_names = {
-            names
+            [6] = "pebs-trap",
+            [7] = "pebs-arch-reg",
+            [13] = "full-width-write",
+            [14] = "pebs-baseline",
+            [15] = "perf-metrics",
+            [17] = "pebs-timing-info",
         },
         .msr = {
             .index = MSR_IA32_PERF_CAPABILITIES,
         },
+        .unmigratable_flags = PERF_CAP_PEBS_BITS | PERF_CAP_METRICS,
     },
     ...,
 };
