/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef STUB_QEMU_MODULE_H
#define STUB_QEMU_MODULE_H

/* What QEMU runs when its types are registered runs before main(). */
#define type_init(function)                                                              \
    __attribute__((constructor)) static void stub_init_##function(void)                  \
    {                                                                                    \
        function();                                                                      \
    }                                                                                    \
    struct stub_no_more_##function

#endif
