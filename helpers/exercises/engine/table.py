"""The table of what has been done, lesson by lesson."""

from __future__ import annotations

from helpers.exercises.engine import progress, registry

__all__ = ["ProgressTable", "progress_table"]


class ProgressTable:
    """Rows (lesson, exercises right, of, predictions made, of), as HTML and text."""

    def __init__(self, rows: list[tuple[str, int, int, int, int]]) -> None:
        self.rows = rows

    def __repr__(self) -> str:
        lines = ["lesson  exercises  predictions"]
        for lesson, right, of, made, asked in self.rows:
            lines.append(
                f"{lesson:>6}  {f'{right} of {of}':>9}  {f'{made} of {asked}':>11}"
            )
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        left = 'style="text-align: left"'
        head = "".join(
            f'<th scope="col" {left}>{name}</th>'
            for name in ("lesson", "exercises right", "predictions made")
        )
        body = "".join(
            f'<tr><th scope="row" {left}>{lesson}</th>'
            f"<td {left}>{_bar(right, of)}</td><td {left}>{_bar(made, asked)}</td></tr>"
            for lesson, right, of, made, asked in self.rows
        )
        return (
            "<table><caption>Your progress</caption>"
            f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
        )


def _bar(done: int, total: int) -> str:
    # The circles are decoration: the words beside them say the same.
    circles = "●" * done + "○" * (total - done)
    return f'{done} of {total} <span aria-hidden="true">{circles}</span>'


def progress_table() -> ProgressTable:
    """Return a table of exercises and predictions done, of how many, by lesson."""
    state, rows = progress.load(), []
    for lesson in registry.lessons():
        exercises, predictions = registry.lesson_items(lesson)
        right = sum(state["exercises"].get(e.id) == "right" for e in exercises)
        made = sum(p.id in state["predictions"] for p in predictions)
        rows.append((lesson, right, len(exercises), made, len(predictions)))
    return ProgressTable(rows)
