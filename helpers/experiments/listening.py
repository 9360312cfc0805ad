"""What gets a listener past the all-blank plateau, and how much noise it bears."""

from __future__ import annotations

import numpy as np
import torch
from tqdm.auto import tqdm

from helpers.cache import cached
from helpers.data.clips import clips, collate
from helpers.data.morse import (
    ELEMENTS,
    LETTERS,
    as_elements,
    draw_texts,
    from_elements,
)
from helpers.data.radio import FRAME, letter_times
from helpers.nets.listener import (
    Listener,
    ctc_mean,
    error_rate,
    train_listener,
    transcribe,
)
from helpers.training import fit, in_eval, one_thread
from helpers.writing.ctc import collapse, ctc
from helpers.writing.edits import edits

__all__ = [
    "NOISE",
    "PLATEAU",
    "listener_run",
    "noise_experiment",
    "noise_run",
    "plateau_experiment",
    "prior_loss",
    "training_clips",
]

NOISE = (12, 6, 3, 0, -3, -6, -9, -12)  # dB
SHORT, SLOW = "short recordings first", "a third of the rate"
PRIOR, WARM, CROSS = "divided by the prior", "a net that knows dots", "true times first"
PLATEAU = (  # symbols, strides, remedy, steps
    ("elements", (2, 1), "", 400),
    ("letters", (2, 1), "", 1000),
    ("letters", (2, 2), "", 1000),
    ("letters", (2, 2, 2), "", 1000),
    ("letters", (2, 2), SLOW, 1000),
    ("letters", (2, 2), SHORT, 1000),
    ("letters", (2, 2), PRIOR, 1000),
    ("letters", (2, 1), WARM, 1000),
    ("letters", (2, 2), CROSS, 1000),
)


@cached(depends=(clips, draw_texts))
def training_clips(n=2400, seed=1, snr=(-3, 20), length=5):
    """Return Clips of n random strings, drawn and recorded from one seed."""
    rng = np.random.default_rng(seed)
    return clips(draw_texts(rng, n, length), rng, snr=snr)


def prior_loss(weight=0.7, keep=0.9):
    """Return a loss of (model, batch) in which y is divided by y's mean, to a power.

    CTC of log y - weight * log prior, the prior being a moving mean of y over frames
    (A. Zeyer and others 2021). Its gradient is that of cross-entropy against γ.
    """
    state = {}

    def loss(model, x, lengths, targets, sizes):
        log_y, lengths = model(x, lengths)
        real = torch.arange(log_y.shape[1]) < lengths[:, None]
        mean = log_y.detach().exp()[real].mean(0)
        state["prior"] = keep * state.get("prior", mean) + (1 - keep) * mean
        scores = log_y - weight * state["prior"].log()
        arrays = scores.detach().double().numpy(), targets.numpy()
        loss, gamma = ctc(*arrays, lengths.numpy(), sizes.numpy())
        stand_in = -(torch.tensor(gamma, dtype=torch.float32) * log_y).sum((1, 2))
        loss = torch.tensor(loss, dtype=torch.float32)
        return (stand_in - stand_in.detach() + loss).mean()

    loss.state = state
    return loss


@in_eval
def _hear_with_prior(model, given, alphabet, log_prior):
    heard = []
    with torch.no_grad():
        for i in range(len(given.texts)):
            x, lengths, *_ = collate(given, [i], alphabet)
            log_y, _ = model(x, lengths)
            heard.append(alphabet.decode(collapse((log_y - log_prior)[0].argmax(-1))))
    return heard


