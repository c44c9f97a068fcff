#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes charts/sluice/crds/*.yaml from fields/*.tsv, descriptions.txt and kinds.toml.

    tools/crds/generate.py           write the files
    tools/crds/generate.py --check   exit 1 if a file is not what would be written

All versions of a kind share one schema. Their conversion strategy is None, so an object is only
relabelled between them: what one version admits another must not reject or prune, or a controller
that reads the stored version would lose fields and a client that writes an old version would drop
new ones. That schema is the newest version's, plus every field that only an older version has (never
required where the newest version has the surrounding object), plus what kinds.toml says. Of two
lists of allowed values the union counts; defaults, patterns, limits and CEL rules are the newest
version's.
"""

import csv
import json
import pathlib
import re
import sys
import tomllib

HERE = pathlib.Path(__file__).resolve().parent
OUT = HERE.parent.parent / "charts" / "sluice" / "crds"
PRESERVE = "x-kubernetes-preserve-unknown-fields"
RULES = "x-kubernetes-validations"
LIMITS = ("minLength", "maxLength", "minimum", "maximum", "minItems", "maxItems")


class Descriptions:
    """descriptions.txt: what a field is for, by kind and path."""

    def __init__(self, text):
        lines = [line for line in text.splitlines() if line and not line.startswith("#")]
        self.texts = dict(line.split(" = ", 1) for line in lines)
        self.unused = set(self.texts)
        self.missing = []

    def find(self, kind, path):
        fitting = [p for p in self.texts if p in (path, kind + path)
                   or p.startswith("*") and path.endswith(p[1:])]
        if not fitting:
            self.missing.append(kind + path)
            return ""
        best = max(fitting, key=len)
        self.unused.discard(best)
        return self.texts[best]

    def describe(self, kind, schema, path=""):
        """Adds a description to every field below `schema`."""
        for name, field in schema.get("properties", {}).items():
            rest = {key: field.pop(key) for key in list(field)}
            field["description"] = self.find(kind, f"{path}.{name}")
            field.update(rest)
            self.describe(kind, field, f"{path}.{name}")
        for key, mark in (("items", "[]"), ("additionalProperties", "{}")):
            if key in schema:
                self.describe(kind, schema[key], path + mark)


def split_rules(text):
    """The rules of a cell. They are joined by ';' or '||', which CEL also uses."""
    starts = [m.start() for m in re.finditer(r"CEL: |\b(?:%s)=|\b(?:listType|mapType)=|\bpreserveUnknown" % "|".join(LIMITS), text)]
    for begin, end in zip(starts, starts[1:] + [len(text)]):
        yield re.sub(r"\s*(;|\|\|)?\s*$", "", text[begin:end])


def split_enum(text):
    if text.startswith("["):
        return json.loads(text)
    return [part.strip().strip('"') for part in re.split(r"[|,]", text) if part]


def schema_of_type(text):
    """'array<object>', 'string/date-time', 'map<string,string>', ... as a schema."""
    if text == "any":
        return {PRESERVE: True}
    if m := re.fullmatch(r"array<(.+)>", text):
        return {"type": "array", "items": schema_of_type(m[1])}
    if m := re.fullmatch(r"map<(?:string,)?(.+)>", text):
        return {"type": "object", "additionalProperties": schema_of_type(m[1])}
    if m := re.fullmatch(r"(\w+)[/(]([\w-]+)\)?", text):
        return {"type": m[1], "format": m[2]}
    return {"type": text}


def steps_of(path):
    """'.status.x[].y{}.z' as ['status', 'x', '[]', 'y', '*', 'z']."""
    spread = path.replace("[]", ".[]").replace("{}", ".*")
    return [step for step in spread.split(".") if step]


def child(schema, step):
    """The schema one step below `schema`, made if it is missing."""
    if step == "[]":
        return schema.setdefault("items", {})
    if step == "*":
        return schema.setdefault("additionalProperties", {})
    return schema.setdefault("properties", {}).setdefault(step, {})


def mark_legacy(schema):
    """Notes that the newest version has no such field. tidy() takes the marks out again."""
    schema["legacy"] = True
    for key in ("items", "additionalProperties"):
        if key in schema:
            mark_legacy(schema[key])


class Kind:
    def __init__(self, name, config, messages):
        self.name, self.config, self.messages = name, config, messages
        self.schema = {"type": "object"}

    def add_row(self, row, newest):
        steps = steps_of(row["path"])
        schema, is_new, parent_is_new = self.schema, False, False
        for step in steps:
            before = json.dumps(schema)
            parent, parent_is_new = schema, is_new
            schema = child(schema, step)
            is_new = is_new or json.dumps(parent) != before
        if newest or is_new or not schema:
            for key, value in schema_of_type(row["type"]).items():
                schema.setdefault(key, value)
            if row.get("default") is not None:
                schema["default"] = row["default"]
            if row.get("pattern"):
                schema["pattern"] = row["pattern"]
            for rule in split_rules(row.get("rules", "")):
                self.add_rule(schema, rule)
            if row.get("required") and (newest or parent_is_new or "legacy" in parent):
                required = parent.setdefault("required", [])
                if steps[-1] not in required:
                    required.append(steps[-1])
            if not newest:
                mark_legacy(schema)
        if row.get("enum"):
            allowed = schema.setdefault("enum", []) if newest or "legacy" in schema else schema.get("enum", [])
            allowed.extend(value for value in row["enum"] if value not in allowed)

    def add_rule(self, schema, rule):
        if rule.startswith("CEL: "):
            text = rule.removeprefix("CEL: ")
            schema.setdefault(RULES, []).append({"message": self.messages[text], "rule": text})
        elif rule.startswith("preserveUnknown"):
            schema[PRESERVE] = True
        else:
            key, value = rule.split("=")
            if key in LIMITS:
                schema[key] = int(value)
            else:
                schema[{"listType": "x-kubernetes-list-type", "mapType": "x-kubernetes-map-type"}[key]] = value

    def finish(self, descriptions):
        for path in self.config.get("optional", []):
            schema = self.schema
            *parents, last = steps_of(path)
            for step in parents:
                schema = child(schema, step)
            schema["required"].remove(last)
        properties = self.schema["properties"]
        for key in ("apiVersion", "kind"):
            properties[key] = {"type": "string"}
        descriptions.describe(self.name, self.schema)
        properties["metadata"] = {"type": "object"}  # the API server admits nothing more
        return tidy({"description": self.config["description"]} | self.schema)


def tidy(schema):
    """`schema` without the generator's marks, `required` sorted."""
    result = {}
    for key, value in schema.items():
        if key == "legacy" or (key == "required" and not value):
            continue
        if key in ("items", "additionalProperties"):
            value = tidy(value)
        elif key == "properties":
            value = {name: tidy(value[name]) for name in sorted(value)}
        elif key == "required":
            value = sorted(value)
        result[key] = value
    return result


