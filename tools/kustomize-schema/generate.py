#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes common/kustomize/merge_schema_table.inc from the schema that kustomize carries.

    generate.py DEFINITIONS.json NAMESPACED.json > common/kustomize/merge_schema_table.inc

DEFINITIONS.json: the "definitions" of the OpenAPI v2 document of Kubernetes 1.21.2.
NAMESPACED.json:  {"group/version/Kind": whether it is namespaced}.

The table keeps, per type, the fields through which a list that merges by key can be reached, and
the number of all other types that are known but dull (fields that are known, yet hide nothing, are
told apart from unknown ones by the list of all field names of the kept types).
"""

import json
import sys

PREFIX = "#/definitions/"


def short(ref):
    return ref[len(PREFIX):] if ref.startswith(PREFIX) else None


def main():
    definitions = json.load(open(sys.argv[1]))
    definitions = definitions.get("definitions", definitions)
    namespaced = json.load(open(sys.argv[2]))

    def strategy(schema):
        return "merge" in schema.get("x-kubernetes-patch-strategy", "").split(",")

    def keys(schema):
        if "x-kubernetes-patch-strategy" not in schema:
            return []
        if "x-kubernetes-list-map-keys" in schema:
            return schema["x-kubernetes-list-map-keys"]
        key = schema.get("x-kubernetes-patch-merge-key")
        return [key] if key else []

    # Follow $ref as kustomize does: the target replaces the schema, extensions included.
    def resolve(schema):
        while schema is not None and "$ref" in schema:
            schema = definitions.get(short(schema["$ref"]))
        return schema

    # The type that a schema leads to: the name of a definition, or None for an inline one.
    def type_name(schema):
        name = None
        while schema is not None and "$ref" in schema:
            name = short(schema["$ref"])
            schema = definitions.get(name)
        return name

    # A field is (name, type index of the value or element or -1, is_list, merges, keys).
    def inner(schema):
        """(kind, type) of what is below a property: 'object', 'list', 'map' or 'plain'."""
        named = type_name(schema)
        target = resolve(schema)
        if target is None:
            return "unknown", None
        if named is not None and ("properties" in target or "additionalProperties" in target
                                  or target.get("type") == "array"):
            return "object", named
        if target.get("type") == "array" and "items" in target:
            return "list", target["items"]
        if isinstance(target.get("additionalProperties"), dict):
            return "map", target["additionalProperties"]
        if "properties" in target:
            raise SystemExit("inline object with properties: extend the generator")
        return "plain", None

    order = sorted(definitions)
    used = [n for n in order if definitions[n].get("properties")]
    index = {n: i for i, n in enumerate(used)}

    out = []
    fields = []
    types = []
    key_lists = [()]
    for name in used:
        first = len(fields)
        for prop, schema in sorted(definitions[name]["properties"].items()):
            kind, below = inner(schema)
            target = resolve(schema)
            flags = 0
            value_type = -1
            key_index = 0
            if kind == "object":
                value_type = index.get(below, -1)
            elif kind == "list":
                flags |= 1
                if strategy(target):
                    flags |= 2
                    k = tuple(keys(target))
                    if k not in key_lists:
                        key_lists.append(k)
                    key_index = key_lists.index(k)
                below_kind, below_type = inner(below)
                if below_kind == "object":
                    value_type = index.get(below_type, -1)
                elif below_kind in ("list", "map"):
                    value_type = -1
            elif kind == "map":
                flags |= 4
                below_kind, below_type = inner(below)
                if below_kind == "object":
                    value_type = index.get(below_type, -1)
            if kind == "unknown":
                continue
            fields.append((prop, value_type, flags, key_index))
        types.append((name, first, len(fields) - first))

    kinds = []
    for name in order:
        for gvk in definitions[name].get("x-kubernetes-group-version-kind", []):
            if name in index:
                group, version, kind = gvk.get("group", ""), gvk["version"], gvk["kind"]
                kinds.append((kind, group, version, index[name]))
    # Of kinds with several definitions (DeleteOptions and the like) any will do.
    kinds = sorted({(k, g, v): t for k, g, v, t in kinds}.items())

    scopes = []
    for gvk, is_namespaced in namespaced.items():
        group, version, kind = gvk.rsplit("/", 2)
        scopes.append((kind, group, version, is_namespaced))
    scopes.sort()

    print("// Made by tools/kustomize-schema/generate.py from the schema of Kubernetes 1.21.2.")
    print("// clang-format off")
    print("constexpr KeyList kKeyLists[] = {")
    for k in key_lists:
        print("    {%d, {%s}}," % (len(k), ", ".join('"%s"' % x for x in k)))
    print("};")
    print("// name, type below (or kNoType), flags (1 list, 2 merges, 4 map of), merge keys")
    print("constexpr TableField kFields[] = {")
    for prop, value_type, flags, key_index in fields:
        print('    {"%s", %s, %d, %d},' % (prop, "kNoType" if value_type < 0 else value_type, flags,
                                           key_index))
    print("};")
    print("// first field, number of fields")
    print("constexpr TableType kTypes[] = {")
    for name, first, count in types:
        print("    {%d, %d},  // %s" % (first, count, name.split(".")[-1]))
    print("};")
    print("constexpr TableKind kKinds[] = {")
    for (kind, group, version), t in kinds:
        print('    {"%s", "%s", "%s", %d},' % (kind, group, version, t))
    print("};")
    print("constexpr TableScope kScopes[] = {")
    for kind, group, version, is_namespaced in scopes:
        print('    {"%s", "%s", "%s", %s},' % (kind, group, version, str(is_namespaced).lower()))
    print("};")
    print("// clang-format on")


main()
