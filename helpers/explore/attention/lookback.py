"""Explorer of lesson 09: a decoder writes and looks; one of its looks is bent."""

import datetime
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import torch

from helpers.data import dates
from helpers.data.batching import Coder
from helpers.data.files.forms import in_form_of
from helpers.explore.attention.looks import Looks
from helpers.explore.kit.live import Live, choice, slider, text_box
from helpers.explore.kit.sentences import sentences, unread
from helpers.explore.kit.settings import settable
from helpers.training import in_eval

__all__ = ["BENDS", "bent_run", "explore_lookback"]

S, T = 20, 14  # target and source words that the figure has room for
CHARACTERS = 14, 25  # the same for a date, in characters
BENDS = {  # name -> what becomes of weights (T,), given the word chosen
    "leave it": lambda weights, place: weights,
    "lock it to the word": lambda weights, place: np.eye(len(weights))[place],
    "hide the word": lambda weights, place: _without(weights, place),
    "one word to the right": lambda weights, place: np.roll(weights, 1),
    "all words alike": lambda weights, place: np.full(len(weights), 1 / len(weights)),
}
NUMBERS = "7", "365", "90,013", "700,500"  # to choose from, beside the first
DAY = datetime.date(2005, 4, 3)  # of the dates to choose from
LANGUAGES = {
    "en": "English (US)", "de": "German", "fr": "French", "es": "Spanish",
    "it": "Italian", "nl": "Dutch", "pt": "Portuguese", "sv": "Swedish",
    "tr": "Turkish", "ko": "Korean", "ja": "Japanese", "zh": "Chinese",
}  # fmt: skip


class _Kind(NamedTuple):
    """One of the translators: tokens(text) is what it reads and what is right."""

    model: torch.nn.Module
    coders: tuple[Coder, Coder]
    tokens: Callable
    shape: tuple[int, int]
    unit: str


@settable
def explore_lookback(
    model, source_coder, target_coder, read, answer, text="52,047", *,
    label="number", dated=None,
):  # fmt: skip
    """Return a live figure of what `model` writes and where it looks while it does.

    model: helpers.nets.attention.decoder.AttentionSeq2Seq or what has its `encode` and
    `step`; the coders are helpers.data.batching.Coder. read(text) gives the source
    tokens of what is typed, answer(text) the right target tokens; a ValueError of
    theirs is shown as a note. The weights of one step can be bent; the decoder then
    goes on from what it found instead.
    dated: None, or (model, source_coder, target_coder) of dates: it reads, character by
    character, all that is typed and is no number. ValueError if it is anything else.
    """
    tokens = sentences(source_coder, target_coder, read, answer, T)
    coders = source_coder, target_coder
    words = letters = _Kind(model, coders, tokens, (S, T), "word")
    if dated is not None:
        letters = _dated(dated)
        label = f"{label} or date"
    picture, known = Looks(), {}
    controls = {
        "typed": text_box(label, text, _examples(label, dated is not None)),
        "s": slider("the look of step", 1, 1, S, 1),
        "bend": choice("bend it", [*BENDS]),
        "place": slider("source word", 1, 1, letters.shape[1], 1),
    }
    first = None
    if dated is not None:
        first = text
        example = choice("an example", {text: text, **_written()})
        example.on_page = False  # there the box offers them
        controls = {"example": example} | controls
    filled = {"by": first}

    def update(typed, s, bend, place, example=first):
        if example != filled["by"]:  # it is new, and stands for what is in the box
            typed = example
            if example == controls["example"].value:  # chosen, not only asked for
                filled["by"] = example
                controls["typed"].value = example
        kind = words if _is_number(typed) else letters
        if typed not in known:
            try:
                source, right = kind.tokens(typed)
            except ValueError as problem:
                return unread(typed, problem)
            ids = kind.coders[0].encode(source)
            own = bent_run(kind.model, ids, most=kind.shape[0])
            known.clear()
            known[typed] = source, right, ids, own
        source, right, ids, own = known[typed]
        end, asked = len(own[0]), s
        s, place = min(s, end), min(place, len(source))
        key = s, bend, place
        if bend != "leave it" and key not in known:
            how = BENDS[bend], place - 1, kind.shape[0]
            known[key] = bent_run(kind.model, ids, s, *how)
        bent = known.get(key, own)
        bends = bend != "leave it"
        coder = kind.coders[1]
        picture.show(coder, kind.shape, source, own, bent, s, place, bends)
        said = _said(kind, coder.decode(own[0]), right)
        if asked > end:
            said = f"{said} It ended at step {end}, before step {asked}."
        if not bends:
            return said
        return f"{said} {_changed(kind, own[0], bent[0], s, bend, source[place - 1])}"

    alt = (
        "A heat map: a row for each word that the decoder writes, a column for each "
        "word of the source; beside it what is written, and what is written after one "
        "row was bent."
    )
    return Live(picture.fig, update, controls, alt=alt, play="s")