def _at_true_times(model, given, alphabet, rng, steps):
    """Cross-entropy against each letter at the frame of its end, blank elsewhere."""
    step = FRAME * np.prod(model.strides)

    def loss(model, x, rows, ends):
        lengths = torch.full((len(x),), x.shape[1])
        log_y, _ = model(x, lengths)
        wanted = torch.zeros(log_y.shape[:2], dtype=torch.long)
        for b, (row, times) in enumerate(zip(rows, ends, strict=True)):
            at = np.minimum((times / step).astype(int), log_y.shape[1] - 1)
            wanted[b, at] = torch.tensor(alphabet.encode(given.texts[row]))
        return torch.nn.functional.nll_loss(log_y.flatten(0, 1), wanted.flatten())

    order = np.argsort([len(part) for part in given.frames], kind="stable")

    def drawn():
        while True:
            g = rng.integers(len(order) // 32)
            rows = order[32 * g : 32 * (g + 1)]
            spelt = [as_elements(given.texts[i]) for i in rows]
            times = [
                letter_times(elements, given.begins[i], given.ends[i])[1]
                for elements, i in zip(spelt, rows, strict=True)
            ]
            yield collate(given, rows, alphabet)[0], rows, times

    fit(model, drawn(), loss, steps=steps, lr=6e-3, progress=False)


@one_thread()
@cached(depends=(Listener, train_listener, training_clips, prior_loss, _at_true_times))
def listener_run(symbols, strides, remedy, steps, seed, every=20):
    """Train one listener; return its losses and its error rate at 12 dB, a dict.

    loss: means over `every` steps; cer: on 200 new strings.
    """
    alphabet = {"letters": LETTERS, "elements": ELEMENTS}[symbols]
    given, test = training_clips(), training_clips(200, 2, 12)
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        model = Listener(len(alphabet), strides=tuple(strides))
        if remedy == WARM:
            teacher = Listener(len(ELEMENTS), strides=tuple(strides))
            train_listener(teacher, given, ELEMENTS, seed=seed, steps=300)
            known = teacher.state_dict()
            kept = {k: v for k, v in known.items() if not k.startswith("out")}
            model.load_state_dict(kept, strict=False)
    if remedy == CROSS:
        _at_true_times(model, given, alphabet, np.random.default_rng(seed), 200)
    loss = prior_loss() if remedy == PRIOR else ctc_mean
    options = {"easy": 300 if remedy == SHORT else 0, "loss_fn": loss}
    options["lr"] = 2e-3 if remedy == SLOW else 6e-3
    history = train_listener(model, given, alphabet, seed=seed, steps=steps, **options)
    if remedy == PRIOR:
        log_prior = 0.7 * loss.state["prior"].log()
        heard = _hear_with_prior(model, test, alphabet, log_prior)
    else:
        heard = transcribe(model, test, alphabet)
    means = np.reshape(history.loss, (-1, every)).mean(1)
    return {
        "loss": [round(float(value), 2) for value in means],
        "cer": round(error_rate(heard, test.texts), 4),
    }


def plateau_experiment(seeds=3, progress=True):
    """Nine ways to train: the losses on the way, and the errors in the end.

    A row: symbols, strides, remedy, steps, and cer and loss, one a seed.
    """
    rows = []
    for symbols, strides, remedy, steps in tqdm(PLATEAU, disable=not progress):
        runs = [
            listener_run(symbols, strides, remedy, steps, seed) for seed in range(seeds)
        ]
        row = {"symbols": symbols, "strides": strides, "remedy": remedy, "steps": steps}
        row["cer"] = [run["cer"] for run in runs]
        rows.append({**row, "loss": [run["loss"] for run in runs]})
    return {"settings": {"seeds": seeds, "every": 20}, "rows": rows}


@one_thread()
@cached(depends=(Listener, train_listener, training_clips, edits, from_elements))
def noise_run(both, seed, levels=NOISE, n=200):
    """Return for each level the shares of [substitutions, insertions, deletions]."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        model = Listener(len(ELEMENTS), both=both)
    train_listener(model, training_clips(), ELEMENTS, seed=seed, steps=300)
    shares = []
    for level in levels:
        test = training_clips(n, 2, level)
        heard = transcribe(model, test, ELEMENTS)
        counts = [edits(a, b) for a, b in zip(heard, test.texts, strict=True)]
        total = sum(map(len, test.texts))
        shares.append(
            [round(sum(kind) / total, 4) for kind in zip(*counts, strict=True)]
        )
    return shares


def noise_experiment(seeds=3, progress=True):
    """Errors by noise, for listeners that read both ways, and one way.

    A row: both, snr, and substitutions, insertions, deletions as shares of the
    characters, one a seed.
    """
    rows = []
    for both in tqdm((True, False), disable=not progress):
        runs = np.array([noise_run(both, seed) for seed in range(seeds)])
        for level, shares in zip(NOISE, runs.transpose(1, 2, 0).tolist(), strict=True):
            names = ("substitutions", "insertions", "deletions")
            rows.append(
                {"both": both, "snr": level, **dict(zip(names, shares, strict=True))}
            )
    return {"settings": {"seeds": seeds, "strings": 200, "steps": 300}, "rows": rows}
