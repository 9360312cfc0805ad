"""An explorer opens at a setting, and gives its present one as a call."""

import ast
import functools
import inspect

import ipywidgets as widgets
from IPython import get_ipython
from traitlets import TraitError

from helpers.explore.kit.live import Live

__all__ = ["NO_CALL", "Setting", "settable"]

NO_CALL = {"name": "", "given": []}  # of a widget that no function has opened
KINDS = (
    widgets.IntSlider,
    widgets.FloatSlider,
    widgets.FloatLogSlider,
    widgets.Dropdown,
    widgets.Checkbox,
    widgets.Text,
)


def settable(explorer):
    """Return an explorer that takes its controls' values as keywords, besides its own.

    `explore_cliff(lr=0.3, step=12)` opens with these two moved. Its figure, or the page
    of its widget, has a line to copy once a control has been moved: the call that opens
    it so.
    ValueError for a keyword that is no control, or a value that its control can't have.
    """
    own = inspect.signature(explorer).parameters

    @functools.wraps(explorer)
    def opened(*args, **keywords):
        moved = {k: v for k, v in keywords.items() if k not in own}
        mine = {k: v for k, v in keywords.items() if k in own}
        shown = explorer(*args, **mine)
        live = isinstance(shown, Live)
        controls = shown.controls if live else _of_widget(shown)
        unknown = moved.keys() - controls.keys()
        if unknown:
            want = [*dict.fromkeys([*own, *controls])]
            raise ValueError(f"got {sorted(unknown)}, want some of {want}")
        for name in controls:
            if name in moved:
                _set(name, controls[name], moved[name])
        if live:
            told, given = _written(explorer.__name__, own, controls, args, keywords)
            shown.setting = Setting(explorer.__name__, told, shown, given)
        elif shown.has_trait("call"):
            shown.call = {"name": explorer.__name__, "given": [*moved]}
        return shown

    return opened


class Setting:
    """The call that opens an explorer as it stands now; "" as long as nothing moved.

    words: its arguments as they are written, but for those that are controls.
    given: the controls, among other keywords, that it was opened with.
    """

    def __init__(self, name, words, live, given=()):
        self.name, self.words, self.given = name, words, {*given}
        self.controls = {k: c for k, c in live.controls.items() if isinstance(c, KINDS)}
        self.start = self.values()

    def values(self):
        """The controls' present values, by name."""
        return {name: control.value for name, control in self.controls.items()}

    def __str__(self):
        now = self.values()
        if now == self.start:
            return ""
        told = [k for k in now if now[k] != self.start[k] or k in self.given]
        told = [f"{name}={_short(now[name])}" for name in told]
        return f"{self.name}({', '.join([*self.words, *told])})"


def _of_widget(shown):
    """Return the names of what a widget of its own module shares with its page."""
    names = shown.traits(sync=True).keys() - widgets.DOMWidget.class_traits().keys()
    names = names - {"call"}
    return {name: shown for name in sorted(names) if not name.startswith("_")}


def _set(name, control, value):
    trait = "value" if isinstance(control, KINDS) else name
    low, high = (getattr(control, end, None) for end in ("min", "max"))
    try:
        if isinstance(control, widgets.FloatLogSlider):
            low, high = control.base**low, control.base**high
        if low is not None and not low <= value <= high:
            raise ValueError(
                f"{name}: got {value!r}, want a number from {low} to {high}"
            )
        setattr(control, trait, value)
    except (TraitError, TypeError) as error:
        options = getattr(control, "_options_full", ())
        want = f"one of {[option for _, option in options]}" if options else str(error)
        raise ValueError(f"{name}: got {value!r}, want {want}") from None


def _written(name, own, controls, args, keywords):
    """Return the arguments that are no controls, as texts, and the controls among them.

    They are those of the call in the running cell; where no cell tells, "…" stands for
    them.
    """
    named = [*zip(own, args, strict=False), *keywords.items()]
    given = [key for key, _ in named if key in controls]
    if len(given) == len(named):
        return [], given
    cell = (getattr(get_ipython(), "user_ns", {}).get("In") or [""])[-1]
    try:
        nodes = [*ast.walk(ast.parse(cell))]
    except SyntaxError:  # a cell with a line for IPython alone
        nodes = []
    for node in nodes:
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == name:
            texts = [*zip(own, map(ast.unparse, node.args), strict=False)]
            texts = [text for key, text in texts if key not in controls]
            more = [k for k in node.keywords if k.arg not in controls]
            texts += [f"{k.arg}={ast.unparse(k.value)}" for k in more]
            return texts, given
    return ["…"], given


def _short(value):
    return f"{value:.6g}" if isinstance(value, float) else repr(value)
