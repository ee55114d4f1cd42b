# SPDX-License-Identifier: GPL-2.0-or-later
"""MSRs that Bochs shall have beyond its CPU model's: plain storage with a first value.

Source of the columns: Bochs 2.7, option msrs of its cpu line: number, type, first value,
reserved bits, ignored bits, each 64 bits as two halves.
"""

# What an Intel server might hold: LBR format 5, PEBS format 4 with all its bits, and bits
# KVM never offers: freeze while in SMM (12), metrics (15), PEBS to PT (16).
PERF_CAPABILITIES = 0x3f4c5

STORAGE = [
    (0x345, PERF_CAPABILITIES),
    (0x1c8, 0), (0x1c9, 0),                            # LBR select, top of stack
    *[(0x680 + n, 0) for n in range(32)],              # from
    *[(0x6c0 + n, 0) for n in range(32)],              # to
    *[(0xdc0 + n, 0) for n in range(32)],              # info
    (0x3f1, 0), (0x3f2, 0), (0x600, 0),                # PEBS enable, data, DS area
]


def definition():
    """The text Bochs reads."""
    zero = '00000000 00000000'
    lines = ['# number type first-high first-low reserved ignored']
    for number, value in sorted(STORAGE):
        lines.append(f'0x{number:03x} 0 {value >> 32:08x} {value & 0xffffffff:08x} '
                     f'{zero} {zero}')
    return '\n'.join(lines) + '\n'
