#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes common/devapi/data/* from what a kube-apiserver 1.34 publishes about its built-in kinds.

    tools/builtin_kinds/generate.py OPENAPI_FOLDER GO_FIELDS_JSON

OPENAPI_FOLDER holds v3/<group version>.json (the schemas of /openapi/v3, without descriptions),
discovery-aggregated.json (the aggregated discovery of /api and /apis) and table-columns.json (the
columns of each resource's Table). GO_FIELDS_JSON is the output of go_fields/main.go.

definitions.jsonl  one line per type, sorted by name: "<name>\\t<kinds>\\t<OpenAPI v3 schema>", kinds
                   being "group/version/kind" joined by commas. Two keywords of the schema are ours:
                   "x-go", how Go's encoding treats the property (GoField in schema.h), and
                   "x-go-type", its Go type where that does not follow from the schema.
discovery.json     the two discovery documents, compact.
columns.json       path of the resource -> its columns.
"""

import json
import pathlib
import sys

OUT = pathlib.Path(__file__).resolve().parent.parent.parent / "common" / "devapi" / "data"
PREFIX = "#/components/schemas/"
SCALARS = {("integer", "int32"): "int32", ("integer", "int64"): "int64", ("integer", ""): "int64",
           ("boolean", ""): "bool", ("string", ""): "string", ("number", "double"): "float64"}
DROPPED = ("x-kubernetes-unions", "description")
GVK = "x-kubernetes-group-version-kind"


def go_type(schema):
    """The Go type that `schema` suggests."""
    if "$ref" in schema:
        return ".".join(schema["$ref"].split(".")[-2:])
    if schema.get("type") == "array":
        return "[]" + go_type(schema["items"])
    if "additionalProperties" in schema:
        return "map[string]" + go_type(schema["additionalProperties"])
    return SCALARS.get((schema.get("type"), schema.get("format", "")), "?")


def compact(schema):
    """`schema` with plain references and nothing that we do not read."""
    result = {}
    for key, value in schema.items():
        if key in DROPPED:
            continue
        if key == "allOf" and len(value) == 1 and list(value[0]) == ["$ref"]:
            key, value = "$ref", value[0]["$ref"]
        if key == "$ref":
            value = value.removeprefix(PREFIX)
        elif key == "properties":
            value = {name: compact(member) for name, member in sorted(value.items())}
        elif key in ("items", "additionalProperties") and isinstance(value, dict):
            value = compact(value)
        result[key] = value
    return result


def write(name, text):
    OUT.mkdir(parents=True, exist_ok=True)
    (OUT / name).write_text(text, encoding="utf-8")


def dump(value):
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False, sort_keys=True)


def main():
    source, go_fields = pathlib.Path(sys.argv[1]), json.loads(pathlib.Path(sys.argv[2]).read_text())
    definitions = {}
    for path in sorted((source / "v3").glob("*_v*.json")):
        definitions |= json.loads(path.read_text())
    lines = []
    for name, definition in sorted(definitions.items()):
        schema = compact(definition)
        kinds = [f"{k['group']}/{k['version']}/{k['kind']}" for k in schema.pop(GVK, [])]
        if len(kinds) > 5:  # DeleteOptions and WatchEvent, which are in every group
            kinds = []
        for field, member in schema.get("properties", {}).items():
            kind, type_name = go_fields[name][field]
            member["x-go"] = kind
            if type_name != go_type(member):
                member["x-go-type"] = type_name
        lines.append(f"{name}\t{','.join(kinds)}\t{dump(schema)}\n")
    write("definitions.jsonl", "".join(lines))
    write("discovery.json", dump(json.loads((source / "discovery-aggregated.json").read_text())) + "\n")
    columns = json.loads((source / "table-columns.json").read_text())
    write("columns.json", dump(columns) + "\n")


if __name__ == "__main__":
    main()
