# SPDX-License-Identifier: Apache-2.0
"""What stands in our Markdown pages: command blocks with their marks, links, headings.

A block of commands is fenced as `sh` (a script) or `console` (`$ command` lines with what they print).
tests/docs runs all of them, unless the line above says otherwise:

    <!-- not run: REASON -->            this block is not run here
    <!-- needs: PROGRAM ... -->         only where these programs are on PATH
    <!-- in another terminal: TEXT -->  is started, and goes on while the rest of the page runs,
                                        which begins when it has printed TEXT

and for all of a page, anywhere on it:

    <!-- nothing here is run: REASON -->
    <!-- all of this needs: PROGRAM ... -->
"""

import dataclasses
import pathlib
import re

COMMANDS = ("sh", "console")
FENCE = re.compile(r"^(?P<indent> *)(?P<fence>```+)(?P<language>[\w-]*)\s*$")
MARK = re.compile(r"^ *<!-- (not run|needs|in another terminal)(?:: (.+))? -->$")
PAGE_MARK = re.compile(r"^<!-- (nothing here is run|all of this needs): (.+) -->$", re.M)
LINK = re.compile(r"(?<!!)\[(?:[^\]\[]|\[[^\]]*\])*\]\(([^()\s]+(?:\([^()\s]*\))?)\)")
HEADING = re.compile(r"^#{1,6} +(.*?) *$")


@dataclasses.dataclass
class Block:
    line: int  # of the opening fence, from 1
    language: str
    lines: list  # without the fences' indentation
    mark: str = ""  # "not run", "needs", "in another terminal"
    argument: str = ""  # of the mark


class Page:
    def __init__(self, path):
        self.path = pathlib.Path(path)
        self.lines = self.path.read_text(encoding="utf-8").split("\n")
        marks = dict(PAGE_MARK.findall("\n".join(self.lines)))
        self.not_run = marks.get("nothing here is run", "")
        self.needs = marks.get("all of this needs", "").split()
        self.blocks, self.prose = [], []  # prose: (number, line)
        opening, above = None, ""
        for number, line in enumerate(self.lines, 1):
            match = FENCE.match(line)
            if opening is None and match:
                opening = match
                mark = MARK.match(above)
                self.blocks.append(Block(number, match["language"], [], *(mark.groups("") if mark else ())))
            elif opening is not None and match and match["fence"] == opening["fence"] \
                    and not match["language"]:
                opening = None
            elif opening is not None:
                self.blocks[-1].lines.append(line.removeprefix(opening["indent"]))
            else:
                self.prose.append((number, line))
            above = line

    def commands(self):
        return [block for block in self.blocks if block.language in COMMANDS]

    def links(self):
        """(line number, target) of links that are not to other sites."""
        for number, line in self.prose:
            for target in LINK.findall(re.sub(r"`[^`]*`", "", line)):
                if not re.match(r"\w+:", target):
                    yield number, target

    def anchors(self):
        """The names that headings have on the web: lower case, words joined by hyphens."""
        names = set()
        for _, line in self.prose:
            if match := HEADING.match(line):
                text = re.sub(r"[^\w\- ]", "", re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", match[1]).lower())
                names.add(text.replace(" ", "-"))
        return names


def check(root, paths, error):
    """Reports with error(path, line, rule, advice) what is wrong with the pages among `paths`."""
    for path in paths:
        if not path.endswith(".md") or "/testdata/" in path:
            continue
        page = Page(root / path)
        for block in page.blocks:
            if not block.language:
                error(path, block.line, "docs", "say what the block is: ```sh, ```console, ```yaml, ```text …")
            elif block.language in ("bash", "shell", "shell-session"):
                error(path, block.line, "docs", "write ```sh or ```console: those are run by tests/docs")
            elif block.language not in COMMANDS and "".join(block.lines[:1]).startswith("$ "):
                error(path, block.line, "docs", "commands are in ```console blocks")
            elif block.language == "console" and not "".join(block.lines[:1]).startswith("$ "):
                error(path, block.line, "docs", "a console block begins with `$ command`")
            if block.mark and not block.argument:
                error(path, block.line, "docs", f"say what: <!-- {block.mark}: … -->")
        for number, target in page.links():
            name, _, anchor = target.partition("#")
            folder = root if path.startswith("changes/") else (root / path).parent
            file = folder / name if name else root / path
            if not file.exists():
                error(path, number, "link", f"{target}: there is no such file")
            elif anchor and file.suffix == ".md" and anchor not in Page(file).anchors():
                error(path, number, "link", f"{target}: there is no such heading")
