#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks what the compiler does not: layers, dependencies, third-party owners, banned words, form,
names and comments in proto/, blocks and links in pages.

    tools/lint/check.py [FOLDER]      FOLDER: the checkout, default this one

Prints `file:line: rule: what to do`, one line a finding, and exits 1 if there is one. Warnings
(`warning:`) do not fail. The rules stand in layers.toml and banned.toml beside this file.
"""

import fnmatch
import functools
import pathlib
import re
import subprocess
import sys
import tomllib

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "docs"))
import pages  # noqa: E402

CODE = (".cc", ".h")
SPDX = "SPDX-License-Identifier: Apache-2.0"
LINE_LENGTH = 100
LONG_FILE = 400
INCLUDE = re.compile(r'^\s*#\s*include\s+([<"])([^">]+)[>"]')
CALL = re.compile(r"\b(sluice_(?:library|service|program|test|proto|fuzz)|target_link_libraries)"
                  r"\s*\(([^()]*)\)", re.S)
ADVISORIES = "docs/advisories.md"
NAME_TESTS = (ADVISORIES, "docs/faults.md", "docs/security.md")  # in the last column of their tables
LITERAL = re.compile(r'"((?:[^"\\\n]|\\.)*)"')
TEST_CASE = re.compile(r'TEST_CASE\(((?:\s*"(?:[^"\\\n]|\\.)*")+)')
CAMEL = re.compile(r"([A-Z][a-z0-9]*)+")
# A line of a .proto that names something: a declaration, or a field or enum value.
PROTO_NAMED = re.compile(r"(?:(?P<keyword>message|enum|service|rpc|oneof) (?P<name>\w+)"
                         r"|(?:(?:repeated |optional )?[\w.]+(?:<\w+, [\w.]+>)? )?(?P<field>\w+) = \d+;)")
LINK = "target_link_libraries"  # of a target that none of the functions fits
KEYWORDS = {"PRIVATE", "PUBLIC", "INTERFACE", "DEPS", "TEST_DEPS", "EXTERNAL", "TEST_EXTERNAL", "TESTONLY", "SOURCES", "MAIN",
            "TIMEOUT", "LABELS"}


class Findings:
    """What is wrong, in the order of files and lines."""

    def __init__(self):
        self.errors = []
        self.warnings = []

    def error(self, path, line, rule, advice):
        self.errors.append((str(path), line, f"{rule}: {advice}"))

    def warn(self, path, line, rule, advice):
        self.warnings.append((str(path), line, f"warning: {rule}: {advice}"))

    def lines(self):
        return [f"{p}:{n}: {text}" for p, n, text in sorted(set(self.warnings + self.errors))]


def strip_code(text):
    """`text` with comments and literals blanked out, lines and columns kept."""

    def blank(match):
        return re.sub(r"[^\n]", " ", match.group(0))

    token = re.compile(
        r'R"(?P<tag>[^()\\ ]{0,16})\(.*?\)(?P=tag)"'  # raw strings first: they hold anything
        r'|//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|(?<![0-9A-Fa-f])\'(?:\\.|[^\'\\\n])+\'', re.S)

    def replace(match):
        start = text.rfind("\n", 0, match.start()) + 1
        if text[start:match.start()].lstrip().startswith("#"):
            return match.group(0) if match.group(0).startswith('"') else blank(match)
        return blank(match)

    return token.sub(replace, text)


def cmake_calls(text):
    """[(function, line, name, {keyword: [values]})] of the sluice_* calls of a CMakeLists.txt."""
    text = re.sub(r"#[^\n]*", "", text)
    calls = []
    for match in CALL.finditer(text):
        words = match.group(2).split()
        lists, keyword = {}, None
        for word in words[1:]:
            if word in KEYWORDS:
                keyword = word
                lists.setdefault(keyword, [])
            elif keyword:
                lists[keyword].append(word)
        line = text.count("\n", 0, match.start()) + 1
        calls.append((match.group(1), line, words[0] if words else "", lists))
    return calls


class Layers:
    """layers.toml, with the questions that the check asks of it."""

    def __init__(self, config):
        self.rank, self.flags = {}, {}
        for rank, layer in enumerate(config["layer"]):
            for folder in layer["folders"]:
                self.rank[folder] = rank
                self.flags[folder] = layer
        self.exceptions = {(e["from"], e["to"]) for e in config.get("exception", [])}
        self.targets = config.get("target", {})
        self.owners = config.get("owner", {})

    def why_not(self, source, target):
        """The reason why `source` may not include `target`, or None."""
        if source == target or (source, target) in self.exceptions:
            return None
        for folder in (source, target):
            if folder not in self.rank:
                return f"{folder} is in no layer; add it to tools/lint/layers.toml"
        if self.flags[source].get("testonly"):
            return None
        if self.flags[target].get("testonly"):
            return f"{target} is for tests only"
        if self.rank[target] > self.rank[source]:
            return (f"{source} (layer {self.flags[source]['name']}) is below {target} (layer "
                    f"{self.flags[target]['name']}); move the code or turn the dependency around")
        if self.rank[target] == self.rank[source] and self.flags[source].get("apart"):
            return f"programs do not include one another: {source} and {target}"
        return None


class Checkout:
    """The files of one checkout, by folder that is a target."""

    def __init__(self, root, here):
        self.root = root
        self.layers = Layers(tomllib.loads((here / "layers.toml").read_text()))
        self.banned = tomllib.loads((here / "banned.toml").read_text())
        self.files = self.list_files()
        self.folders = sorted({f.rsplit("/", 1)[0] for f in self.files
                               if f.endswith("/CMakeLists.txt")}, key=len, reverse=True)
        self.findings = Findings()
        self.users = None  # header -> folders that include it; filled by is_public

    def list_files(self):
        command = ["git", "-C", str(self.root), "ls-files", "-co", "--exclude-standard", "-z"]
        try:
            out = subprocess.run(command, capture_output=True, check=True).stdout.decode()
            names = [name for name in out.split("\0") if name]
        except (OSError, subprocess.CalledProcessError):  # a copy without .git
            names = [str(p.relative_to(self.root)) for p in self.root.rglob("*") if p.is_file()]
        return sorted(n for n in names if not n.startswith(("build/", "third_party/"))
                      and (self.root / n).is_file())

    def folder_of(self, path):
        """The target folder that holds `path`, or None."""
        for folder in self.folders:
            if path.startswith(folder + "/"):
                return folder
        return None

    def target_of_include(self, include):
        """The folder that an #include "..." names, or None for generated and system headers."""
        if include.endswith((".pb.h",)):
            return "proto"
        if include.startswith(("common/", "services/", "tests/", "tools/")):
            return "/".join(include.split("/")[:2])
        if include.startswith("cli/"):
            return self.folder_of(include) or "cli"
        return None

    def target_of_dep(self, dep):
        if dep in self.layers.targets:
            return self.layers.targets[dep]
        return "proto" if dep == "sluice_proto" else f"common/{dep}"

    def check(self):
        includes = {}  # folder -> {"code"|"test": {folder: (path, line)}}
        for path in self.files:
            if path.endswith(CODE):
                self.check_code(path, includes)
            elif path.endswith(".proto"):
                self.check_proto(path)
            elif path.endswith((".py", ".sh")):
                self.check_spdx(path, (self.root / path).read_text(errors="replace"))
        self.check_dependencies(includes)
        self.check_named_tests()
        pages.check(self.root, self.files, self.findings.error)
        return self.findings

    def check_named_tests(self):
        """Each test that the tables of NAME_TESTS name exists, and every advisory names one."""
        there = set()
        for path in self.files:
            if path.endswith("_test.cc"):
                text = (self.root / path).read_text(errors="replace")
                there.update("".join(LITERAL.findall(words)) for words in TEST_CASE.findall(text))
        for path in NAME_TESTS:
            if not (self.root / path).exists():
                continue
            for number, line in enumerate((self.root / path).read_text().split("\n"), 1):
                if line == "## Not about us":
                    break
                if not line.startswith("| ") or line.startswith("| advisory"):
                    continue
                names = LITERAL.findall(line.split("|")[-2])
                if not names and path == ADVISORIES:
                    self.findings.error(path, number, "named-test", "name a test of ours")
                for name in names:
                    if name not in there:
                        self.findings.error(path, number, "named-test",
                                            f'there is no TEST_CASE("{name}"); name the one there is')

    def check_spdx(self, path, text):
        if SPDX not in "\n".join(text.split("\n")[:60]):
            self.findings.error(path, 1, "spdx", f"add the line `// {SPDX}`")

    def check_code(self, path, includes):
        text = (self.root / path).read_text(errors="replace")
        lines = text.split("\n")
        self.check_form(path, text, lines)
        self.check_banned(path, text, lines)
        folder = self.folder_of(path)
        for number, line in enumerate(lines, 1):
            match = INCLUDE.match(line)
            if match:
                self.check_include(path, number, folder, match.group(2), includes)

    def check_form(self, path, text, lines):
        self.check_spdx(path, text)
        if path.endswith(".h") and "#pragma once" not in text:
            self.findings.error(path, 1, "pragma-once", "add #pragma once after the SPDX line")
        for number, line in enumerate(lines, 1):
            if len(line) > LINE_LENGTH and not INCLUDE.match(line):
                self.findings.error(path, number, "line-length",
                                    f"{len(line)} columns; at most {LINE_LENGTH} (clang-format)")
        long_files = self.banned.get("long-files", {})
        if len(lines) - 1 > LONG_FILE and path not in long_files:
            self.findings.warn(path, len(lines) - 1, "file-length",
                               f"over {LONG_FILE} lines: split it, or give the reason in "
                               "banned.toml [long-files]")
        stem = pathlib.PurePath(path).name.split(".")[0].removesuffix("_test")
        for rule in self.banned.get("file-name", []):
            if re.search(rule["pattern"], stem):
                self.findings.error(path, 1, "file-name", rule["say"])

    def check_banned(self, path, text, lines):
        code = None
        for rule in self.banned["banned"]:
            pattern = re.compile(rule["pattern"])
            if not pattern.search(text):
                continue
            if any(fnmatch.fnmatch(path, glob) for glob in rule.get("allow", [])):
                continue
            if not rule.get("raw") and code is None:
                code = strip_code(text).split("\n")
            for number, line in enumerate(lines if rule.get("raw") else code, 1):
                if pattern.search(line):
                    self.findings.error(path, number, rule["name"], rule["say"])

    def check_include(self, path, number, folder, include, includes):
        for pattern, owners in self.layers.owners.items():
            if not fnmatch.fnmatch(include, pattern):
                continue
            if not any(path.startswith(o + "/") or fnmatch.fnmatch(path, o)
                       or fnmatch.fnmatch(path, o + "/*") for o in owners):
                owned = ", ".join(owners) or "nothing"
                self.findings.error(path, number, "owner",
                                    f"<{include}> belongs to {owned}; use that folder's interface")
            elif path.endswith(".h") and not include.startswith("catch2/"):
                if self.is_public(path, folder):
                    self.findings.error(path, number, "owner",
                                        f"<{include}> in a header that other folders include; "
                                        "keep it in .cc files or in a header of this folder only")
        target = self.target_of_include(include)
        if target is None or folder is None or target == folder:
            return
        # testing.h is what the tests of a folder share.
        kind = "test" if path.endswith(("_test.cc", "/testing.h")) else "code"
        includes.setdefault(folder, {}).setdefault(kind, {}).setdefault(target, (path, number))
        reason = None if kind == "test" else self.layers.why_not(folder, target)
        if reason:
            self.findings.error(path, number, "layer", reason)

    def is_public(self, header, folder):
        """Whether a file of another folder includes `header`."""
        if self.users is None:
            self.users = {}
            for path in self.files:
                if path.endswith(CODE):
                    for line in (self.root / path).read_text(errors="replace").split("\n"):
                        match = INCLUDE.match(line)
                        if match:
                            users = self.users.setdefault(match.group(2), set())
                            users.add(self.folder_of(path))
        return bool(self.users.get(header, set()) - {folder})

    def check_proto(self, path):
        """What proto/README.md says of names and comments."""
        text = (self.root / path).read_text()
        self.check_spdx(path, text)
        package = re.search(r"^package ([\w.]+);", text, re.M)
        folder = path.removeprefix("proto/").rsplit("/", 1)[0].replace("/", ".")
        if not package or package.group(1) != folder or not re.search(r"\.v\d+$", folder):
            self.findings.error(path, 1, "proto",
                                f"the package is the folder, with its version: package {folder};")
        enum = None
        commented = False
        for number, line in enumerate(text.split("\n"), 1):
            word = line.strip()
            say = functools.partial(self.findings.error, path, number, "proto")
            if len(line) > LINE_LENGTH:
                say(f"{len(line)} columns; at most {LINE_LENGTH}")
            match = PROTO_NAMED.match(word)
            if match and not commented:
                say(f"say what {match.group('name') or match.group('field')} is, in a comment above")
            commented = word.startswith("//")
            if not match:
                enum = None if word == "}" else enum
                continue
            keyword, name, field = match.group("keyword"), match.group("name"), match.group("field")
            if keyword in ("message", "enum", "service", "rpc") and not CAMEL.fullmatch(name):
                say(f"{name}: UpperCamelCase")
            if keyword == "service" and not name.endswith("Service"):
                say(f"{name}: a service ends in Service")
            if keyword == "rpc" and not re.search(
                    rf"\({name}Request\) returns \((stream \w+|{name}Response)\)", word):
                say(f"{name} takes {name}Request and returns {name}Response or a stream")
            if keyword == "enum":
                enum = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).upper()
            elif field and enum:
                if not field.startswith(enum + "_"):
                    say(f"{field}: values of this enum begin with {enum}_")
                if re.search(r"= 0;", word) and field != enum + "_UNSPECIFIED":
                    say(f"0 is {enum}_UNSPECIFIED")
            elif field and not re.fullmatch(r"[a-z][a-z0-9_]*", field):
                say(f"{field}: lower_snake_case")

    def check_dependencies(self, includes):
        for folder in self.folders:
            path = f"{folder}/CMakeLists.txt"
            calls = cmake_calls((self.root / path).read_text())
            if not calls:
                continue
            if folder not in self.layers.rank:
                self.findings.error(path, 1, "layer",
                                    f"{folder} is in no layer; add it to tools/lint/layers.toml")
            self.compare(path, folder, calls, includes.get(folder, {}))

    def compare(self, path, folder, calls, used):
        own = {name for _, _, name, _ in calls} | {f"{name}_lib" for _, _, name, _ in calls}
        declared = {"code": {}, "test": {}}
        for function, line, _, lists in calls:
            keywords = ("PRIVATE", "PUBLIC") if function == LINK else ("DEPS", "TEST_DEPS")
            for keyword in keywords:
                test = keyword == "TEST_DEPS"
                for dep in lists.get(keyword, []):
                    if dep in own or "$" in dep:
                        continue
                    if function == LINK and self.target_of_dep(dep) not in self.layers.rank:
                        continue  # a third-party library
                    target = self.target_of_dep(dep)
                    declared["test" if test else "code"].setdefault(target, (line, dep))
        only_tests = all(function == "sluice_test" for function, *_ in calls)
        code = dict(used.get("code", {}))
        tests = used.get("test", {})
        if only_tests:
            code, tests = {**tests, **code}, {}
        for target, (source, number) in code.items():
            if target not in declared["code"] and target != folder:
                self.findings.error(source, number, "deps",
                                    f"add {target.split('/')[-1]} to DEPS in {path}")
        for target, (line, dep) in declared["code"].items():
            if target not in code and target in self.layers.rank and target != "proto":
                also = "; only its test needs it: TEST_DEPS" if target in tests else ""
                self.findings.error(path, line, "deps", f"no file includes {dep}: remove it{also}")
        for target, (source, number) in tests.items():
            if target not in declared["code"] and target not in declared["test"]:
                self.findings.error(source, number, "deps",
                                    f"add {target.split('/')[-1]} to TEST_DEPS in {path}")
        for target, (line, dep) in declared["test"].items():
            if target in declared["code"]:
                self.findings.error(path, line, "deps", f"{dep} is in DEPS already")
            elif target not in tests and target != "common/testing":
                self.findings.error(path, line, "deps", f"no test includes {dep}: remove it")


def main(arguments):
    here = pathlib.Path(__file__).resolve().parent
    root = pathlib.Path(arguments[0]).resolve() if arguments else here.parents[1]
    checkout = Checkout(root, here)
    findings = checkout.check()
    for line in findings.lines():
        print(line)
    print(f"lint: {len(checkout.files)} files, {len(set(findings.errors))} findings, "
          f"{len(set(findings.warnings))} warnings")
    return 1 if findings.errors else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
