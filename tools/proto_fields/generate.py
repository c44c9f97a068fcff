#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes common/devapi/data/proto_fields.tsv: the protobuf field numbers of Kubernetes' built-in types.

  generate.py K8S_MODULES DEFINITIONS > common/devapi/data/proto_fields.tsv

K8S_MODULES is a folder with the modules k8s.io/api, apimachinery, apiextensions-apiserver and
kube-aggregator of one Kubernetes release (Go's module cache: .../k8s.io), DEFINITIONS is
common/devapi/data/definitions.jsonl. One line per message that a definition is made of: its name,
then its fields as number:name:type. A type is s(tring), i(nteger), b(ool), d(ouble), y (bytes), or the
number of the line of another message; "*" before it says repeated, "%" a map from strings. A name in
parentheses is a message whose fields lie in the outer object in JSON.
"""
import json
import pathlib
import re
import sys

SCALARS = {"string": "s", "int32": "i", "int64": "i", "uint32": "i", "uint64": "i", "bool": "b",
           "double": "d", "bytes": "y"}


# Fields of JSONSchemaProps that OpenAPI leaves out.
NOT_PUBLISHED = ("example", "externalDocs")


def definition_name(package, message):
    name = package.replace("_", "-").split(".")
    assert name[:2] == ["k8s", "io"], package
    return ".".join(["io", "k8s"] + name[2:] + [message])


def json_name(field, properties):
    """The property that `field` of a message is, None if it is none."""
    if properties is None or field in properties:
        return field
    for name in properties:
        if re.sub(r"[-$]", "", name).lower() == field.lower():
            return name
    return None


def read_messages(root):
    messages = {}
    for path in sorted(pathlib.Path(root).glob("*/**/generated.proto")):
        text = re.sub(r"//[^\n]*", "", path.read_text())
        package = re.search(r"^package ([\w.]+);", text, re.M).group(1)
        for match in re.finditer(r"^message (\w+) \{(.*?)^\}", text, re.M | re.S):
            fields = []
            for line in match.group(2).split(";"):
                field = re.match(r"\s*(optional|repeated|map<\s*string\s*,\s*([\w.]+)\s*>)\s*(.*?)\s*=\s*(\d+)\s*$",
                                 line.strip(), re.S)
                if not field:
                    continue
                label, value, rest, number = field.groups()
                if label.startswith("map"):
                    kind, name = value, rest
                    mark = "%"
                else:
                    kind, name = rest.split()
                    mark = "*" if label == "repeated" else ""
                if kind not in SCALARS:
                    kind = kind.lstrip(".")
                    kind = definition_name(*kind.rsplit(".", 1)) if "." in kind else definition_name(package, kind)
                fields.append((int(number), name, mark, kind))
            messages[definition_name(package, match.group(1))] = fields
    return messages


def main():
    messages = read_messages(sys.argv[1])
    definitions = {}
    for line in open(sys.argv[2]):
        name, _, schema = line.rstrip("\n").split("\t")
        definitions[name] = json.loads(schema)
    wanted = [name for name in definitions if name in messages]
    index = {}
    order = []

    def visit(name):
        if name in index:
            return
        assert name in messages, f"no message {name}"
        index[name] = len(order)
        order.append(name)
        for _, _, _, kind in messages[name]:
            if kind not in SCALARS:
                visit(kind)

    for name in wanted:
        visit(name)
    for name in order:
        properties = definitions.get(name, {}).get("properties")
        cells = []
        for number, field, mark, kind in messages[name]:
            text = SCALARS.get(kind) or str(index[kind])
            shown = json_name(field, properties)
            if shown is None:
                if kind in SCALARS or mark:
                    print(f"{name}: {field} is no property", file=sys.stderr)
                plain = kind in SCALARS or mark or field in NOT_PUBLISHED
                shown = field if plain else f"({field})"
            cells.append(f"{number}:{shown}:{mark}{text}")
        print(name + "\t" + ",".join(cells))


main()
