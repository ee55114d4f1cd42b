// The command line is kept before options are taken apart.

// in system/main.c: 1 place
@start@
symbol argc, argv;
@@
+vpmu_contract_start(argc, argv);
 qemu_init(argc, argv);
