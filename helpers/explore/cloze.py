"""Explorer of lesson 06: fill the gap, having read one side of it or both."""

from __future__ import annotations

from itertools import product
from unicodedata import normalize

from helpers.explore.kit.fonts import dress
from helpers.explore.kit.live import Live, choice, figure, text_box
from helpers.explore.kit.settings import settable
from helpers.explore.kit.words import moving_text
from helpers.plots import COLOURS

__all__ = ["explore_cloze"]

MOST_WORDS = 14  # on each side of the gap
SHOWN = 7  # rows of bars
GAP = "____"
MODELS = {  # what is asked for -> its name and the colour of its bars
    "forward": ("forward only", COLOURS["forward"]),
    "backward": ("backward only", COLOURS["backward"]),
    "both": ("both directions", COLOURS["lstm"]),
}


@settable
def explore_cloze(
    forward, both, left="i am", right="hungry", examples=(), *, backward=None
):
    """Return a live figure of what models put into a gap between two texts.

    forward, both, backward: models with `vocabulary`, the words that they know, and
    `probabilities(left, right)`, a dict from word to probability for two lists of
    words; forward looks at `left` alone, backward (if given) at `right` alone.
    examples: pairs (left, right) to choose from, besides the one shown first.
    ValueError for models without these, or texts that are no strings.
    """
    models = {"forward": forward, "backward": backward, "both": both}
    models = {way: m for way, m in models.items() if way != "backward" or m is not None}
    known = _known_to(models)
    pairs = [(left, right), *(tuple(pair) for pair in examples)]
    for pair in pairs:
        if len(pair) != 2 or not all(isinstance(text, str) for text in pair):
            raise ValueError(f"examples: pairs of strings wanted, got {pair!r}")
    pairs = list(dict.fromkeys(pairs))
    before, after = text_box("words before", left), text_box("words after", right)
    controls = {"left": before, "right": after}
    if len(pairs) > 1:
        names = {" ".join([*a.split(), GAP, *b.split()]): (a, b) for a, b in pairs}
        sentence = choice("sentence", names, pairs[0])
        sentence.layout.width = before.layout.width  # room for a whole sentence
        controls = {"sentence": sentence} | controls
    picture, filled = _Picture(models), {"by": pairs[0]}

    def update(left, right, sentence=pairs[0]):
        if sentence != filled["by"]:  # it is new, and stands for what is in the boxes
            left, right = sentence
            if sentence == controls["sentence"].value:  # chosen, not only asked for
                filled["by"] = sentence
                before.value, after.value = sentence
        left, gone = _read(left, known)
        right, more = _read(right, known)
        left, right = left[-MOST_WORDS:], right[:MOST_WORDS]
        guesses = {way: m.probabilities(left, right) for way, m in models.items()}
        picture.show(left, right, guesses)
        return " ".join([*_notes(gone + more, known), *_words(left, right, guesses)])

    alt = (
        "Bars: the words that each model finds likely in the gap, with the probability "
        "that it gives them: the one that reads from the left only, "
        + ("the one that reads from the right only, " if backward is not None else "")
        + "and the one that reads both sides."
    )
    return Live(picture.fig, update, controls, alt=alt)


def _known_to(models):
    """The words that all models know."""
    words = []
    for name, model in models.items():
        asked = getattr(model, "probabilities", None)
        if not callable(asked) or not hasattr(model, "vocabulary"):
            want = "a model with `probabilities(left, right)` and `vocabulary` wanted"
            raise ValueError(f"{name}: {want}, got {model!r:.60}")
        words.append(set(model.vocabulary))
    return set.intersection(*words)


def _read(text, known):
    """The words of `text` that are known, as they are known, and the others."""
    kept, unknown = [], []
    for word in text.split():
        if not word.strip("_"):
            continue  # somebody has typed the gap itself
        forms = (word, word.lower(), word.lower().strip('.,;:!?"'))
        apart = product((None, "NFC", "NFD"), forms)  # an é may be e and an accent
        forms = [normalize(kind, form) if kind else form for kind, form in apart]
        fits = [form for form in forms if form in known]
        (kept if fits else unknown).append((fits or [word])[0])
    return kept, unknown


