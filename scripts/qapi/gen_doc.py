# SPDX-License-Identifier: GPL-2.0-or-later
"""The QMP reference manual, in Markdown."""


def member_lines(members):
    """A list with one line per member."""
    lines = []
    for member in members:
        optional = ", optional" if member.optional else ""
        lines.append(f"- `{member.name}` ({member.type}{optional}): {member.doc}")
    return lines


def reference(schema):
    """docs/qmp-reference.md"""
    out = ["# QMP reference", "",
           "Made from the schema in `qapi/` by `scripts/qapi-gen.py`. A guide is in `qmp.md`.", ""]
    for kind, title in (("command", "Commands"), ("event", "Events"),
                        ("struct", "Objects"), ("enum", "Enumerations")):
        entries = schema.of_kind(kind)
        out += [f"## {title}", ""] if entries else []
        for entry in sorted(entries, key=lambda e: e.name):
            out += [f"### {entry.name}", "", entry.doc, ""]
            if entry.members:
                heading = {"command": "Arguments:", "event": "Data:"}.get(kind, "Members:")
                out += [heading, ""] + member_lines(entry.members) + [""]
            for value, doc in entry.values.items():
                out.append(f"- `{value}`: {doc}")
            if entry.values:
                out.append("")
            if entry.returns:
                out += [f"Returns {entry.returns}: {entry.returns_doc}", ""]
            for feature, doc in entry.features.items():
                out += [f"Feature `{feature}`: {doc}", ""]
    return "\n".join(out).rstrip() + "\n"
