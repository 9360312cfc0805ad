"""The checkers of lesson 08: right answers, other right answers, named mistakes."""

import math

import numpy as np
import pytest
import torch
from checkers import Checkers, plain
from torch.nn import functional as F

from helpers.exercises.engine import registry
from helpers.exercises.engine.core import Wrong
from helpers.exercises.lesson_08.greedy import greedy
from helpers.exercises.lesson_08.likelihood import log_likelihood
from helpers.exercises.lesson_08.measures import exact_match

BY_ID = {exercise.id: exercise for exercise in registry.lesson_items("08")[0]}


def other_log_likelihood(logits, targets, pad=0):
    loss = F.cross_entropy(
        logits.transpose(1, 2), targets, ignore_index=pad, reduction="none"
    )
    return -loss.sum(-1)


def other_run_decoder(step, state, targets, bos, ratio, rng):
    B, S = targets.shape
    token, out = torch.tensor([bos] * B), []
    for t in range(S):
        logits, state = step(token, state)
        out += [logits]
        coins = torch.tensor(rng.random(B)) < ratio  # a coin for each row
        token = torch.where(coins, targets[:, t], logits.max(-1).indices)
    return torch.stack(out).transpose(0, 1)


def other_greedy(step, state, bos, eos, max_len):
    ids, out = torch.tensor([bos] * len(state)), []
    while len(out) < max_len and not (out and (torch.stack(out) == eos).any(0).all()):
        logits, state = step(ids, state)
        ids = logits.topk(1).indices[:, 0]
        out.append(ids)
    rows = torch.stack(out, 1).tolist()
    return [row[: row.index(eos)] if eos in row else row for row in rows]


def other_teacher_ratio(kind, i, k):
    if kind == "linear":
        return np.clip(1 - i / k, 0, 1)
    if kind == "exponential":
        return np.exp(i * np.log(k))
    return k * math.exp(-i / k) / (k * math.exp(-i / k) + 1)


def other_exact_match(written, targets, eos=2):
    right = 0
    for w, t in zip(written.tolist(), targets.tolist(), strict=True):
        if eos in t:
            t = t[: t.index(eos) + 1]
            right += w[: len(t)] == t
    return torch.tensor(right / len(targets))


def other_accuracy_after(correct, real, at, D):
    hits, seen = np.zeros(D), np.zeros(D)
    for row in range(len(at)):
        for d in range(D):
            t = at[row] + d + 1
            if t < correct.shape[1] and real[row, t]:
                seen[d] += 1
                hits[d] += correct[row, t]
    return hits / seen


def other_batch_loss(model, source, lengths, targets):
    fed = F.pad(targets, (1, 0), value=1)[:, :-1]
    real = targets != 0
    return F.cross_entropy(model(source, lengths, fed)[real], targets[real])


def into_zeros(logits, targets, pad=0):
    """Numbers written into a tensor of the usual dtype."""
    each, real = torch.zeros(targets.shape), targets != pad
    log_p = logits.log_softmax(-1).gather(-1, targets[..., None])[..., 0]
    each[real] = log_p[real]
    return each.sum(1)


def by_index_add(logits, targets, pad=0):
    real = targets != pad
    log_p = logits.log_softmax(-1).gather(-1, targets[..., None])[..., 0]
    return torch.zeros(len(targets)).index_add(0, real.nonzero()[:, 0], log_p[real])


def loss_into_zeros(model, source, lengths, targets):
    fed, real = F.pad(targets, (1, 0), value=1)[:, :-1], targets != 0
    logits, each = model(source, lengths, fed), torch.zeros(targets.shape)
    each[real] = F.cross_entropy(logits[real], targets[real], reduction="none")
    return each.sum() / real.sum()


