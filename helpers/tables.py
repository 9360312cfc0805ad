"""A small table for the end of a cell: text where there is no browser, HTML else."""

import html
from numbers import Integral, Real

import numpy as np

__all__ = ["Table", "table"]


class Table:
    """Rows of texts under a head; numbers stand on the right."""

    def __init__(self, head, rows, right, caption=""):
        self.head, self.rows, self.right, self.caption = head, rows, right, caption

    def __repr__(self):
        lines = [self.head, *self.rows]
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        text = [
            "  ".join(
                cell.rjust(width) if right else cell.ljust(width)
                for cell, width, right in zip(line, widths, self.right, strict=True)
            ).rstrip()
            for line in lines
        ]
        return "\n".join([*([self.caption] if self.caption else []), *text])

    def _repr_html_(self):
        sides = ["right" if right else "left" for right in self.right]

        def line(cells, tag):
            return "".join(
                f'<{tag} style="text-align: {side}">{html.escape(cell)}</{tag}>'
                for cell, side in zip(cells, sides, strict=True)
            )

        body = "".join(f"<tr>{line(row, 'td')}</tr>" for row in self.rows)
        caption = html.escape(self.caption)
        return (
            f"<table>{f'<caption>{caption}</caption>' if caption else ''}"
            f"<thead><tr>{line(self.head, 'th')}</tr></thead>"
            f"<tbody>{body}</tbody></table>"
        )


def table(rows, head, *, digits=2, caption=""):
    """Return a Table of `rows`, a list of lists, or a dict of first cell → others.

    A number is shown with commas, one that is not an integer with `digits` decimals,
    and a list of numbers, one a seed, as their median and range. ValueError if a row
    does not fit.
    """
    if isinstance(rows, dict):
        rows = [[name, *cells] for name, cells in rows.items()]
    rows = [list(row) for row in rows]
    for row in rows:
        if len(row) != len(head):
            raise ValueError(f"rows: {len(head)} cells wanted, got {len(row)} in {row}")
    right = [
        bool(rows) and all(not isinstance(row[column], str) for row in rows)
        for column in range(len(head))
    ]
    texts = [[_text(cell, digits) for cell in row] for row in rows]
    return Table([str(name) for name in head], texts, right, caption)


def _text(cell, digits):
    if isinstance(cell, str):
        return cell
    if isinstance(cell, Integral):
        return f"{cell:,}"
    if isinstance(cell, Real):
        return f"{cell:,.{digits}f}"
    values = np.asarray(cell, dtype=float)
    low, middle, high = values.min(), np.median(values), values.max()
    shown = [f"{number:,.{digits}f}" for number in (middle, low, high)]
    to = " to " if low < 0 else "–"
    return f"{shown[0]} ({shown[1]}{to}{shown[2]})"