def read_rows(name):
    """kind -> version -> rows of one table."""
    tables = {}
    with open(HERE / "fields" / f"{name}.tsv", encoding="utf-8", newline="") as file:
        reader = csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        next(reader)
        for line in reader:
            cells = ["" if cell == "-" else cell for cell in line]
            kind, version, _, _, path, kind_of_value, required, default, enum, pattern, rules = cells
            if path in (".apiVersion", ".kind", ".metadata"):
                continue
            try:
                default = json.loads(default) if default else None
            except json.JSONDecodeError:
                pass  # one table writes strings without quotes
            tables.setdefault(kind, {}).setdefault(version, []).append({
                "path": path, "type": kind_of_value, "required": required in ("yes", "true"),
                "default": default, "enum": split_enum(enum), "pattern": pattern, "rules": rules})
    return tables


def columns_of(kind, shared):
    for column in kind["columns"]:
        if isinstance(column, str):
            column = {"name": column} | shared[column]
        entry = {"jsonPath": column["path"], "name": column["name"]}
        if "priority" in column:
            entry["priority"] = column["priority"]
        yield entry | {"type": column["type"]}


def crd_of(name, config, settings, descriptions):
    kind = Kind(name, config, settings["messages"])
    rows = read_rows(config["fields"])[name]
    newest, *older = config["versions"]
    for version in config["versions"]:
        for row in rows.get(version, []):
            kind.add_row(row, version == newest)
    for row in config.get("legacy", []) + config.get("additions", []):
        kind.add_row(row, False)
    schema = kind.finish(descriptions)
    versions = []
    for version in config["versions"]:
        entry = {"additionalPrinterColumns": list(columns_of(config, settings["columns"]))}
        if version in older:
            entry |= {"deprecated": True,
                      "deprecationWarning": f"{version} {name} is deprecated, upgrade to {newest}"}
        versions.append(entry | {"name": version, "schema": {"openAPIV3Schema": schema}, "served": True,
                                 "storage": version == newest, "subresources": {"status": {}}})
    names = {"categories": config["categories"], "kind": name, "listKind": f"{name}List", "plural": config["plural"]}
    if config["short"]:
        names["shortNames"] = config["short"]
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {
            "annotations": {"kustomize.toolkit.fluxcd.io/substitute": "disabled"},
            "labels": {"app.kubernetes.io/part-of": "flux"},
            "name": f"{config['plural']}.{config['group']}",
        },
        "spec": {
            "conversion": {"strategy": "None"},
            "group": config["group"],
            "names": names | {"singular": name.lower()},
            "scope": "Namespaced",
            "versions": versions,
        },
    }