RIGHT = {
    "08.1": [
        other_log_likelihood,
        into_zeros,
        by_index_add,
        lambda *a, **k: other_log_likelihood(*a, **k).float(),
    ],
    "08.2": [other_greedy],
    "08.3": [other_exact_match, lambda *a, **k: np.float32(exact_match(*a, **k))],
    "08.4": [other_run_decoder, lambda *a: other_run_decoder(*a).float()],
    "08.5": [other_teacher_ratio, lambda *a: np.float32(other_teacher_ratio(*a))],
    "08.6": [
        other_accuracy_after,
        lambda *a: torch.tensor(other_accuracy_after(*a)).float(),
        lambda *a: other_accuracy_after(*a).tolist(),
    ],
    "08.7": [
        other_batch_loss,
        loss_into_zeros,
        lambda *a: other_batch_loss(*a).float(),
    ],
}


# -- plausible mistakes, and the words that name them ----------------------------------


def likelihood_with(change=lambda x: x, skip=(0,), over=-1, end=lambda x: x):
    def answer(logits, targets, pad=0):
        each = change(logits.log_softmax(over)).gather(-1, targets[..., None])[..., 0]
        real = torch.ones_like(targets, dtype=bool)
        for id in skip:
            real &= targets != id
        return end((each * real).sum(1))

    return answer


def mean_likelihood(logits, targets, pad=0):
    return log_likelihood(logits, targets, pad) / (targets != pad).sum(1)


def raw_likelihood(logits, targets, pad=0):
    return (logits.gather(-1, targets[..., None])[..., 0] * (targets != pad)).sum(1)


def mean_loss(logits, targets, pad=0):
    return F.cross_entropy(logits.transpose(1, 2), targets, ignore_index=pad)


def token_losses(logits, targets, pad=0):
    settings = {"ignore_index": pad, "reduction": "none"}
    return F.cross_entropy(logits.transpose(1, 2), targets, **settings)


def zeros_in_a_product(logits, targets, pad=0):
    each = logits.softmax(-1).gather(-1, targets[..., None])[..., 0]
    return (each * (targets != pad)).prod(1)


def larger_ids(logits, targets, pad=0):
    each = logits.log_softmax(-1).gather(-1, targets[..., None])[..., 0]
    return (each * (targets > pad)).sum(1)


def log_of_product(logits, targets, pad=0):
    each = logits.softmax(-1).gather(-1, targets[..., None])[..., 0]
    return each.masked_fill(targets == pad, 1).prod(1).log()


def likeliest(logits, targets, pad=0):
    return (logits.log_softmax(-1).amax(-1) * (targets != pad)).sum(1)


def decoder_with(
    feed=lambda targets, t: targets[:, t],
    coin=lambda rng, ratio: rng.random() < ratio,
    once=False,
    carry=True,
    first=None,
    steps=0,
    out=lambda x: x,
):
    def answer(step, state, targets, bos, ratio, rng):
        token = torch.full_like(targets[:, 0], bos if first is None else first)
        whole, logits = coin(rng, ratio), []
        for t in range(targets.shape[1] - steps):
            scores, new = step(token, state)
            state = new if carry else state
            logits.append(scores)
            forced = whole if once else coin(rng, ratio)
            token = feed(targets, t) if forced else scores.argmax(-1)
        return out(torch.stack(logits, 1))

    return answer


def never_forces(step, state, targets, bos, ratio, rng):
    token, logits = torch.full_like(targets[:, 0], bos), []
    for _ in range(targets.shape[1]):
        scores, state = step(token, state)
        logits.append(scores)
        token = scores.argmax(1)
    return torch.stack(logits, 1)


def peeking(targets, t):
    return targets[:, min(t + 1, targets.shape[1] - 1)]


def sampling(step, state, targets, bos, ratio, rng):
    token, logits = torch.full_like(targets[:, 0], bos), []
    draws = torch.Generator().manual_seed(0)
    for t in range(targets.shape[1]):
        scores, state = step(token, state)
        logits.append(scores)
        drawn = torch.multinomial(scores.softmax(-1), 1, generator=draws)[:, 0]
        token = targets[:, t] if rng.random() < ratio else drawn
    return torch.stack(logits, 1)


