"""The lines of words under a live figure's picture, and prints that become one."""

import contextlib
import html
import threading

__all__ = ["as_page", "as_text", "caught"]


def as_page(reading, note, call):
    """Return HTML of the reading, the note and the call to copy, a line each."""
    style = "min-height: 1.5em; font-family: var(--jp-ui-font-family, sans-serif)"
    quiet = "color: var(--jp-warn-color0, #8a4b00)"
    page = f'<div role="status" aria-live="polite" style="{style}">'
    page += f"{html.escape(reading)}"
    if note:
        page += f'<div style="{quiet}">{html.escape(note)}</div>'
    page += "</div>"
    if call:
        look = "font-size: smaller; color: var(--jp-ui-font-color2, #616161)"
        code = f'<code style="user-select: all">{html.escape(call)}</code>'
        page += f'<div style="{look}">Copy this setting: {code}</div>'
    return page


def as_text(reading, note, call):
    """Return the same as plain text."""
    return f"{reading}\n{note}\n{call}".strip()


@contextlib.contextmanager
def caught(file):
    """Send prints to `file`, unless on a foreign thread: a cell may be printing now."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    with contextlib.redirect_stdout(file), contextlib.redirect_stderr(file):
        yield
