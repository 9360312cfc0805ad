"""An explorer that is run again lets go of what its last run has left in the kernel."""

import contextlib

import ipywidgets as widgets
from IPython import get_ipython

__all__ = ["close_all", "shown_here"]

_shown = {}  # cell → (the run that showed them, what it showed)


def shown_here(thing):
    """Note what the running cell shows, and let go of what its last run has shown.

    The widgets of a notebook live in the kernel until they are closed, also those whose
    output is gone. Outside a notebook nothing is noted. thing: has a method `let_go`.
    """
    cell, run = _place()
    if cell is None:
        return
    before, things = _shown.get(cell, (run, []))
    if before != run:
        for old in things:
            if old is not thing:
                old.let_go()
        things = []
    if not any(old is thing for old in things):
        things.append(thing)
    _shown[cell] = run, things


def _place():
    """Return the ids of the running cell and of this run of it; (None, None) if none.

    JupyterLab names the cell in the request that it sends to the kernel.
    """
    kernel = getattr(get_ipython(), "kernel", None)
    with contextlib.suppress(AttributeError, LookupError, TypeError):
        parent = kernel.get_parent()
        return parent["metadata"]["cellId"], parent["header"]["msg_id"]
    return None, None


def close_all(widget):
    """Close a widget, what is in it, and the layout and style of each."""
    for child in getattr(widget, "children", ()):
        close_all(child)
    for name in ("layout", "style"):
        part = getattr(widget, name, None)
        if isinstance(part, widgets.Widget):
            part.close()
    widget.unobserve_all()
    widgets.Widget.close(widget)