def scalar(value):
    if isinstance(value, str) and re.fullmatch(r"[A-Za-z][A-Za-z0-9 ._/-]*[A-Za-z0-9.]", value) and value.lower() not in (
            "true", "false", "null", "yes", "no", "on", "off"):
        return value
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    return json.dumps(value)


def to_yaml(value, indent=0):
    pad = "  " * indent
    for key, item in value.items():
        if item in ({}, []):
            yield f"{pad}{scalar(key)}: {'{}' if item == {} else '[]'}"
        elif isinstance(item, dict):
            yield f"{pad}{scalar(key)}:"
            yield from to_yaml(item, indent + 1)
        elif isinstance(item, list):
            yield f"{pad}{scalar(key)}:"
            for element in item:
                if isinstance(element, dict):
                    first, *rest = to_yaml(element, indent + 1)
                    yield f"{pad}- {first.lstrip()}"
                    yield from rest
                else:
                    yield f"{pad}- {scalar(element)}"
        else:
            yield f"{pad}{scalar(key)}: {scalar(item)}"


def main():
    check = sys.argv[1:] == ["--check"]
    descriptions = Descriptions((HERE / "descriptions.txt").read_text(encoding="utf-8"))
    with open(HERE / "kinds.toml", "rb") as file:
        settings = tomllib.load(file)
    stale = []
    for name, config in settings["kinds"].items():
        text = "# Generated by tools/crds/generate.py; do not edit.\n" + "\n".join(to_yaml(crd_of(name, config, settings, descriptions))) + "\n"
        path = OUT / f"{config['group']}_{config['plural']}.yaml"
        if check:
            if not path.exists() or path.read_text(encoding="utf-8") != text:
                stale.append(path.name)
        else:
            OUT.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    if descriptions.missing or descriptions.unused:
        sys.exit(f"descriptions.txt: no line for {descriptions.missing}, no field for {sorted(descriptions.unused)}")
    if stale:
        sys.exit(f"not up to date, run tools/crds/generate.py: {', '.join(stale)}")


if __name__ == "__main__":
    main()
