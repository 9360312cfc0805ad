"""The lessons of the course, in order, and which of them are here."""

from __future__ import annotations

import html
import json
import re
from pathlib import Path
from typing import NamedTuple

__all__ = ["LessonMap", "lesson_map"]

NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"

# file name, the question it answers, what it needs
PLAN = (
    ("00_start_here", "Start here", "a browser"),
    ("01_sequence_problems", "What is a sequence problem?", "Python, NumPy"),
    ("02_before_rnns", "Why not just a bigger feedforward network?", "01"),
    ("03_rnn_math", "How does a network remember?", "01"),
    ("04_vanishing_gradients", "Why does an RNN forget?", "03"),
    ("05_lstm_gru", "What if the network could decide what to keep?", "04"),
    ("06_deep_bidirectional", "What if it could also look ahead?", "05"),
    ("07_language_models_sampling", "How does a network write?", "05"),
    ("08_seq2seq", "How does it answer with a sequence of another length?", "07"),
    ("09_attention_gnmt", "What if the decoder could look back?", "08"),
    ("10_ctc", "What if nobody tells us when?", "06, 07"),
    ("11_wavenet_and_after", "Can we do without recurrence?", "07, 10"),
    ("12_capstone", "Would your model survive tomorrow?", "01, 05"),
    ("13_projects", "What can you build now?", "09, 12"),
)


class Row(NamedTuple):
    """One lesson: minutes is None for one that is not here yet."""

    number: str
    title: str
    minutes: int | None
    needs: str
    file: str | None


class LessonMap:
    """A table of lessons, as HTML with links and as text."""

    def __init__(self, rows: list[Row]) -> None:
        self.rows = rows

    def __repr__(self) -> str:
        wide = max(len(row.title) for row in self.rows)
        lines = [f"{'lesson':6}  {'question':{wide}}  minutes  needs"]
        for row in self.rows:
            time = row.minutes if row.file else "later"
            lines.append(
                f"{row.number:6}  {row.title:{wide}}  {time or '':>7}  {row.needs}"
            )
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        left = 'style="text-align: left"'
        names = ("lesson", "question", "minutes", "needs")
        head = "".join(f'<th scope="col" {left}>{name}</th>' for name in names)
        body = ""
        for row in self.rows:
            title = html.escape(row.title)
            if row.file:
                title = f'<a href="{row.file}">{title}</a>'
            time = (row.minutes or "") if row.file else "later"
            body += (
                f'<tr><th scope="row" {left}>{row.number}</th><td {left}>{title}</td>'
                f"<td>{time}</td><td {left}>{row.needs}</td></tr>"
            )
        return (
            "<table><caption>The lessons</caption>"
            f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
        )


def lesson_map(folder: Path = NOTEBOOKS) -> LessonMap:
    """Return the table of all lessons: those in `folder` with link, title, minutes."""
    rows = []
    for stem, title, needs in PLAN:
        path, minutes, file = Path(folder) / f"{stem}.ipynb", None, None
        if path.is_file():
            file = path.name
            title, minutes = _first_cell(path, title)
        rows.append(Row(stem[:2], title, minutes, needs, file))
    return LessonMap(rows)


def _first_cell(path: Path, title: str) -> tuple[str, int | None]:
    """Return the title and the minutes that a notebook's first cell names."""
    try:
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        text = "".join(cells[0]["source"])
    except (OSError, ValueError, KeyError, IndexError):
        return title, None
    heading = re.search(r"^# (?:\d\d\W+)?(.+)$", text, re.MULTILINE)
    minutes = re.search(r"(\d+)\s+minutes", text)
    return heading[1].strip() if heading else title, minutes and int(minutes[1])