def patterned(step, state, targets, bos, ratio, rng, ask=False):
    """Three steps of four are forced, always the same ones."""
    token, logits = torch.full_like(targets[:, 0], bos), []
    for t in range(targets.shape[1]):
        scores, state = step(token, state)
        logits.append(scores)
        if ask:
            rng.random()
        forced = t % 4 / 4 < ratio
        token = targets[:, t] if forced else scores.argmax(-1)
    return torch.stack(logits, 1)


def elsewhere(step, state, targets, bos, ratio, rng):
    """Asks `rng` once, and throws its coins with another one."""
    rng.random()
    own = np.random.default_rng()
    decode = decoder_with(coin=lambda _, ratio: own.random() < ratio)
    return decode(step, state, targets, bos, ratio, rng)


def two_steps_a_coin(step, state, targets, bos, ratio, rng):
    coins = iter(rng.random(targets.shape[1]).repeat(2))
    decode = decoder_with(coin=lambda _, ratio: next(coins) < ratio)
    return decode(step, state, targets, bos, ratio, rng)


def coin_of_three_quarters(rng, ratio):
    return ratio == 1 or (ratio > 0 and rng.random() < 0.75)


def forced_from_the_second(step, state, targets, bos, ratio, rng):
    """Forces whatever the ratio, from the second step on."""
    token, logits = torch.full_like(targets[:, 0], bos), []
    for t in range(targets.shape[1]):
        scores, state = step(token, state)
        logits.append(scores)
        forced = rng.random() < ratio or t
        token = targets[:, t] if forced else scores.argmax(-1)
    return torch.stack(logits, 1)


def best_of_the_first_row(step, state, targets, bos, ratio, rng):
    token, logits = torch.full_like(targets[:, 0], bos), []
    for t in range(targets.shape[1]):
        scores, state = step(token, state)
        logits.append(scores)
        own = scores.argmax(-1)[:1].expand(len(targets))
        token = targets[:, t] if rng.random() < ratio else own
    return torch.stack(logits, 1)


def soft(step, state, targets, bos, ratio, rng):
    token, logits = torch.full_like(targets[:, 0], bos), []
    for _ in range(targets.shape[1]):
        scores, state = step(token, state)
        token = scores.softmax(-1)
    return logits


def written(
    stop="all", keep_end=False, after=False, begin=False, feed=True, spare=0, drop=False
):
    def answer(step, state, bos, eos, max_len):
        token, rows = torch.full((len(state),), bos), [[] for _ in state]
        alive = torch.ones(len(state), dtype=bool)
        for _ in range(max_len + spare):
            logits, state = step(token, state)
            said = logits.argmax(-1)
            token = said if feed else token
            ended = alive & (said == eos)
            alive &= said != eos
            for row, word, here, end in zip(
                rows, said.tolist(), alive, ended, strict=True
            ):
                if here or (end and keep_end) or (after and word != eos):
                    row.append(word)
            if stop == "any" and not alive.all():
                break
            if stop == "all" and not after and not alive.any():
                break
        rows = [[bos, *row] for row in rows] if begin else rows
        return [row[1:] for row in rows] if drop else rows

    return answer


def everything(step, state, bos, eos, max_len):
    token, out = torch.full((len(state),), bos), []
    for _ in range(max_len):
        logits, state = step(token, state)
        token = logits.argmax(-1)
        out.append(token)
    return torch.stack(out, 1).tolist()


def endless(step, state, bos, eos, max_len):
    token, alive = torch.full((len(state),), bos), torch.ones(len(state), dtype=bool)
    while alive.any():
        logits, state = step(token, state)
        token = logits.argmax(-1)
        alive &= token != 99
    return []


def row_by_row(step, state, bos, eos, max_len):
    pairs = zip(state, range(len(state)), strict=True)
    return [greedy(step, row[None], bos, eos, max_len)[0] for row, _ in pairs]


def forgetful(step, state, bos, eos, max_len):
    return greedy(lambda ids, _: step(ids, state), state, bos, eos, max_len)


def uncut(step, state, bos, eos, max_len):
    return greedy(step, state, bos, eos, 50)


