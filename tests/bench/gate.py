#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Fails if Sluice does more work than before, counted instead of timed: instructions and allocations
of the engines (micro --count), requests to the API server that reconciling costs where nothing has
changed, and what the controllers need of memory (mttp, mttp_helm, helm_charts).

    tests/bench/gate.py BIN [--update]      BIN: the folder of the programs, of a release build

What is expected stands in baseline.json; --update writes it anew. Instructions are counted by
valgrind, which shows programs the same plain processor on every machine; without it they are not.
"""

import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

BASELINE = pathlib.Path(__file__).resolve().parent / "baseline.json"
# How much more than expected is let pass, by what is counted. Libraries of the system are counted,
# too, and change with its updates; patches of one object's status may come together or apart.
TOLERANCE = {"instructions": 0.05, "allocations": 0.02, "API requests each": 0.3, "peak memory": 0.4}
# Ten times the input may cost that many times as much.
GROWTH = 12.0
# The function in micro.cc.
MEASURED = "sluice::bench::Measured(std::function<unsigned long ()> const&)"


def figures(command, folder, before=()):
    """{what: value} that a benchmark writes."""
    file = pathlib.Path(folder) / "figures.json"
    subprocess.run([*before, *command, "--json", file], check=True, stdout=subprocess.DEVNULL)
    return {row["what"]: row["value"] for row in json.loads(file.read_text())}


def instructions(folder):
    """The counts that callgrind has dumped, in their order."""
    dumps = sorted(pathlib.Path(folder).glob("dump.*"), key=lambda dump: int(dump.suffix[1:]))
    return [int(re.search(r"^(?:summary|totals): (\d+)", dump.read_text(), re.M).group(1))
            for dump in dumps]


def count_engines(binaries):
    with tempfile.TemporaryDirectory() as folder:
        valgrind = shutil.which("valgrind")
        before = [valgrind, "-q", "--tool=callgrind", f"--toggle-collect={MEASURED}",
                  f"--dump-after={MEASURED}", f"--callgrind-out-file={folder}/dump"]
        allocations = figures([binaries / "micro", "--count"], folder, before if valgrind else ())
        counts = dict(allocations)
        if valgrind:
            operations = [what.removesuffix(": allocations") for what in allocations]
            for what, count in zip(operations, instructions(folder), strict=True):
                counts[f"{what}: instructions"] = count
        else:
            print("gate: no valgrind: instructions are not counted")
    return counts


def count_controllers(binaries):
    counts = {}
    with tempfile.TemporaryDirectory() as folder:
        for program in ("mttp", "mttp_helm", "helm_charts"):
            found = figures([binaries / program, "--objects", "20"], folder)
            counts |= {what: round(value, 1) for what, value in found.items()
                       if what.endswith("no-op, API requests each") or ": peak memory" in what}
    return counts


def unit(what):
    """"instructions", "allocations", "API requests each" or "peak memory"."""
    return what.rsplit(": ", 1)[1].rsplit(", ")[-1].split(" of ")[0]


def findings(counts, baseline):
    """What is wrong with `counts`, one line each."""
    lines = []
    for what, count in counts.items():
        if what not in baseline:
            lines.append(f"{what}: {count:,} is not in the baseline")
        elif count > baseline[what] * (1 + TOLERANCE[unit(what)]):
            more = f"{count / baseline[what] - 1:.0%} more than" if baseline[what] else "not"
            lines.append(f"{what}: {count:,} is {more} the {baseline[what]:,} of the baseline")
        if what.endswith("at scale 1: instructions"):
            larger = counts[what.replace("at scale 1:", "at scale 10:")]
            if larger > GROWTH * count:
                lines.append(f"{what}: ten times the input costs {larger / count:.1f} times as much, "
                             f"more than {GROWTH:.0f}")
    return lines


def main(words, baseline_file=BASELINE, counters=(count_engines, count_controllers)):
    binaries = pathlib.Path(words[0]).resolve()
    counts = {}
    for counter in counters:
        counts |= counter(binaries)
    if "--update" in words:
        baseline_file.write_text(json.dumps(counts, indent=1) + "\n")
        return 0
    baseline = json.loads(baseline_file.read_text())
    for what, count in counts.items():
        print(f"{what:60} {count:14,} of {baseline.get(what, 0):14,}")
    lines = findings(counts, baseline)
    for line in lines:
        print(f"gate: {line}")
    if lines:
        print("gate: find the reason (valgrind --tool=callgrind BIN/micro --count shows where); if "
              "it is meant, run tests/bench/gate.py BIN --update and commit baseline.json")
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
