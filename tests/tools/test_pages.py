"""Pages beside the notebooks: each link leads somewhere, the glossary to its term."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from urllib.parse import unquote

import pytest

from helpers.course.lessons import PLAN
from helpers.tools.book import FENCED, ROOT, Book, headings
from helpers.tools.form_links import LINK, anchors

FOLDER = ROOT / "notebooks"
PAGES = sorted(FOLDER.glob("*.md"))
ROW = re.compile(
    r"^\| ([^|]+?) \| ([^|]+?) \| \[[^\]]+\]\(([^)#]+)#([^)]+)\) \|$", re.M
)
HANGUL = re.compile(r"[\uac00-\ud7a3]")


def lost(text: str, folder: Path) -> list[str]:
    """The links of a Markdown text that lead to no file or to no heading."""
    found = []
    for link in LINK.finditer(FENCED.sub("", text)):
        target = link[1] or link[2]
        name, _, anchor = unquote(target).partition("#")
        path = (folder / name).resolve()
        if re.match(r"[a-z][a-z+.-]*:", target):
            continue
        if not path.exists() or (anchor and anchor not in anchors(path)):
            found.append(target)
    return found


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.stem)
def test_every_link_leads_to_a_file_and_a_heading(page):
    assert lost(page.read_text(encoding="utf-8"), FOLDER) == []


def test_a_link_that_leads_nowhere_is_seen():
    text = "[a](03_rnn_math.ipynb#Nothing) [b](none.md) [c](https://x.y) [d](hub.md)"
    assert lost(text, FOLDER) == ["03_rnn_math.ipynb#Nothing", "none.md"]


def glossary() -> list[tuple[str, str, str, str]]:
    """(English, Korean, file, anchor) of every row."""
    return ROW.findall((FOLDER / "glossary.md").read_text(encoding="utf-8"))


@lru_cache
def parts(path: Path) -> list[str]:
    """The prose of a notebook, cut before each heading."""
    text = "\n\n".join(cell.text for cell in Book(path).prose)
    return re.split(r"(?m)^(?=#{1,6} )", text)


def section(path: Path, anchor: str) -> str:
    """The prose of a section with its subsections, heading included."""
    level, kept = 0, []
    for part in parts(path):
        for depth, title in headings(part):
            here = re.sub(r"[*`]", "", title).replace(" ", "-") == anchor
            level = depth if here and not kept else 0 if depth <= level else level
        if level:
            kept.append(part)
    return "".join(kept)


def test_the_glossary_is_one_table_in_alphabetical_order():
    text = (FOLDER / "glossary.md").read_text(encoding="utf-8")
    rows = glossary()
    assert len(rows) == len(re.findall(r"(?m)^\|", text)) - 2 > 60
    words = [english.lower() for english, *_ in rows]
    assert words == sorted(set(words))
    assert all(HANGUL.search(korean) for _, korean, *_ in rows)


@pytest.mark.parametrize("row", glossary(), ids=lambda row: row[0])
def test_a_term_stands_in_the_section_that_explains_it(row):
    english, _, file, anchor = row
    said = re.sub(r"[*_`]", "", section(FOLDER / file, unquote(anchor))).lower()
    assert all(word in said for word in english.lower().split()), said[:200]


def test_every_lesson_has_its_plan():
    text = (FOLDER / "teaching.md").read_text(encoding="utf-8")
    for name, question, _ in PLAN:
        assert re.search(rf"(?m)^### (\[)?{name[:2]} ", text), question