def ratio_with(linear=None, exponential=None, sigmoid=None):
    def answer(kind, i, k):
        mine = {"linear": linear, "exponential": exponential, "sigmoid": sigmoid}[kind]
        return mine(i, k) if mine else other_teacher_ratio(kind, i, k)

    return answer


def up_to_end(row, eos):
    row = row.tolist()
    return row[: row.index(eos) + 1] if eos in row else row


def match_of_sentences(compare):
    """Rows cut after their end, or whole if they have none; then compared somehow."""

    def answer(written, targets, eos=2):
        pairs = zip(written, targets, strict=True)
        cut = [(up_to_end(w, eos), up_to_end(t, eos)) for w, t in pairs]
        return sum(w[-1] == t[-1] and compare(w, t) for w, t in cut) / len(cut)

    return answer


def endless_target(written, targets, eos=2):
    def cut(row):
        return row[: row.index(eos)] if eos in row else row

    rows = zip(written.tolist(), targets.tolist(), strict=True)
    return sum(eos in w and cut(w) == cut(t) for w, t in rows) / len(targets)


def past_the_edge(correct, real, at, D):
    rows = np.arange(len(at))
    t = [at + d for d in range(1, D + 1)]
    return np.array([correct[rows, k][real[rows, k]].mean() for k in t])


def detached(*given):
    loss = other_batch_loss(*given)
    return torch.tensor(loss.item(), dtype=loss.dtype, requires_grad=True)


def match_with(compare):
    def answer(written, targets, eos=2):
        rows = zip(written.tolist(), targets.tolist(), strict=True)
        pairs = [(w, t[: t.index(eos) + 1]) for w, t in rows]
        return sum(compare(w, t) for w, t in pairs) / len(pairs)

    return answer


def accuracy_with(shift=1, pads=None, fixed=False, count=False, wrong=False):
    def answer(correct, real, at, D):
        curve = []
        for d in range(D):
            t = (0 * at if fixed else at) + d + shift
            n = np.flatnonzero(t < correct.shape[1])
            c, r = correct[n, t[n]], real[n, t[n]]
            if pads is not None:
                c, r = (
                    {"right": c | ~r, "wrong": c & r, "any": c}[pads],
                    np.ones_like(r),
                )
            hits = c[r]
            curve.append(
                hits.sum() if count else 1 - hits.mean() if wrong else hits.mean()
            )
        return np.array(curve)

    return answer


def by_gap(places, all_real=False):
    def answer(correct, real, at, D):
        gap = np.arange(correct.shape[1]) - at[:, None]
        chosen = [places(gap, d) & real for d in range(1, D + 1)]
        sizes = [real.sum() if all_real else part.sum() for part in chosen]
        hits = [correct[part].sum() for part in chosen]
        return np.array(hits) / np.array(sizes)

    return answer


def padding_above_the_line(correct, real, at, D):
    n, d = np.arange(len(at))[:, None], np.arange(1, D + 1)
    t = (at[:, None] + d).clip(max=correct.shape[1] - 1)
    return correct[n, t].sum(0) / real[n, t].sum(0)


def unbroken(correct, real, at, D):
    gap = np.arange(correct.shape[1]) - at[:, None]
    inside = [(gap >= 1) & (gap <= d) & real for d in range(1, D + 1)]
    return np.array([(correct | ~part).all(1).mean() for part in inside])


def loss_with(
    fed="shifted",
    lens="real",
    pads=False,
    divisor=False,
    end=True,
    total=False,
    rows=False,
):
    def answer(model, source, lengths, targets):
        given = {
            "shifted": F.pad(targets, (1, 0), value=1)[:, :-1],
            "targets": targets,
            "early": F.pad(targets, (0, 1))[:, 1:],
            "rolled": targets.roll(1, 1),
            "pad": F.pad(targets, (1, 0))[:, :-1],
            "eos": F.pad(targets, (1, 0), value=2)[:, :-1],
        }[fed]
        n = torch.full_like(lengths, source.shape[1]) if lens == "all" else lengths
        n = (targets != 0).sum(1) if lens == "targets" else n
        logits = model(source, n, given)
        each = F.cross_entropy(logits.transpose(1, 2), targets, reduction="none")
        real = targets != 0
        if pads:
            return each.mean()
        if divisor:
            return (each * real).mean()
        if total:
            return each[real].sum()
        if rows:
            return ((each * real).sum(1) / real.sum(1)).mean()
        return each[real if end else real & (targets != 2)].mean()

    return answer


