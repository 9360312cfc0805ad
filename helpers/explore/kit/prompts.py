"""What the explorers of language models share: a prompt, and a model that reads it."""

import torch

from helpers.data.files.forms import in_form_of
from helpers.data.text import Characters
from helpers.training import in_eval, one_thread

__all__ = ["BEGINNINGS", "known", "read", "want_writer"]

BEGINNINGS = "Once ", "She said ", "In the ", "q", "1"  # to choose from, beside "The "


@one_thread()
@in_eval
@torch.no_grad()
def read(model, ids, state=None):
    """Return the logits (T, V) after each of ids (T,), in float64, and the state.

    The model is asked as it writes, without dropout, and put back in its mode.
    """
    logits, state = model(torch.as_tensor(ids)[None], state)
    return logits[0].double(), state


def known(characters, text, most):
    """Return the ids of the last `most` known characters of a text, and a note.

    Accents are taken as the characters have them: in one with their letter, or apart.
    The note says what was left out, and is empty if nothing was. Without a known
    character it is a line end (or the first character there is) that is read.
    """
    text = in_form_of(characters.chars, text)
    kept = [c for c in text if c in characters.chars]
    notes = []
    strange = dict.fromkeys(c for c in text if c not in characters.chars)
    if strange:
        some = ", ".join(map(repr, list(strange)[:3]))
        notes.append(f"Left out {some}: not among its {len(characters)} characters.")
    if len(kept) > most:
        notes.append(f"Read: the last {most} of {len(kept)} characters.")
    if not kept:
        kept = ["\n" if "\n" in characters.chars else characters.chars[0]]
        notes.append(f"Nothing to go on: it begins after {kept[0]!r}.")
    return characters.encode("".join(kept[-most:])).tolist(), " ".join(notes)


def want_writer(model, characters):
    """Raise a ValueError unless `model` writes the ids of `characters`."""
    if not isinstance(characters, Characters):
        want = "a helpers.data.text.Characters"
        raise ValueError(f"characters: {want} wanted, got {characters!r:.60}")
    if not isinstance(model, torch.nn.Module):
        raise ValueError(f"model: a torch language model wanted, got {model!r:.60}")
    try:
        V = read(model, [len(characters) - 1])[0].shape[-1]
    except (ValueError, IndexError, RuntimeError) as error:
        raise ValueError(
            f"model: cannot read {len(characters)} characters ({error})"
        ) from error
    got = len(characters)
    if got != V:
        raise ValueError(f"characters: {V} wanted, as many as model writes, got {got}")
