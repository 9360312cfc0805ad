"""Lesson 07: references and checkers of the exercises before any network."""

from __future__ import annotations

import numpy as np

from helpers.exercises.engine.compare import as_array
from helpers.exercises.engine.core import Wrong, call, close, same, shape_of

__all__ = [
    "bits_and_perplexity",
    "check_bits",
    "check_pairs",
    "inputs_and_targets",
]

PAD, BOS, EOS = 0, 1, 2
ROUNDING = 1e-5  # float32 will do


def bits_and_perplexity(nats, sizes):
    """The mean over characters in bits, and the sides of a die as hard to guess."""
    mean = sum(n * size for n, size in zip(nats, sizes, strict=True)) / sum(sizes)
    return mean / np.log(2), np.exp(mean)


def _name_bits(got, nats, sizes) -> None:
    mean, flat = (nats * sizes).sum() / sizes.sum(), nats.mean()
    known = (
        ("that is in nats (base e): divide by ln 2 for bits", mean),
        ("you multiply by ln 2; a bit is the smaller unit (ln 2 = 0.69 nats), so there "
         "are more of them: divide", mean * np.log(2)),
        ("you divide by ln 10; a bit is the logarithm to base 2", mean / np.log(10)),
        ("you average the chunks' means; the short chunk then weighs as much as a long "
         "one: weigh each by its size", flat / np.log(2)),
        ("you average the chunks' means, and that is in nats: weigh each by its size, "
         "and divide by ln 2", flat),
        ("that is the whole text's total; divide by its number of characters",
         (nats * sizes).sum() / np.log(2)),
        ("you divide by the number of chunks; divide by that of characters",
         (nats * sizes).mean() / np.log(2)),
        ("the sign is wrong: a loss is minus the log of a probability, above 0",
         -mean / np.log(2)),
        ("you take the log of the losses; they are logs already", np.log2(mean)),
    )  # fmt: skip
    for words, wrong in known:
        if same(got, wrong, ROUNDING):
            raise Wrong(f"bits per character: {words}")


def _name_perplexity(got, nats, sizes) -> None:
    mean = (nats * sizes).sum() / sizes.sum()
    bits = mean / np.log(2)
    known = (
        ("you return the bits themselves; perplexity is 2 to that power", bits),
        ("you raise 2 to the *nats*: base and unit must fit, e to the nats or 2 to the "
         "bits", 2**mean),
        ("you raise e to the *bits*: base and unit must fit, e to the nats or 2 to the "
         "bits", np.exp(bits)),
        ("you average the chunks' perplexities; take the mean of the losses first, and "
         "the power once", (np.exp(nats) * sizes).sum() / sizes.sum()),
        ("you average the chunks' perplexities; take the mean of the losses first, and "
         "the power once", np.exp(nats).mean()),
        ("you average the chunks' means; weigh each by its size", np.exp(nats.mean())),
        ("that is one over it: the probability of a character (a geometric mean)",
         np.exp(-mean)),
    )  # fmt: skip
    for words, wrong in known:
        if same(got, wrong, ROUNDING):
            raise Wrong(f"perplexity: {words}")


def _two(got):
    """A pair, or what unpacks to one (an array of two); None for anything else."""
    if isinstance(got, tuple | list):
        return got if len(got) == 2 else None
    pair = len(getattr(got, "shape", ())) > 0 and len(got) == 2
    return tuple(got) if pair else None


def check_bits(answer) -> str:
    rng = np.random.default_rng(0)
    for sizes in ([100, 100, 100, 7], [3], [10, 50]):
        sizes = np.array(sizes)
        nats = rng.uniform(0.8, 3, len(sizes))
        got = _two(call(answer, nats, sizes, unchanged=True))
        if got is None:
            raise Wrong("return two numbers: bits per character, perplexity")
        bits, perplexity = bits_and_perplexity(nats, sizes)
        if same(got, (perplexity, bits), ROUNDING):
            raise Wrong("the two are swapped: bits per character first")
        ours = shape_of(got[0], (), "bits per character")
        if not same(ours, bits, ROUNDING):
            _name_bits(ours, nats, sizes)
        close(ours, bits, ROUNDING, "bits per character")
        ours = shape_of(got[1], (), "perplexity")
        if not same(ours, perplexity, ROUNDING):
            _name_perplexity(ours, nats, sizes)
        close(ours, perplexity, ROUNDING, "perplexity")
    return (
        "One number, told twice: at b bits a character, a model is as unsure as before "
        "a fair die with 2 to the b sides."
    )


