#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Prints "N passed, M failed[, K skipped]" of a JUnit report of ctest; exits 1 if any failed."""

import sys
import xml.etree.ElementTree


def count(report):
    """(passed, failed, skipped)"""
    counts = {"run": 0, "fail": 0, "skipped": 0}
    for case in xml.etree.ElementTree.parse(report).getroot().iter("testcase"):
        status = case.get("status")
        if status == "disabled" or case.find("skipped") is not None:
            status = "skipped"
        counts[status if status in counts else "fail"] += 1
    return counts["run"], counts["fail"], counts["skipped"]


def main(report):
    passed, failed, skipped = count(report)
    line = f"{passed} passed, {failed} failed"
    print(line + (f", {skipped} skipped" if skipped else ""))
    return 1 if failed or passed == 0 else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