def _dated(dated):
    """The translator of dates, read and written in characters."""
    if not isinstance(dated, tuple | list) or len(dated) != 3:
        want = "(model, source_coder, target_coder)"
        raise ValueError(f"dated: got {type(dated).__name__}, want {want}")
    model, *coders = dated

    def read(text):
        return in_form_of(coders[0].ids, " ".join(text.lower().split()))

    def answer(text):
        return dates.readings(text).items()

    tokens = sentences(*coders, read, answer, CHARACTERS[1], unit="character")
    return _Kind(model, tuple(coders), tokens, CHARACTERS, "character")


def _is_number(text):
    digits = text.replace(",", "").strip()
    return not digits or digits.isdecimal()


def _written():
    """One date in each language, for people to choose: a dict of name → text."""
    forms = dict.fromkeys(LANGUAGES, "long") | {"es": "numeric", "de": "medium"}
    texts = {place: dates.write(DAY, place, form) for place, form in forms.items()}
    return {f"{LANGUAGES[place]}: {text}": text for place, text in texts.items()}


def _examples(label, with_dates):
    if with_dates:
        return (*NUMBERS, *_written().values())
    return NUMBERS if label == "number" else ()


@in_eval
@torch.no_grad()
def bent_run(model, source, s=0, bend=None, place=0, most=S):
    """Return what is written, a list of ids, and the weights (S, T) of its looks.

    source: a list of ids. At step s, from 1 on, bend(weights, place) is looked at in
    place of the weights (T,) of the model's own; 0 for at no step. It writes `most`
    tokens, S, or fewer.
    """
    state = model.encode(torch.tensor([source]), torch.tensor([len(source)]))
    now, ids, rows = torch.tensor([Coder.BOS]), [], []

    def bent(weights):
        new = bend(weights[0].double().numpy(), place)
        return torch.as_tensor(np.asarray(new), dtype=weights.dtype)[None]

    while len(ids) < most and Coder.EOS not in ids:
        here = bent if len(ids) + 1 == s else None
        logits, state = model.step(now, state, here)
        now = logits.argmax(1)
        ids.append(now.item())
        rows.append(state.weights[0].numpy())
    return ids, np.array(rows)


def _without(weights, place):
    rest = np.where(np.arange(len(weights)) == place, 0, weights)
    return rest / rest.sum() if rest.sum() > 0 else np.full(len(rest), 1 / len(rest))


def _said(kind, said, right):
    """One line: what is written, and is it right?"""
    if kind.unit == "word":
        line = f"It writes: {' '.join(said) or 'nothing'}, "
        return line + (
            "which is right." if said == right else f"not {' '.join(right)}."
        )
    said, right = "".join(said), dict(right)
    line = f"It writes: {said or 'nothing'}"
    if not right:
        return f"{line}. None of the twelve languages writes a date like this."
    if said not in right:
        return f"{line}, not {' or '.join(right)}."
    who = " and ".join(LANGUAGES[place] for place in right.pop(said))
    if not right:
        return f"{line}, which is right: {who}."
    (other, places), *_ = right.items()
    others = " and ".join(LANGUAGES[place] for place in places)
    return f"{line}, as in {who}; in {others} it would be {other}."


def _changed(kind, own, bent, s, bend, word):
    """One line: what did the bent look do?"""
    n, unit = max(len(own), len(bent)), kind.unit
    pairs = zip(
        *(ids + [Coder.PAD] * (n - len(ids)) for ids in (own, bent)), strict=True
    )
    changed = [t for t, (a, b) in enumerate(pairs, 1) if a != b]
    word = repr(word) if unit == "character" else word
    said = {
        "lock it to the word": f"locked to {word}",
        "hide the word": f"without {word}",
    }
    line = f"Step {s}, {said.get(bend, bend)}: "
    if not changed:
        return f"{line}every {unit} stays."
    here = f"its own {unit} " + ("changes" if s in changed else "stays")
    later = len([t for t in changed if t > s])
    return f"{line}{here}, and {later} of the {max(n - s, 0)} after it."