def inputs_and_targets(words):
    """What goes in, beginning with BOS, and what is to come out, ending with EOS."""
    T = max(map(len, words)) + 1
    inputs, targets = np.full((2, len(words), T), PAD)
    for x, y, word in zip(inputs, targets, words, strict=True):
        x[: len(word) + 1] = [BOS, *word]
        y[: len(word) + 1] = [*word, EOS]
    return inputs, targets


def _rows(lists, wide, pad=PAD, left=False):
    """The lists as rows of at least `wide` ids."""
    wide = max(wide, *map(len, lists), 0)
    fill = [[pad] * (wide - len(row)) for row in lists]
    pairs = zip(fill, lists, strict=True)
    return [f + row if left else row + f for f, row in pairs]


def _name_rows(part, got, words, wide) -> None:
    """Say what is wrong with the inputs or the targets, if it is a known mistake."""
    start, end = [[BOS, *w] for w in words], [[*w, EOS] for w in words]
    both = _rows([[BOS, *w, EOS] for w in words], wide)
    cut = [row[:wide] for row in both]
    plain = _rows(words, 0), _rows(words, wide)
    late = [[*row, EOS] for row in _rows(words, wide - 1)]
    short = [[*w, EOS] if len(w) == wide - 1 else w for w in words]
    right = (start, end)[part == "targets"]
    known = {
        "inputs": (
            ("the inputs are the words alone: they begin with BOS, or nobody learns "
             "how a word begins", *plain),
            ("inputs and targets are swapped: what goes in begins with BOS",
             _rows(end, wide)),
            ("the inputs hold EOS as well; nothing is to be predicted after the end",
             both),
            ("the inputs of short words hold EOS as well: cut one padded row twice, "
             "and it stays in; nothing is to be predicted after the end", cut),
            ("you pad the inputs with EOS: a reserved id of its own, PAD, is for that",
             _rows(start, wide, EOS)),
            ("you pad the inputs with BOS; PAD is for that", _rows(start, wide, BOS)),
        ),
        "targets": (
            ("the targets are the words alone: they end with EOS, or the model never "
             "learns to stop", *plain),
            ("the targets equal the inputs: the model would only learn to copy. A "
             "target is the *next* id", _rows(start, wide)),
            ("the targets hold BOS as well; they are one id ahead of the inputs", both),
            ("EOS stands at the end of the row, after the padding; it belongs right "
             "after the word", late),
            ("you pad the targets with EOS; PAD is for that, and no loss counts it",
             _rows(end, wide, EOS)),
            ("the targets of short words lack EOS: every word ends",
             _rows(short, wide)),
        ),
    }[part]  # fmt: skip
    on_left = f"the {part} are padded on the left; fill up on the right"
    for text, *wrongs in (*known, (on_left, _rows(right, wide, left=True))):
        if any(same(got, wrong, 0) for wrong in wrongs):
            raise Wrong(text)


def check_pairs(answer) -> str:
    rng = np.random.default_rng(1)
    for lengths in ([4, 2, 5, 3], [3], [1, 6]):
        words = [rng.integers(3, 20, n).tolist() for n in lengths]
        wide = max(lengths) + 1
        got = _two(call(answer, words, unchanged=True))
        if got is None:
            raise Wrong("return two arrays: inputs, targets")
        right = inputs_and_targets(words)
        for part, mine, want in zip(("inputs", "targets"), got, right, strict=True):
            array = as_array(mine, f"your {part}")
            if array.dtype.kind not in "iu":
                raise Wrong(f"your {part} hold {array.dtype}; ids are integers")
            if not same(array, want, 0):
                _name_rows(part, array, words, wide)
            close(array, want, 0, f"your {part}")
    return (
        "One id apart, and as long as each other. BOS and EOS are reserved ids: no "
        "word can hold them by chance."
    )
