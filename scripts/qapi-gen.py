#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Makes C, introspection and documentation out of the QMP schema.

usage: qapi-gen.py OUTPUT-DIR SCHEMA.json...
"""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

from qapi import gen_c, gen_doc, gen_introspect, schema  # noqa: E402

OUTPUTS = {
    "types.h": gen_c.types_header,
    "types.c": gen_c.types_source,
    "commands.h": gen_c.commands_header,
    "commands.c": gen_c.commands_source,
    "events.h": gen_c.events_header,
    "events.c": gen_c.events_source,
    "introspect.h": gen_introspect.introspect_header,
    "introspect.c": gen_introspect.introspect_source,
    "qmp-reference.md": gen_doc.reference,
}


def main(argv):
    """Writes every output; says what is wrong with the schema otherwise."""
    if len(argv) < 3:
        print(__doc__, file=sys.stderr)
        return 2
    try:
        loaded = schema.load(argv[2:])
    except (OSError, schema.SchemaError) as error:
        print(f"qapi-gen.py: {error}", file=sys.stderr)
        return 1
    for name, generate in OUTPUTS.items():
        pathlib.Path(argv[1], name).write_text(generate(loaded), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