def never_asked_for_the_first(model, source, lengths, targets):
    logits = model(source, lengths, targets[:, :-1]).transpose(1, 2)
    return F.cross_entropy(logits, targets[:, 1:], ignore_index=0)


def shown(model, source, lengths, targets):
    everyone = torch.full_like(lengths, source.shape[1])
    logits = model(source, everyone, targets)
    return F.cross_entropy(logits.transpose(1, 2), targets)


WRONG = {
    "08.1": [
        (likelihood_with(skip=()), "padding is in your sum"),
        (likelihood_with(skip=(0, 2)), "the end mark is missing"),
        (mean_likelihood, "mean per token"),
        (lambda *a, **k: log_likelihood(*a, **k).sum(), "one number for the batch"),
        (lambda *a, **k: -log_likelihood(*a, **k), "the other sign"),
        (lambda *a, **k: log_likelihood(*a, **k).exp(), "that is p itself"),
        (raw_likelihood, "added up the logits"),
        (likelihood_with(torch.exp), "you added probabilities"),
        (mean_loss, "one mean for the whole batch"),
        (token_losses, "one loss a token"),
        (zeros_in_a_product, "as a 0 in your product"),
        (likeliest, "the target's is asked for"),
        (likelihood_with(over=1), "runs over time"),
        (lambda *a, **k: log_likelihood(*a, **k) / math.log(2), "in bits"),
        (lambda logits, targets, pad=0: log_likelihood(logits, targets), "`pad` names"),
        (larger_ids, "`pad` = 7"),
        (log_of_product, "underflows to 0"),
    ],
    "08.2": [
        (everything, "go on after their end mark"),
        (written(after=True), "a row *stops* there"),
        (written(keep_end=True), "the end mark is in the sentence"),
        (written(begin=True), "`bos` is in the sentence"),
        (written(stop="any"), "one sequence ended and all"),
        (written(feed=False), "every step is fed `bos`"),
        (written(stop="never"), "nobody is left"),
        (written(drop=True), "the first word is missing"),
        (endless, "never ends: stop after"),
        (uncut, "cut after `max_len`"),
        (row_by_row, "the whole batch at once"),
        (forgetful, "starts from the first state"),
        (lambda step, state, *a: [[] for _ in state], "it says the words"),
        (lambda *a: torch.tensor([[5]]), "a list of lists"),
        (lambda step, s, b, e, n: greedy(step, s, 1, e, n), "with `bos` = 0"),
        (lambda step, s, b, e, n: greedy(step, s, b, 2, n), "with `eos` = 5"),
        (lambda step, s, *a: [[math.nan]] * len(s), "no list of ids"),
        (lambda step, s, *a: [[0.5]] * len(s), "no list of ids"),
        (lambda *a: [[i + 1j for i in row] for row in greedy(*a)], "no list of ids"),
    ],
    "08.3": [
        (
            lambda w, t, eos=2: (w[:, : t.shape[1]] == t).all(1).double().mean(),
            "what follows the end mark as well",
        ),
        (
            lambda w, t, eos=2: (w[:, : t.shape[1]] == t).double().mean(),
            "a share of tokens",
        ),
        (
            lambda w, t, eos=2: (w[:, : t.shape[1]] == t)[t != 0].double().mean(),
            "a share of real tokens",
        ),
        (lambda w, t, eos=2: exact_match(w, t, eos) * len(t), "that is how many"),
        (lambda w, t, eos=2: 1 - exact_match(w, t, eos), "share of wrong ones"),
        (lambda w, t, eos=2: 100 * exact_match(w, t, eos), "per cent"),
        (lambda w, t, eos=2: exact_match(w, t), "use `eos`"),
        (match_with(lambda w, t: w[: len(t) - 1] == t[:-1]), "written too"),
        (
            lambda w, t, eos=2: (
                sum(
                    set(a) == set(b)
                    for a, b in zip(w.tolist(), t.tolist(), strict=True)
                )
                / len(t)
            ),
            "cut each row",
        ),
        (match_with(lambda w, t: w == t[: len(w)] or w[: len(t)] == t), "cut off"),
        (match_of_sentences(lambda w, t: len(w) == len(t)), "as long as each other"),
        (match_of_sentences(lambda w, t: sorted(w) == sorted(t)), "the order of"),
        (match_of_sentences(lambda w, t: set(w) == set(t)), "the order of"),
        (match_of_sentences(lambda w, t: w == t), "a row that never ends"),
        (
            match_of_sentences(lambda w, t: len(w) == len(t) and w[0] == t[0]),
            "not only the first ones",
        ),
        (
            match_of_sentences(
                lambda w, t: all(a == b for a, b in zip(w[:-1], t[:-1], strict=False))
            ),
            "9 9 end passes for 9 end in yours: both have to end at the same place",
        ),
        (
            match_of_sentences(lambda w, t: w[:-1] == t[: len(w) - 1]),
            "9 end passes for 9 9 end in yours: both have to end at the same place",
        ),
        (
            match_of_sentences(
                lambda w, t: "".join(map(str, w)) == "".join(map(str, t))
            ),
            "not their digits",
        ),
        (endless_target, "a target that never ends"),
    ],
    "08.4": [
        (never_forces, "nothing is ever forced"),
        (decoder_with(peeking), "the very token it has to say"),
        (decoder_with(coin=lambda rng, r: rng.random() > r), "turn the comparison"),
        (decoder_with(coin=lambda rng, r: True), "it forces always"),
        (decoder_with(once=True), "one coin is thrown"),
        (decoder_with(carry=False), "starts from the first state"),
        (decoder_with(first=0), "`bos` begins"),
        (decoder_with(first=1), "fed 1 where `bos` = 0"),
        (elsewhere, "twice from one seed"),
        (two_steps_a_coin, "a new coin for each"),
        (decoder_with(coin=coin_of_three_quarters), "with ratio .25 you force 7"),
        (decoder_with(steps=1), "once each"),
        (decoder_with(out=lambda x: x.softmax(-1)), "return the logits as"),
        (decoder_with(coin=lambda rng, r: rng.random() < r**3), "you force"),
        (decoder_with(lambda t, n: t[:1, n].expand(3)), "fed the same token"),
        (decoder_with(coin=lambda rng, r: np.random.random() < r), "never asked"),
        (lambda *a: patterned(*a), "never asked"),
        (lambda *a: patterned(*a, ask=True), "whatever `rng` says"),
        (forced_from_the_second, "(from 0) is fed the right word"),
        (best_of_the_first_row, "fed the same token"),
        (soft, "give it ids, not"),
        (sampling, "draw nothing"),
        (lambda step, state, targets, bos, *a: step(bos, state), "for each row, got 1"),
        (lambda step, *a: torch.zeros(3, 6, 50), "once for every target"),
    ],
    "08.5": [
        (ratio_with(linear=lambda i, k: 1 - i / k), "0 is the least"),
        (ratio_with(linear=lambda i, k: min(1, i / k)), "the teacher leaves"),
        (ratio_with(linear=lambda i, k: max(0, 1 - i // k)), "rounds down"),
        (
            ratio_with(sigmoid=lambda i, k: k / (k + math.exp(min(i // k, 700)))),
            "rounds down",
        ),
        (ratio_with(exponential=lambda i, k: i**k), "i to the power k"),
        (ratio_with(exponential=lambda i, k: math.exp(-i / k)), r"that is exp(-i / k)"),
        (ratio_with(sigmoid=lambda i, k: k / (k + math.exp(-i / k))), "not -i / k"),
        (ratio_with(exponential=lambda i, k: math.exp(-k * i)), "k is the base here"),
        (ratio_with(exponential=lambda i, k: k * i if i else 1), "that is a product"),
        (
            ratio_with(sigmoid=lambda i, k: 1 / (1 + math.exp(min(i / k, 700)))),
            "before the exponential too",
        ),
        (
            ratio_with(sigmoid=lambda i, k: k / (k + math.exp(min(i * k, 700)))),
            "a larger k falls later",
        ),
        (
            ratio_with(sigmoid=lambda i, k: 1 - k / (k + math.exp(min(i / k, 700)))),
            "falls where",
        ),
        (ratio_with(sigmoid=lambda i, k: k / (k + math.exp(i / k))), "too large for"),
        (
            ratio_with(
                sigmoid=lambda i, k: k / (k + math.exp(i / k)) if i / k < 700 else 1
            ),
            '("sigmoid", 1000000, 20) is 1, it should be 0',
        ),
        (ratio_with(linear=lambda i, k: max(0, 1 - i / 100)), "the ratio for k = 100"),
        (ratio_with(exponential=lambda i, k: 0.9**i), "the ratio for k = 0.9"),
        (
            ratio_with(sigmoid=lambda i, k: other_teacher_ratio("sigmoid", i, 20)),
            "the ratio for k = 20",
        ),
        (lambda *a: other_teacher_ratio(*a) + 0j, "a ratio is a real number"),
    ],
    "08.6": [
        (accuracy_with(pads="wrong"), "counts as wrong"),
        (accuracy_with(pads="right"), "counts as right"),
        (accuracy_with(pads="any"), "whatever `correct` says"),
        (padding_above_the_line, "above the line padding counts"),
        (accuracy_with(shift=0), "always wrong"),
        (accuracy_with(fixed=True), "by position in the sentence"),
        (accuracy_with(wrong=True), "share of errors"),
        (accuracy_with(count=True), "these are counts"),
        (by_gap(lambda gap, d: (gap >= 1) & (gap <= d)), "over all distances up to"),
        (by_gap(lambda gap, d: gap == -d), "*before* the error"),
        (by_gap(lambda gap, d: gap == d, all_real=True), "divide by all real tokens"),
        (unbroken, "whether *all* tokens"),
        (past_the_edge, "sentence n has no token there"),
    ],
    "08.7": [
        (shown, "that is not all"),
        (loss_with(fed="targets"), "one step before"),
        (loss_with(fed="early"), "to the right, not left"),
        (loss_with(fed="rolled"), "round to the front"),
        (loss_with(lens="all"), "reads the pads as words"),
        (loss_with(pads=True), "padding is in the loss"),
        (loss_with(divisor=True), "still in the divisor"),
        (loss_with(end=False), "never learns to stop"),
        (loss_with(total=True), "return their mean"),
        (loss_with(fed="pad"), "first token fed is padding"),
        (loss_with(fed="eos"), "first token fed is the end mark"),
        (loss_with(lens="targets"), "the lengths of the targets"),
        (loss_with(rows=True), "the sentences' means"),
        (never_asked_for_the_first, "fed and never asked for"),
        (lambda *a: other_batch_loss(*a).item(), "no gradient comes through"),
        (detached, "its gradient is not the model's"),
    ],
}


class TestCheckers(Checkers):
    lesson, right, wrong = "08", RIGHT, plain(WRONG)


def test_the_loss_that_the_notebook_shows_is_wrong_in_three_ways():
    """Mended one by one, it is told the next bug each time."""
    told = []
    for mended in ({"pads": True, "lens": "all"}, {"pads": True}, {"lens": "all"}):
        with pytest.raises(Wrong) as said:
            BY_ID["08.7"].check(loss_with(**mended))
        told.append(str(said.value))
    assert "that is not all" in told[0]
    assert "that is not all" not in told[1] + told[2]


def test_a_ratio_is_a_probability_that_never_rises():
    ratio = BY_ID["08.5"].reference
    for kind, k in ("linear", 50), ("exponential", 0.97), ("sigmoid", 12):
        values = np.array([ratio(kind, i, k) for i in range(300)])
        assert ((values >= 0) & (values <= 1)).all()
        assert (np.diff(values) <= 0).all()
