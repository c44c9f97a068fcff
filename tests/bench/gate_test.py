# SPDX-License-Identifier: Apache-2.0
"""Tests of the regression gate: above all that it can fail."""

import contextlib
import io
import json
import pathlib
import tempfile
import unittest

import gate

BASELINE = {
    "YAML decode at scale 1: instructions": 1000,
    "YAML decode at scale 10: instructions": 10000,
    "YAML decode at scale 1: allocations": 10,
    "YAML decode at scale 10: allocations": 100,
    "10 Kustomizations: no-op, API requests each": 3.0,
}


class GateTest(unittest.TestCase):
    def findings(self, **changes):
        counts = dict(BASELINE)
        for what, count in changes.items():
            counts[{"small": "YAML decode at scale 1: instructions",
                    "large": "YAML decode at scale 10: instructions",
                    "allocations": "YAML decode at scale 10: allocations",
                    "requests": "10 Kustomizations: no-op, API requests each"}[what]] = count
        return gate.findings(counts, BASELINE)

    def test_within_the_tolerance_is_let_pass(self):
        self.assertEqual(self.findings(), [])
        self.assertEqual(self.findings(large=10400, allocations=101, requests=3.3), [])
        self.assertEqual(self.findings(large=9000, allocations=50, requests=1.0), [])

    def test_more_is_refused(self):
        self.assertIn("12% more", self.findings(large=11200)[0])
        self.assertIn("allocations", self.findings(allocations=103)[0])
        self.assertIn("33% more", self.findings(requests=4.0)[0])

    def test_growth_beyond_the_input_is_refused(self):
        lines = gate.findings({"x at scale 1: instructions": 10, "x at scale 10: instructions": 200},
                              {"x at scale 1: instructions": 10, "x at scale 10: instructions": 200})
        self.assertEqual(len(lines), 1)
        self.assertIn("20.0 times as much", lines[0])

    def test_what_nobody_expected_is_refused(self):
        self.assertIn("not in the baseline", gate.findings({"new: allocations": 1}, {})[0])

    def test_dumps_are_read_in_their_order(self):
        with tempfile.TemporaryDirectory() as folder:
            for number in (1, 2, 10):
                text = f"version: 1\nsummary: {number}00\n\ntotals: {number}00\n"
                (pathlib.Path(folder) / f"dump.{number}").write_text(text)
            (pathlib.Path(folder) / "dump").write_text("summary: 5\n")
            self.assertEqual(gate.instructions(folder), [100, 200, 1000])

    def test_the_program_fails_and_says_how_to_update_until_it_was_updated(self):
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder) / "baseline.json"
            file.write_text(json.dumps(BASELINE))
            slower = {what: 2 * count for what, count in BASELINE.items()}
            output = io.StringIO()
            with contextlib.redirect_stdout(output):
                self.assertEqual(gate.main([folder], file, [lambda _: slower]), 1)
                self.assertEqual(gate.main([folder, "--update"], file, [lambda _: slower]), 0)
                self.assertEqual(gate.main([folder], file, [lambda _: slower]), 0)
            self.assertIn("--update", output.getvalue())


if __name__ == "__main__":
    unittest.main()
