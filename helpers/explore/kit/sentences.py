"""What explorers of translators share: typed text as tokens, and symbols as words."""

from helpers.data.batching import Coder

__all__ = ["sentences", "shown", "unread"]


def sentences(source_coder, target_coder, read, answer, most=None, unit="word"):
    """Return a function: typed text → (source, right), two lists of tokens.

    read(text) gives the source tokens and answer(text) the right target tokens; the
    coders are helpers.data.batching.Coder. The function raises a ValueError, as read
    and answer may, for a text without tokens, with more than `most` of them, or with
    one that source_coder does not know; unit is what it calls a token. ValueError for
    what is no coder or function.
    """
    for name, coder in ("source_coder", source_coder), ("target_coder", target_coder):
        if not isinstance(coder, Coder):
            raise ValueError(f"{name}: a data.batching.Coder wanted, got {coder!r:.60}")
    if not (callable(read) and callable(answer)):
        raise ValueError("read, answer: two functions of the typed text are wanted")

    def tokens(text):
        source, right = list(read(text)), list(answer(text))
        if not source:
            raise ValueError("there is nothing to read")
        if most is not None and len(source) > most:
            n = len(source)
            raise ValueError(f"it has {n} {unit}s, and {most} fit into the figure")
        new = [token for token in source if token not in source_coder.ids]
        if new:
            say = "was in none of the sources that were learnt from"
            raise ValueError(f"{new[0]!r} {say}")
        return source, right

    return tokens


def unread(text, problem):
    """Return the reading of a figure that stays as it is: `text` raised `problem`."""
    return f"{text!r} can't be read: {problem}. The figure is the last one."


def shown(symbol):
    """Return a symbol of a Coder as a reader sees it: <eos> is "end"."""
    return {"<eos>": "end", "<bos>": "begin", "∅": "pad"}.get(symbol, symbol)
