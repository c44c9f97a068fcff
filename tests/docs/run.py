#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs the command blocks of our pages (tools/docs/pages.py says which) and compares what is shown.

    tests/docs/run.py [--bin FOLDER] [--accept] [PAGE ...]     PAGE: default README.md and docs/

Every page has one shell, in a folder that looks like a checkout, with the programs of FOLDER on PATH;
its blocks run in order. A `sh` block must succeed. What a `console` block shows is compared line by
line but for what changes from run to run: durations, times, hashes, ports and temporary folders; `…`
stands for anything, alone on a line for any lines. --accept writes what was printed into the page.
"""

import argparse
import collections
import concurrent.futures
import os
import pathlib
import pty
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools" / "docs"))
import pages  # noqa: E402

QUICKSTART = "/tmp/sluice-quickstart.*"  # as pages write it; of several that run, ours is meant
LIMIT = 120  # seconds for one command
DONE = "command-ended-with"
VOLATILE = (
    (r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z| ?[+-]\d\d:?\d\d)?", "TIME"),
    (r"/tmp/[\w.-]+(/tmp/[\w.-]+)?", "FOLDER"),
    (r"\b(127\.0\.0\.1|localhost):\d+", "PORT"),
    (r"\b[0-9a-f]{7,}\b", "HASH"),
    (r"\b(\d+(\.\d+)?(h|m|s|ms|µs))+\b", "DURATION"),
    (r"\[ *\d+s\]", "[DURATION]"),
    (r"-[a-z0-9]{8,10}(-[a-z0-9]{5})?\b(?=.*pod)", "-POD"),
    (r"[ \t]+", " "),
)


def plain(line):
    for pattern, word in VOLATILE:
        line = re.sub(pattern, word, line)
    return line.strip()


def fits(shown, printed):
    """Whether the lines `printed` are those `shown`, but for what may differ."""
    parts = [".*".join(map(re.escape, plain(line).split("…"))) if line.strip() != "…" else None
             for line in shown]
    pattern = "".join("(?:.*\n)*?" if part is None else part + "\n" for part in parts)
    return re.fullmatch(pattern, "".join(plain(line) + "\n" for line in printed)) is not None


def commands_of(block):
    """(command, lines shown after it, index of the first of these) of a console block."""
    found, index = [], 0
    while index < len(block.lines):
        command = [block.lines[index].removeprefix("$ ")]
        end = re.search(r"<<-?'?(\w+)'?", command[0])
        while index + 1 < len(block.lines) and (
                command[-1].endswith("\\") or end and command[-1].strip() != end[1]):
            index += 1
            command.append(block.lines[index])
        first = index = index + 1
        while index < len(block.lines) and not block.lines[index].startswith("$ "):
            index += 1
        found.append(("\n".join(command), block.lines[first:index], first))
    return found


class Shell:
    """A bash that keeps folder and variables from one command to the next."""

    def __init__(self, folder, environment):
        self.folder, self.count, self.code = folder, 0, 0
        self.environment, self.started = environment, []
        self.process = subprocess.Popen(
            ["bash", "--norc"], cwd=folder / "checkout", env=environment, text=True, bufsize=1,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True)

    def run(self, text, strict):
        """(exit code or None, lines printed)."""
        self.count += 1
        script = self.folder / f"{self.count}.sh"
        script.write_text(text + "\n")
        alarm = threading.Timer(LIMIT, lambda: os.killpg(self.process.pid, signal.SIGKILL))
        alarm.start()
        printed = []
        try:
            self.process.stdin.write(
                f"(exit {self.code}); {'set -e;' if strict else ''} . {script} </dev/null; "
                f"printf '\\n{DONE} %s\\n' $?; set +e\n")
            for line in self.process.stdout:
                if line.startswith(DONE):
                    while printed and not printed[-1].strip():
                        printed.pop()
                    self.code = int(line.split()[1])
                    return self.code, printed
                printed.append(line.rstrip("\n"))
        except BrokenPipeError:
            pass
        finally:
            alarm.cancel()
        return None, printed

    def start(self, text, until):
        """Starts a program in a terminal of its own, and waits until it has said `until`."""
        master, slave = pty.openpty()
        process = subprocess.Popen(["bash", "-c", text], cwd=self.folder / "checkout", env=self.environment,
                                   stdin=subprocess.DEVNULL, stdout=slave, stderr=slave,
                                   start_new_session=True)
        os.close(slave)
        said, ready = [], threading.Event()

        def read():
            try:
                while data := os.read(master, 65536):
                    said.append(data.decode(errors="replace"))
                    if until in "".join(said):
                        ready.set()
            except OSError:  # the terminal is gone
                ready.set()

        reader = threading.Thread(target=read, daemon=True)
        reader.start()
        self.started.append((process, reader, master))
        ready.wait(LIMIT)
        return process.poll() is None, "".join(said).splitlines()

    def close(self):
        for process, reader, master in [*self.started, (self.process, None, None)]:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGTERM)
                try:
                    process.wait(20)
                except subprocess.TimeoutExpired:
                    os.killpg(process.pid, signal.SIGKILL)
                    process.wait()
            if reader:
                reader.join(5)
                os.close(master)


class Result:
    def __init__(self, path):
        self.path, self.run, self.skipped, self.failures = path, 0, [], []


def run_block(shell, block, path, result, accepted):
    """Runs one block; False if nothing after it makes sense."""
    def fail(command, what, lines):
        text = "\n".join(["", *(f"    {line}" for line in lines[-40:])])
        result.failures.append(f"{path}:{block.line}: {command.splitlines()[0]}: {what}{text}")

    def ours(text):
        folder = next((shell.folder / "tmp").glob("sluice-quickstart.*"), None)
        return text.replace(QUICKSTART, str(folder)) if folder else text

    text = ours("\n".join(block.lines))
    if block.mark == "in another terminal":
        runs, printed = shell.start(text.removeprefix("$ "), block.argument)
        if not runs:
            fail(text, "has ended", printed)
        return runs
    if block.language == "sh":
        code, printed = shell.run(text, strict=True)
        if code != 0:
            fail(text, f"failed ({code})", printed)
        return code == 0
    for command, shown, first in commands_of(block):
        code, printed = shell.run(ours(command), strict=False)
        if code is None:
            fail(command, "did not end", printed)
            return False
        if not shown and code != 0:
            fail(command, f"failed ({code})", printed)
        elif shown and not fits(shown, printed):
            fail(command, "printed something else:", printed)
            accepted.append((block.line + first, len(shown), printed))
    return True


def run_page(path, programs):
    page, result = pages.Page(ROOT / path), Result(path)
    accepted = []  # (line index, number of lines, lines in their place)
    with tempfile.TemporaryDirectory(prefix="sluice-docs-") as name:
        folder = pathlib.Path(name)
        checkout = folder / "checkout"
        for new in (checkout, folder / "tmp", folder / "home"):
            new.mkdir()
        # Not the build folder: what a page builds must not write into it.
        for entry in ROOT.iterdir():
            if not entry.name.startswith(".") and entry.name != "build":
                (checkout / entry.name).symlink_to(entry)
        (checkout / "build/release").mkdir(parents=True)
        (checkout / "build/release/bin").symlink_to(programs)
        environment = {"PATH": f"{programs}:{os.environ['PATH']}", "HOME": str(folder / "home"),
                       "TMPDIR": str(folder / "tmp"), "SLUICE_BIN": str(programs), "LANG": "C.UTF-8",
                       "GIT_CONFIG_COUNT": "2", "GIT_CONFIG_KEY_0": "user.name", "GIT_CONFIG_VALUE_0": "You",
                       "GIT_CONFIG_KEY_1": "user.email", "GIT_CONFIG_VALUE_1": "you@example.com"}
        shell = Shell(folder, environment)
        try:
            for block in page.commands():
                needs = page.needs + (block.argument.split() if block.mark == "needs" else [])
                missing = [program for program in needs if not shutil.which(program)]
                if page.not_run or block.mark == "not run":
                    result.skipped.append(page.not_run or block.argument)
                elif missing:
                    result.skipped.append("needs " + " ".join(missing))
                else:
                    result.run += 1
                    if not run_block(shell, block, path, result, accepted):
                        break
        finally:
            shell.close()
    return result, accepted


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", type=pathlib.Path, default=ROOT / "build/release/bin")
    parser.add_argument("--accept", action="store_true")
    parser.add_argument("pages", nargs="*")
    arguments = parser.parse_args()
    paths = arguments.pages or ["README.md", "CONTRIBUTING.md", *sorted(
        str(path.relative_to(ROOT)) for path in (ROOT / "docs").rglob("*.md"))]
    paths = [path for path in paths if pages.Page(ROOT / path).commands()]
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        done = list(pool.map(lambda path: run_page(path, arguments.bin.resolve()), paths))
    reasons = collections.Counter()
    for result, accepted in done:
        reasons.update(result.skipped)
        print(f"{result.path}: {result.run} blocks run, {len(result.skipped)} not, "
              f"{len(result.failures)} failures")
        if arguments.accept:
            page = ROOT / result.path
            lines = page.read_text(encoding="utf-8").split("\n")
            for start, count, printed in reversed(accepted):
                lines[start:start + count] = [
                    re.sub(r"/tmp/sluice-docs-\w+/tmp/", "/tmp/", line).replace("\t", "  ").rstrip()
                    for line in printed]
            page.write_text("\n".join(lines), encoding="utf-8")
    for result, _ in done:
        print("".join(f"\n{failure}\n" for failure in result.failures), end="")
    for reason, count in reasons.most_common():
        print(f"{count} not run: {reason}")
    run = sum(result.run for result, _ in done)
    failed = sum(len(result.failures) for result, _ in done)
    print(f"{run} blocks run, {sum(reasons.values())} not run, {failed} failures")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
