# SPDX-License-Identifier: Apache-2.0
"""Tests of run.py: what counts as the same, and what a console block holds."""

import unittest

import run
from pages import Block


class Run(unittest.TestCase):

    def test_what_changes_from_run_to_run_may_differ(self):
        for shown, printed in (("✔ main@sha1:5394cb7f", "✔ main@sha1:0011aaff"),
                               ("done in 1.5s", "done in 20ms"),
                               ("NAME  READY", "NAME\tREADY"),
                               ("at 2026-01-02T03:04:05Z", "at 2027-11-12T13:14:15Z"),
                               ("http://127.0.0.1:36013/x", "http://127.0.0.1:40000/x"),
                               ("in /tmp/sluice-quickstart.a1/x", "in /tmp/sluice-docs-9/tmp/sluice-quickstart.b2/x"),
                               ("a …: no such file", "a long story: no such file"),
                               ("first\n…\nlast", "first\n\nand more\nlast"),
                               ("…\nlast", "last")):
            self.assertTrue(run.fits(shown.split("\n"), printed.split("\n")), shown)

    def test_nothing_else_may_differ(self):
        for shown, printed in (("True", "False"),
                               ("myapp:1.2.0", "myapp:1.3.0"),
                               ("one", "one\ntwo"),
                               ("one\ntwo", "one"),
                               ("…\nlast", "last\nand more"),
                               ("a.c", "abc"),
                               ("replicas: 3", "replicas: 30")):
            self.assertFalse(run.fits(shown.split("\n"), printed.split("\n")), shown)

    def test_commands_and_what_they_show(self):
        lines = ["$ one \\", "    --two", "out", "$ cat > x <<'EOF'", "$ not a command", "EOF", "$ three"]
        self.assertEqual([("one \\\n    --two", ["out"], 2), ("cat > x <<'EOF'\n$ not a command\nEOF", [], 6),
                          ("three", [], 7)], run.commands_of(Block(1, "console", lines)))


if __name__ == "__main__":
    unittest.main()
