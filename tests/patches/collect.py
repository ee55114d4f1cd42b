#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Writes the C files that the steps bring, as they are after all steps, into one folder."""

import os
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True
sys.path[:0] = [HERE, os.path.join(os.path.dirname(os.path.dirname(HERE)), 'patches')]

import smalltree  # noqa: E402
import steps  # noqa: E402


def main():
    with tempfile.TemporaryDirectory() as folder:
        for path, text in steps.own_files(steps.Tree(smalltree.write(folder))).items():
            with open(os.path.join(sys.argv[1], os.path.basename(path)), 'w',
                      encoding='utf-8') as file:
                file.write(text)


if __name__ == '__main__':
    main()
