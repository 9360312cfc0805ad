"""A notebook as the rules of its form read it."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

__all__ = [
    "ALT",
    "FENCED",
    "IMAGE",
    "LOADED",
    "ROOT",
    "Book",
    "Cell",
    "find",
    "headings",
]

ROOT = Path(__file__).resolve().parents[2]
FENCED = re.compile(r"```.*?```|~~~.*?~~~", re.DOTALL)
HEADING = re.compile(r"^(#{1,6}) +(.+?)\s*#*$", re.MULTILINE)
LOADED = re.compile(
    r"""!\[[^\]]*\]\(\s*(?:https?:)?//"""
    r"""|<(?:img|script|iframe|video|audio|source|embed)\b[^>]*\bsrc\s*=\s*["']?(?:https?:)?//"""
    r"""|<link\b[^>]*\bhref\s*=|@import\b|url\(\s*["']?(?:https?:)?//""",
    re.IGNORECASE,
)
IMAGE = re.compile(r"!\[([^\]]*)\]\(|<img\b([^>]*)>", re.IGNORECASE)
ALT = re.compile(r"""\balt\s*=\s*(?:"[^"]*\w[^"]*"|'[^']*\w[^']*')""", re.IGNORECASE)


@dataclass(frozen=True)
class Cell:
    """One cell: its place, kind, id, text, tags, slide type, outputs and raw form."""

    index: int
    raw: dict = field(repr=False)

    @property
    def kind(self) -> str:
        return self.raw["cell_type"]

    @property
    def id(self) -> str:
        return self.raw.get("id", "")

    @cached_property
    def text(self) -> str:
        source = self.raw.get("source", "")
        return source if isinstance(source, str) else "".join(source)

    @property
    def tags(self) -> list[str]:
        return self.raw.get("metadata", {}).get("tags", [])

    @property
    def slide(self) -> str | None:
        return self.raw.get("metadata", {}).get("slideshow", {}).get("slide_type")

    @property
    def outputs(self) -> list[dict]:
        return self.raw.get("outputs", [])

    def __str__(self) -> str:
        return f"cell {self.index} ({self.id or 'no id'})"


class Book:
    """A notebook as the rules read it: path, raw JSON and cells."""

    def __init__(self, path: Path):
        self.path = Path(path)
        self.raw = json.loads(self.path.read_text(encoding="utf-8"))
        self.cells = [Cell(i, raw) for i, raw in enumerate(self.raw["cells"])]
        self.code = [c for c in self.cells if c.kind == "code" and c.text.strip()]
        self.prose = [c for c in self.cells if c.kind == "markdown"]

    @property
    def lesson(self) -> str:
        """The lesson's number, "03"."""
        return self.path.name[:2]


def headings(text: str) -> list[tuple[int, str]]:
    """Return (level, title) of every heading of a Markdown text."""
    return [(len(m[1]), m[2]) for m in HEADING.finditer(FENCED.sub("", text))]


def find(names: list[str], folder: Path | None = None) -> list[Path]:
    """Return the notebooks whose file names start with ``names`` (all for none).

    A name may be a lesson's number ("03"), a file name or a path.
    Raises ValueError for a name that no notebook has.
    """
    every = sorted((folder or ROOT / "notebooks").glob("*.ipynb"))
    if not names:
        return every
    chosen = []
    for name in names:
        stem = Path(name).name.removesuffix(".ipynb")
        hits = [path for path in every if path.name.startswith(stem)]
        if not hits:
            have = ", ".join(path.stem for path in every) or "none"
            raise ValueError(f"no notebook starts with {name!r}; there are: {have}")
        chosen += hits
    return chosen
