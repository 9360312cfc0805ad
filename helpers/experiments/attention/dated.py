"""Dates in twelve languages: which number is the month, and what if nobody can tell?"""

from __future__ import annotations

import functools

import numpy as np
import torch
from tqdm.auto import tqdm

from helpers.cache import cached
from helpers.data import dates, parallel
from helpers.nets.attention.decoder import AttentionSeq2Seq
from helpers.nets.seq2seq import exact, train_seq2seq, translate, write
from helpers.training import one_thread

__all__ = ["STAGES", "dated_experiment", "dated_run", "dated_task", "order_shares"]

STAGES = ((250, 1e-2), (100, 3e-3))  # training steps, learning rate
H, E, B = 64, 16, 64


@functools.lru_cache(maxsize=1)
def dated_task(train=8000, test=1000):
    """Return (task, days): dates as twelve languages write them → ISO 8601, and the
    held-out days. Characters are the tokens; forms: helpers.data.dates.SHORTER."""
    rng = np.random.default_rng(0)
    drawn = dates.draw(rng, train + test)
    parts = dates.split(drawn, test / (train + test))
    written = (dates.pairs(part, rng, forms=dates.SHORTER) for part in parts)
    return parallel.task_of(*written), parts[1]


def order_shares(model, task, days):
    """Return what a model makes of dates in figures, a dict of shares.

    one reading: right, of all texts in which only one day can be meant. month first,
    day first, neither: of the texts like 3/4/2005, which Americans and others read in
    two ways, those written as the one day, the other one, or one that nobody means.
    twice: those of the last kind that have one number as month and day.
    """
    days = {*days} | {_turned(day) for day in days}
    meant = {}
    for day in days:
        for place in dates.LOCALES:
            text = dates.write(day, place, "numeric")
            meant.setdefault(text, set()).add(day)
    one = sorted(text for text in meant if len(meant[text]) == 1)
    american = {dates.write(day, "en", "numeric"): day for day in days}
    two = sorted(text for text in american if len(meant[text]) == 2)
    said = _said(model, task, two)
    first = [american[text].isoformat() for text in two]
    second = [_turned(american[text]).isoformat() for text in two]
    said, first, second = map(np.array, (said, first, second))
    shares = {"month first": said == first, "day first": said == second}
    shares["neither"] = (said != first) & (said != second)
    shares["twice"] = [text[5:7] == text[8:10] for text in said.tolist()]
    answers = zip(_said(model, task, one), one, strict=True)
    right = [said in {day.isoformat() for day in meant[text]} for said, text in answers]
    shares = {"one reading": right} | shares
    return {name: round(float(np.mean(hits)), 3) for name, hits in shares.items()}


def _turned(day):
    """The day whose month is this one's day; the day itself if there is none."""
    return day.replace(month=day.day, day=day.month) if day.day <= 12 else day


def _said(model, task, texts):
    written = translate(model, texts, task.source_coder, task.target_coder, 12)
    return ["".join(characters) for characters in written]


@one_thread()
@cached(depends=(AttentionSeq2Seq, train_seq2seq, order_shares, dated_task))
def dated_run(seed, stages=STAGES):
    """Return the shares of one net: exact, of held-out dates, and `order_shares`."""
    task, days = dated_task()
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        coders = task.source_coder, task.target_coder
        model = AttentionSeq2Seq(*map(len, coders), H=H, E=E)
    for steps, lr in stages:
        how = {"steps": steps, "lr": lr, "B": B, "seed": 0, "progress": False}
        train_seq2seq(model, task.train, **how)
    source, n, targets, m = task.test
    right = exact(write(model, source, n, targets.shape[1]), targets, m)
    share = round(right.double().mean().item(), 3)
    return {"exact": share, **order_shares(model, task, days)}


def dated_experiment(seeds=3, progress=True):
    """Three nets that read dates: how many are right, and what 3/4/2005 becomes.

    A row: seed, exact, and what `order_shares` returns.
    """
    seeds = tqdm(range(seeds), disable=not progress)
    rows = [{"seed": seed, **dated_run(seed)} for seed in seeds]
    settings = {"H": H, "E": E, "B": B, "steps, rate": STAGES, "train": 8000}
    return {"settings": settings, "rows": rows}
