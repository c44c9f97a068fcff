#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the generated parts of docs/reference, out of what the programs are made of.

    tools/docs/reference.py           write the pages
    tools/docs/reference.py --check   exit 1 if a page is not what would be written

A page per kind: what stands below its line "## All fields", from the definitions (tools/crds). Whole
pages: flags.md from the controllers' --help, rpc.md from proto/, metrics.md from where the code
registers them, reasons.md from reasons.txt and the code that uses them. The controllers are those of
--bin FOLDER (build/release/bin).
"""

import argparse
import collections
import pathlib
import re
import subprocess
import sys
import tomllib

ROOT = pathlib.Path(__file__).resolve().parents[2]
OUT = ROOT / "docs" / "reference"
WRITTEN = "Written by `tools/docs/reference.py`; a test compares it with the {}.\n"
CONTROLLERS = ("source-controller", "kustomize-controller", "helm-controller", "image-controller")
FIELDS = "## All fields\n"

sys.path.insert(0, str(ROOT / "tools" / "crds"))
import generate as crds  # noqa: E402


def cell(text):
    """`text` for a table; asterisks outside of code stay asterisks."""
    pieces = text.replace("|", "\\|").replace("\n", " ").split("`")
    pieces[::2] = [piece.replace("*", "\\*").replace("\\*\\*", "**") for piece in pieces[::2]]
    return "`".join(pieces)


def table(head, rows):
    lines = [head, tuple("---" for _ in head), *rows]
    return "".join("| " + " | ".join(map(cell, line)) + " |\n" for line in lines)


def code_files(*folders):
    """(path, text without comments) of the production code below `folders`."""
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in (".cc", ".h") and not re.search(r"_test\.cc$|testing", str(path)):
                yield (str(path.relative_to(ROOT)),
                       re.sub(r"//[^\n]*", "", path.read_text(encoding="utf-8")))


# Kinds.

DURATION = r"^([0-9]+(\.[0-9]+)?(ms|s|m|h))+$"


def type_of(schema):
    if crds.PRESERVE in schema and "properties" not in schema:
        return "any"
    if "items" in schema:
        return f"list of {type_of(schema['items'])}"
    if "additionalProperties" in schema:
        return f"map of {type_of(schema['additionalProperties'])}"
    if schema.get("pattern") == DURATION:
        return "duration"
    return schema.get("format", schema.get("type", "any"))


def limits_of(schema):
    """What the API server refuses or fills in: "`a`, `b`; at most 253; default `x`"."""
    at = schema.get("items", schema) if "enum" not in schema else schema
    parts = [", ".join(f"`{value}`" for value in at["enum"])] if "enum" in at else []
    for low, high, unit in (("minLength", "maxLength", " characters"), ("minimum", "maximum", ""),
                            ("minItems", "maxItems", " entries")):
        if low in schema and high in schema:
            parts.append(f"{schema[low]} to {schema[high]}{unit}")
        elif low in schema:
            parts.append(f"at least {schema[low]}{unit}")
        elif high in schema:
            parts.append(f"at most {schema[high]}{unit}")
    if schema.get("pattern", DURATION) != DURATION:
        parts.append(f"fits `{schema['pattern']}`")
    default = schema.get("default")
    if default is not None:
        shown = str(default).lower() if isinstance(default, bool) else str(default)
        parts.append(f"default `{shown}`")
    return "; ".join(parts)


def field_rows(schema, path, rows, rules):
    rules.extend((path, rule["message"]) for rule in schema.get(crds.RULES, []))
    for name, field in schema.get("properties", {}).items():
        below = f"{path}.{name}" if path else name
        needed = " **required**" if name in schema.get("required", []) else ""
        rows.append((f"`{below}`{needed}", type_of(field), limits_of(field), field["description"]))
        field_rows(field, below, rows, rules)
    for key, mark in (("items", "[]"), ("additionalProperties", ".*")):
        if isinstance(schema.get(key), dict):
            field_rows(schema[key], path + mark, rows, rules)


def fields_of(name, config, settings, descriptions):
    schema = crds.crd_of(name, config, settings, descriptions)["spec"]["versions"][0]["schema"]
    text = [FIELDS, f"\nOf `{config['group']}/{config['versions'][0]}`"]
    if len(config["versions"]) > 1:
        text.append("; " + " and ".join(f"`{v}`" for v in config["versions"][1:]) + " are served too")
    text.append(". Written by `tools/docs/reference.py`; `kubectl explain` shows the same.\n")
    for part in ("spec", "status"):
        rows, rules = [], []
        field_rows(schema["openAPIV3Schema"]["properties"][part], part, rows, rules)
        text.append("\n" + table(("field", "type", "limits", "what"), rows))
        if rules:
            text.append("\nRefused besides, with these words:\n\n")
            text.extend(f"- `{path}`: {message}\n" for path, message in dict.fromkeys(rules))
    return "".join(text)


def kind_pages():
    with open(ROOT / "tools/crds/kinds.toml", "rb") as file:
        settings = tomllib.load(file)
    descriptions = crds.Descriptions((ROOT / "tools/crds/descriptions.txt").read_text("utf-8"))
    for name, config in settings["kinds"].items():
        path = OUT / f"{name.lower()}.md"
        by_hand = path.read_text("utf-8").split(FIELDS)[0].rstrip("\n") + "\n\n"
        yield path.name, by_hand + fields_of(name, config, settings, descriptions)


# Flags.

FLAG = re.compile(r"^  (?P<names>-\S+)(?: (?P<value>[A-Z]\S*))?(?: \(Env:(?P<env>\w+)\))?"
                  r"(?:\s+(?P<help>\S.*))?$")


def flags_of(program):
    """flag -> (value, default, help) as `program --help` says."""
    text = subprocess.run([program, "--help"], capture_output=True, check=True, text=True).stdout
    flags, name = {}, None
    for line in text.split("Options:\n")[1].splitlines():
        if match := FLAG.match(line):
            name = match["names"]
            value, _, default = (match["value"] or "").partition("=")
            choices = re.search(r"\{(.*)\}", value)
            value = " ".join(choices[1].split(",")) if choices else value
            defaults = [] if default in ("", "[]") else [f"`{default}`"]
            if match["env"]:
                defaults.append(f"`${match['env']}`")
            default = ", ".join(defaults)
            flags[name] = [value, default, match["help"] or ""]
        elif name and line.strip():
            flags[name][2] = f"{flags[name][2]} {line.strip()}".strip()
    del flags["-h,--help"]
    return flags


def gate_rows():
    """A row per gate: whether it is on in each controller; "" where there is none."""
    gates = collections.defaultdict(dict)
    for program in CONTROLLERS:
        texts = [text for _, text in code_files(f"services/{program}", "common/credentials")]
        names = dict(re.findall(r'char (k\w+)\[\] = "(\w+)"', "".join(texts)))
        for text in texts:
            for known in re.findall(r"FeatureGates\(\s*\{(.*?)\}\);", text, re.S):
                for name, on in re.findall(r"\{\s*([\w:\"]+),\s*(true|false)\}", known):
                    gates[names.get(name.split("::")[-1], name.strip('"'))][program] = on
    return [(f"`{gate}`", *(gates[gate].get(program, "") for program in CONTROLLERS))
            for gate in sorted(gates)]


def flags_page(folder):
    of = {program: flags_of(folder / program) for program in CONTROLLERS}
    groups = collections.OrderedDict()
    for program in CONTROLLERS:
        for name, facts in of[program].items():
            users = tuple(p for p in CONTROLLERS if of[p].get(name) == facts)
            groups.setdefault(users, {})[name] = facts
    text = ["# Flags of the controllers\n\n", WRITTEN.format("controllers' `--help`"),
            "\n`$NAME` is the variable that sets the default. What Flux's controllers know means what it "
            "means there\n([moving](../migrate-from-flux.md)). Those of `sluice`: [cli](../cli.md).\n"]
    for users in sorted(groups, key=lambda users: -len(users)):
        title = "All controllers" if users == CONTROLLERS else ", ".join(users)
        rows = [(f"`{name}`", value, default, said)
                for name, (value, default, said) in groups[users].items()]
        text += [f"\n## {title}\n\n", table(("flag", "value", "default", "what"), rows)]
    return "".join([*text, "\n## Feature gates\n\nFor `--feature-gates`, with their defaults.\n\n",
                    table(("gate", *CONTROLLERS), gate_rows())])



# Calls.

def comment_text(lines):
    return "\n".join(line.strip().removeprefix("//").removeprefix(" ") for line in lines)


def rpc_page():
    text = ["# The gRPC API, call by call\n\n", WRITTEN.format("files in `proto/`"),
            "\nHow it is reached, and who may what: [api](../api.md).\n"]
    for path in sorted((ROOT / "proto").rglob("*.proto")):
        source = path.read_text("utf-8")
        package = re.search(r"^package (.*);", source, re.M)[1]
        text.append(f"\n## {package} ({path.name})\n\n")
        text.append(comment_text(source.split("\n\n// SPDX")[0].splitlines()) + "\n")
        sections, open_blocks, comment = [], [], []  # a block: its name, and its section's rows
        for line in source.split("syntax = ")[1].splitlines():
            word = line.strip()
            if word.startswith("//"):
                comment.append(word)
                continue
            said, comment = comment_text(comment), []
            if match := re.match(r"(?:service|message|enum|oneof) (\w+) \{(\})?", word):
                name, rows = match[1], []
                if word.startswith("oneof"):
                    name, rows = "", open_blocks[-1][1]  # its members are the message's own
                else:
                    name = ".".join([*(outer for outer, _ in open_blocks), name])
                    sections.append((f"\n### {name}\n\n{said}\n", rows))
                if not match[2]:
                    open_blocks.append((name, rows))
            elif match := re.match(r"rpc (\w+)\((\w+)\) returns \((.*)\);", word):
                sections.append((f"\n#### {match[1]}\n\n`{match[2]}` → `{match[3]}`. {said}\n", []))
            elif match := re.match(r"(?:(.+) )?(\w+) = \d+;", word):
                one_of = "" if open_blocks[-1][0] else "one of: "
                open_blocks[-1][1].append((f"`{match[2]}`", match[1] or "", one_of + said))
            elif word == "}":
                open_blocks.pop()
        for heading, rows in sections:
            head = ("field", "type", "what") if rows and rows[0][1] else ("value", "", "what")
            text.append(heading + ("\n" + table(head, rows) if rows else ""))
    return "".join(text)


# Metrics.

def metrics():
    """(name, type, labels, help, path) of every metric that the code registers."""
    strings = re.compile(r'"((?:[^"\\]|\\.)*)"')

    def literal(text, start):
        """The literal at `start`, pieces joined."""
        match = re.compile(r'\s*((?:"(?:[^"\\]|\\.)*"\s*)+)').match(text, start)
        return "".join(strings.findall(match[1]))

    for path, text in code_files("common", "services"):
        shared = {m[1]: strings.findall(m[2]) for m in re.finditer(
            r"Description (\w+)\(.*?\.labels = \{(.*?)\}", text, re.S)}
        for made in re.finditer(r"Add(Counter|Gauge|Histogram)\(\s*(?:\{\.name =|(\w+)\()", text):
            start = made.end()
            end = text.index(")" if made[2] else "}", start)  # labels have braces of their own
            body = text[start:end]
            name = literal(text, start)
            if made[2]:
                said, labels = literal(text, start + body.index(",") + 1), shared[made[2]]
            else:
                said = literal(text, start + body.index(".help =") + 7)
                labels = re.search(r"\.labels = \{([^}]*)", body)
                labels = strings.findall(labels[1]) if labels else []
            yield name, made[1].lower(), labels, said, path


def metrics_page():
    rows = sorted((f"`{name}`", kind, ", ".join(f"`{label}`" for label in labels), said,
                   path.split("/")[1] if path.startswith("services/") else "all")
                  for name, kind, labels, said, path in metrics())
    return "".join([
        "# Metrics\n\n", WRITTEN.format("code that registers them"),
        "\nServed as `/metrics` at `--metrics-addr` (`:8080`), in Prometheus' text format. Histograms have "
        "`_bucket`,\n`_sum` and `_count`. `metrics_dropped_updates_total` counts by `metric` what was not "
        "recorded because a\nmetric has 20,000 series already. Which to watch: "
        "[operating](../operations.md).\n\n",
        table(("metric", "type", "labels", "what", "in"), rows)])


# Reasons.

# Which kinds the code of a folder is for; the first that fits.
KINDS_OF = {
    "services/source-controller/git_repository/": "GitRepository",
    "services/source-controller/bucket/": "Bucket",
    "services/source-controller/oci_repository/": "OCIRepository",
    "services/source-controller/helm_repository/": "HelmRepository",
    "services/source-controller/helm_chart/": "HelmChart",
    "services/source-controller/artifact_generator/": "ArtifactGenerator",
    "services/source-controller/source/": "sources",
    "services/kustomize-controller/kustomization/": "Kustomization",
    "services/helm-controller/helm_release/": "HelmRelease",
    "services/image-controller/image_policy/": "ImagePolicy",
    "services/image-controller/image_repository/": "ImageRepository",
    "services/image-controller/image_update/": "ImageUpdateAutomation",
    "services/image-controller/image/": "images",
    "common/credentials/git_access": "GitRepository, ImageUpdateAutomation",
    "common/credentials/identity": "those with a service account",
    "common/api/meta/names": "all",
    "common/runtime/kind_controller": "all",
}


def reasons_in_code():
    """reason -> kinds, of every literal that could be one."""
    found = collections.defaultdict(set)
    for path, text in code_files("services", "common/credentials", "common/api/meta", "common/runtime"):
        kinds = next((k for prefix, k in KINDS_OF.items() if path.startswith(prefix)), None)
        if kinds:
            for word in re.findall(r'"([A-Z][a-zA-Z]*[a-zA-Z]{3})"', text):
                found[word].update(kinds.split(", "))
    return {word: {"all"} if "all" in kinds else kinds for word, kinds in found.items()}


def reasons_page():
    said, groups = {}, []
    for line in (ROOT / "tools/docs/reasons.txt").read_text("utf-8").splitlines():
        if line.startswith("# In "):
            groups.append((line[2:].rstrip("."), []))
        elif line and not line.startswith("#"):
            name, _, rest = line.partition(" = ")
            said[name] = rest
            if name != "not reasons":
                groups[-1][1].append(name)
    words = set(said.pop("not reasons").split())
    code = reasons_in_code()
    if unknown := sorted(set(code) - set(said) - words):
        sys.exit(f"tools/docs/reasons.txt: say what these mean, or that they are no reasons: {unknown}")
    if gone := sorted((set(said) | words) - set(code)):
        sys.exit(f"tools/docs/reasons.txt: the code has no such words any more: {gone}")
    text = ["# Reasons of conditions and events\n\n",
            WRITTEN.format("code and `tools/docs/reasons.txt`"),
            "\n`sluice why KIND NAME` follows an object to the one cause of its state "
            "([causes](../api.md#causes)); this is what\nits own conditions and events say. "
            "Reasons are Flux's where Flux has them.\n"]
    for title, names in groups:
        text.append(f"\n## {title}\n\n" + table(("reason", "of", "what it means", "what to do"), [
            (f"`{name}`", ", ".join(sorted(code[name])), *said[name].split(" | ")) for name in names]))
    return "".join(text)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--bin", type=pathlib.Path, default=ROOT / "build/release/bin")
    arguments = parser.parse_args()
    pages = dict(kind_pages()) | {
        "flags.md": flags_page(arguments.bin), "rpc.md": rpc_page(), "metrics.md": metrics_page(),
        "reasons.md": reasons_page()}
    stale = []
    for name, text in pages.items():
        path = OUT / name
        if path.exists() and path.read_text("utf-8") == text:
            continue
        stale.append(name)
        if not arguments.check:
            path.write_text(text, encoding="utf-8")
    if arguments.check and stale:
        sys.exit(f"not up to date, run tools/docs/reference.py: {', '.join(stale)}")


if __name__ == "__main__":
    main()
