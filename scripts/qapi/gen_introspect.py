# SPDX-License-Identifier: GPL-2.0-or-later
"""The answer to query-qmp-schema: QEMU's SchemaInfo, with masked type names."""
import json

from .gen_c import HEADER
from .schema import BUILTINS, element


class Introspection:
    """Collects the entries; types get numbers in the order they are first named."""

    def __init__(self, schema):
        self.schema = schema
        self.numbers = {}
        self.pending = []
        self.objects = {}
        self.entries = []
        for entry in schema.entries:
            if entry.kind == "command":
                self.add_command(entry)
            elif entry.kind == "event":
                self.entries.append({"name": entry.name, "meta-type": "event",
                                     "arg-type": self.members_type(entry.members)})
        while self.pending:
            self.add_type(self.pending.pop(0))

    def add_command(self, entry):
        """A command, its arguments and what it returns."""
        info = {"name": entry.name, "meta-type": "command",
                "arg-type": self.members_type(entry.members),
                "ret-type": self.name_of(entry.returns) if entry.returns
                else self.members_type([])}
        if entry.features:
            info["features"] = list(entry.features)
        self.entries.append(info)

    def name_of(self, ref):
        """The masked name of a type; queues the type where it is new."""
        inner = element(ref)
        if inner:
            name = f"[{self.name_of(inner)}]"
            key = ("list", name)
        elif ref in BUILTINS:
            name = BUILTINS[ref][0]
            key = ("builtin", name)
        else:
            name = self.numbers.setdefault(ref, str(len(self.numbers)))
            key = ("named", ref)
        if key not in self.objects:
            self.objects[key] = name
            self.pending.append((key, ref, name))
        return name

    def members_type(self, members):
        """The masked name of an anonymous object type."""
        key = ("anonymous", json.dumps([[m.name, m.type, m.optional] for m in members]))
        if key not in self.objects:
            name = self.numbers.setdefault(key, str(len(self.numbers)))
            self.objects[key] = name
            self.pending.append((key, members, name))
        return self.objects[key]

    def add_type(self, item):
        """One queued type."""
        (what, _), ref, name = item
        if what == "list":
            self.entries.append({"name": name, "meta-type": "array",
                                 "element-type": self.name_of(element(ref))})
        elif what == "builtin":
            self.entries.append({"name": name, "meta-type": "builtin",
                                 "json-type": BUILTINS[ref][1]})
        elif what == "named" and self.schema.types[ref].kind == "enum":
            values = list(self.schema.types[ref].values)
            self.entries.append({"name": name, "meta-type": "enum", "values": values,
                                 "members": [{"name": v} for v in values]})
        else:
            members = self.schema.types[ref].members if what == "named" else ref
            self.entries.append({"name": name, "meta-type": "object",
                                 "members": [self.member(m) for m in members]})

    def member(self, member):
        """One member; a default of null is how an optional one shows."""
        info = {"name": member.name}
        if member.optional:
            info["default"] = None
        info["type"] = self.name_of(member.type)
        return info


def entries(schema):
    """The list query-qmp-schema answers."""
    return Introspection(schema).entries


def introspect_source(schema):
    """qapi/introspect.c"""
    out = [HEADER, '#include "qapi/introspect.h"\n', "const char qapi_introspection[] ="]
    rows = [json.dumps(e, separators=(",", ":")) for e in entries(schema)]
    for i, row in enumerate(rows):
        text = ("[" if i == 0 else "") + row + ("," if i + 1 < len(rows) else "]")
        out.append("    " + json.dumps(text))
    return "\n".join(out) + ";\n"


def introspect_header(_schema):
    """qapi/introspect.h"""
    return HEADER + ("#ifndef QAPI_INTROSPECT_H\n#define QAPI_INTROSPECT_H\n\n"
                     "/* JSON text of the answer to query-qmp-schema. */\n"
                     "extern const char qapi_introspection[];\n\n#endif\n")