def _notes(unknown, known):
    if not unknown:
        return []
    strange = ", ".join(map(repr, dict.fromkeys(unknown[:3])))
    some = ", ".join(sorted(word for word in known if word.isalpha())[:6])
    return [f"Left out {strange}: not among the {len(known)} words known ({some}, …)."]


def _words(left, right, guesses):
    """One sentence a model: what it says, and what it has read for it."""
    before = f"“{' '.join(left)}”" if left else "nothing"
    after = f"“{' '.join(right)}”" if right else "nothing"
    rest = f"“{' '.join(right)}” as well" if right else "that nothing follows"
    read = {"forward": before, "backward": after, "both": rest}
    said = []
    for way, guess in guesses.items():
        best = max(guess, key=guess.get)
        name = MODELS[way][0].capitalize()
        said.append(
            f"{name}: “{best}” with {guess[best]:.0%}, having read {read[way]}."
        )
    return said


class _Picture:
    """A row of bars, one a model, for each of the likeliest words; `show` sets them."""

    def __init__(self, models):
        self.fig, ax = figure(width=9, height=3.6 if len(models) < 3 else 4.4)
        ax.set(xlim=(0, 1.12), ylim=(SHOWN - 0.4, -1.5), yticks=[])
        ax.set(xticks=[0, 0.25, 0.5, 0.75, 1], xlabel="probability")
        ax.set_ylabel("word in the gap", labelpad=75)
        ax.spines[["left", "right", "top"]].set_visible(False)
        ax.grid(False)
        live = {"animated": True, "zorder": 5}
        middle = {"va": "center", **live}
        self.sentence = moving_text(ax, 0, -1.1, fontsize=12, **middle)
        self.bars, self.labels, self.numbers = {}, [], {}
        apart = 0.8 / len(models)
        for place, way in enumerate(models):
            name, colour = MODELS[way]
            rows = [k + (place + 0.5) * apart - 0.4 for k in range(SHOWN)]
            look = {"height": 0.9 * apart, "color": colour, "label": name}
            bars = ax.barh(rows, [0] * SHOWN, **look)
            self.bars[way] = list(bars)
            for bar in bars:
                bar.set(**live)
            self.numbers[way] = [
                moving_text(ax, 0, row, fontsize=9, ha="left", **middle) for row in rows
            ]
        beside = {"transform": ax.get_yaxis_transform(), "ha": "right"}
        self.labels = [
            moving_text(ax, -0.015, k, **beside, **middle) for k in range(SHOWN)
        ]
        ax.legend(frameon=False, loc="lower right").set_zorder(1)

    def show(self, left, right, guesses):
        """guesses: for each model a dict, word → probability."""
        known = {word for guess in guesses.values() for word in guess}
        best = {w: max(guess.get(w, 0) for guess in guesses.values()) for w in known}
        words = sorted(best, key=lambda word: (-best[word], word))[:SHOWN]
        dress(self.sentence, _short(left, right))
        for k, label in enumerate(self.labels):
            dress(label, words[k].replace("$", r"\$") if k < len(words) else "")
        for way, guess in guesses.items():
            for k in range(SHOWN):
                p = guess.get(words[k], 0) if k < len(words) else 0
                self.bars[way][k].set_width(p)
                number = self.numbers[way][k]
                number.set_x(p + 0.008)
                number.set_text(f"{p:.0%}" if p >= 0.005 else "")


def _short(left, right, room=78):
    """The sentence with its gap, cut at its ends if it is too long to be shown."""
    before, after = " ".join(left), " ".join(right)
    if len(before) > room // 2:
        before = "… " + before[-room // 2 :].partition(" ")[2]
    if len(after) > room // 2:
        after = after[: room // 2].rpartition(" ")[0] + " …"
    return f"{before} {GAP} {after}".strip().replace("$", r"\$")
