# SPDX-License-Identifier: GPL-2.0-or-later
"""The schema files, read and checked.

A file is a JSON list of entries.  Each entry has one key that says what it is:

    {"enum": NAME, "doc": TEXT, "values": {VALUE: TEXT, ...}}
    {"struct": NAME, "doc": TEXT, "members": MEMBERS}
    {"command": NAME, "doc": TEXT, "args": MEMBERS, "returns": "TYPE: TEXT", "features": {F: TEXT}}
    {"event": NAME, "doc": TEXT, "data": MEMBERS}

MEMBERS maps a name to "TYPE: TEXT"; a name that begins with "*" is optional.  TYPE is a
builtin, the name of an enum or struct, or either of these in brackets, a list.
"""
import json
import re

BUILTINS = {
    # name: (introspection name, JSON type)
    "str": ("str", "string"),
    "int": ("int", "int"),
    "uint8": ("int", "int"),
    "uint16": ("int", "int"),
    "uint32": ("int", "int"),
    "uint64": ("int", "int"),
    "size": ("int", "int"),
    "number": ("number", "number"),
    "bool": ("bool", "boolean"),
    "any": ("any", "value"),
}

NAME_RULES = {
    "enum": r"[A-Z][A-Za-z0-9]*",
    "struct": r"[A-Z][A-Za-z0-9]*",
    "command": r"[a-z][a-z0-9]*([-_][a-z0-9]+)*",
    "event": r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)*",
    "value": r"[a-z0-9][a-z0-9]*([-_][a-z0-9]+)*",
    "member": r"[A-Za-z][A-Za-z0-9]*([-_][a-z0-9]+)*",
}

KEYS = {
    "enum": {"doc", "values"},
    "struct": {"doc", "members"},
    "command": {"doc", "args", "returns", "features"},
    "event": {"doc", "data"},
}


class SchemaError(Exception):
    """A mistake in a schema file; the text names the entry."""


class Member:
    """One member of a struct, of arguments or of an event's data."""

    def __init__(self, owner, name, text):
        self.optional = name.startswith("*")
        self.name = name.lstrip("*")
        check_name("member", self.name, owner)
        self.type, self.doc = split_type(text, f"{owner}.{self.name}")


class Entry:
    """An enum, struct, command or event."""

    def __init__(self, raw, path):
        kinds = [k for k in KEYS if k in raw]
        if len(kinds) != 1:
            raise SchemaError(f"{path}: entry {json.dumps(raw)[:60]} is of no known kind")
        self.kind = kinds[0]
        self.name = raw[self.kind]
        self.path = path
        check_name(self.kind, self.name, path)
        unknown = set(raw) - KEYS[self.kind] - {self.kind}
        if unknown:
            raise SchemaError(f"{self.name}: unknown key '{sorted(unknown)[0]}'")
        self.doc = raw.get("doc", "")
        if not self.doc:
            raise SchemaError(f"{self.name}: has no documentation")
        self.values = raw.get("values", {})
        for value in self.values:
            check_name("value", value, self.name)
        raw_members = raw.get({"command": "args", "event": "data"}.get(self.kind, "members"), {})
        self.members = [Member(self.name, n, t) for n, t in raw_members.items()]
        self.features = raw.get("features", {})
        self.returns, self.returns_doc = (None, "")
        if "returns" in raw:
            self.returns, self.returns_doc = split_type(raw["returns"], self.name)
        if self.kind in ("enum", "struct") and not (self.values or self.members):
            raise SchemaError(f"{self.name}: is empty")


class Schema:
    """All entries of some files, in order, with every reference resolved."""

    def __init__(self, entries):
        self.entries = entries
        self.types = {}
        names = set()
        for entry in entries:
            if entry.name in names or entry.name in BUILTINS:
                raise SchemaError(f"{entry.name}: defined twice")
            names.add(entry.name)
            if entry.kind in ("enum", "struct"):
                self.types[entry.name] = entry
        used = set()
        for entry in entries:
            for ref in [m.type for m in entry.members] + [entry.returns]:
                if ref is not None:
                    used.add(self._check_ref(ref, entry.name))
        for name, entry in self.types.items():
            if name not in used and "(internal)" not in entry.doc:
                raise SchemaError(f"{name}: nothing uses this type")

    def _check_ref(self, ref, owner):
        base = element(ref) or ref
        if base not in BUILTINS and base not in self.types:
            raise SchemaError(f"{owner}: there is no type '{base}'")
        return base

    def of_kind(self, kind):
        """The entries of one kind, in order."""
        return [e for e in self.entries if e.kind == kind]


def check_name(rule, name, owner):
    """Names follow the rule of their kind."""
    if not re.fullmatch(NAME_RULES[rule], name):
        raise SchemaError(f"{owner}: '{name}' is no good name for a {rule}")


def split_type(text, owner):
    """'TYPE: TEXT' into its two parts."""
    match = re.fullmatch(r"(\[?[A-Za-z0-9]+\]?): (\S.*)", text)
    if not match or match[1].startswith("[") != match[1].endswith("]"):
        raise SchemaError(f"{owner}: '{text}' is not 'TYPE: TEXT'")
    return match[1], match[2]


def element(type_name):
    """The element type of a list type, or None."""
    return type_name[1:-1] if type_name.startswith("[") else None


def load(paths):
    """The Schema of the files @paths."""
    entries = []
    for path in paths:
        with open(path, encoding="utf-8") as handle:
            try:
                raw = json.load(handle, object_pairs_hook=no_duplicates)
            except ValueError as error:
                raise SchemaError(f"{path}: {error}") from error
        entries += [Entry(item, path) for item in raw]
    return Schema(entries)


def no_duplicates(pairs):
    """A JSON object whose keys are all different."""
    result = dict(pairs)
    if len(result) != len(pairs):
        raise SchemaError(f"a key occurs twice among {[k for k, _ in pairs]}")
    return result
