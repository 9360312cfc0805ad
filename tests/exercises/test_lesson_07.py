"""Lesson 07's checkers: right answers pass, and each mistake hears its own name."""

import numpy as np
import pytest
import torch
from checkers import Checkers
from torch.nn import functional as F

from helpers.exercises.engine.core import NotAttempted, Wrong
from helpers.exercises.lesson_07 import questions as lesson
from helpers.exercises.lesson_07.beams import expand
from helpers.exercises.lesson_07.counting import inputs_and_targets
from helpers.exercises.lesson_07.cuts import keep_k
from helpers.exercises.lesson_07.nucleus import keep_nucleus

CHECKS = {e.id: e.check for e in lesson.EXERCISES}
INF = float("inf")


# --- 07.1 ----------------------------------------------------------------------------


def mean(nats, sizes):
    return (nats * sizes).sum() / sizes.sum()


def by_total(nats, sizes):
    bits = np.average(nats / np.log(2), weights=sizes)
    return [torch.tensor(bits), torch.tensor(2**bits)]


def bits_of(value):
    return lambda n, s: (value(n, s), np.exp(mean(n, s)))


def perplexity_of(value):
    return lambda n, s: (mean(n, s) / np.log(2), value(n, s))


WRONG_BITS = [
    (bits_of(mean), r"in nats \(base e\)"),
    (bits_of(lambda n, s: mean(n, s) * np.log(2)), r"multiply by ln 2"),
    (bits_of(lambda n, s: mean(n, s) / np.log(10)), r"ln 10"),
    (bits_of(lambda n, s: n.mean() / np.log(2)), r"weigh each by its size"),
    (bits_of(lambda n, s: n.mean()), r"and that is in nats"),
    (bits_of(lambda n, s: (n * s).sum() / np.log(2)), r"whole text's total"),
    (bits_of(lambda n, s: (n * s).mean() / np.log(2)), r"number of chunks"),
    (bits_of(lambda n, s: -mean(n, s) / np.log(2)), r"sign is wrong"),
    (bits_of(lambda n, s: np.log2(mean(n, s))), r"logs already"),
    (bits_of(lambda n, s: 3.3), r"bits per character is 3.3, it should be"),
    (perplexity_of(lambda n, s: mean(n, s) / np.log(2)), r"the bits themselves"),
    (perplexity_of(lambda n, s: 2 ** mean(n, s)), r"2 to the \*nats\*"),
    (perplexity_of(lambda n, s: np.exp(mean(n, s) / np.log(2))), r"e to the \*bits\*"),
    (perplexity_of(lambda n, s: mean(np.exp(n), s)), r"average the chunks' perplex"),
    (perplexity_of(lambda n, s: np.exp(n).mean()), r"average the chunks' perplexities"),
    (perplexity_of(lambda n, s: np.exp(n.mean())), r"perplexity: you average"),
    (perplexity_of(lambda n, s: np.exp(-mean(n, s))), r"one over it"),
    (lambda n, s: (np.exp(mean(n, s)), mean(n, s) / np.log(2)), r"swapped"),
    (lambda n, s: mean(n, s), r"return two numbers"),
    (lambda n, s: (n / np.log(2), np.exp(n)), r"shape"),
]


# --- 07.2 ----------------------------------------------------------------------------


def rows(lists, pad=0, left=False):
    wide = max(map(len, lists))
    fill = [[pad] * (wide - len(row)) for row in lists]
    return np.array(
        [f + r if left else r + f for f, r in zip(fill, map(list, lists), strict=True)]
    )


def by_loop(words):
    x = torch.zeros(len(words), max(map(len, words)) + 1, dtype=torch.long)
    y = torch.zeros_like(x)
    for b, word in enumerate(words):
        x[b, 0] = 1
        x[b, 1 : len(word) + 1] = y[b, : len(word)] = torch.tensor(word)
        y[b, len(word)] = 2
    return x, y


def right_x(words):
    return rows([[1, *w] for w in words])


def right_y(words):
    return rows([[*w, 2] for w in words])


def eos_last(words):
    targets = right_y(words)
    targets[targets == 2] = 0
    targets[:, -1] = 2
    return targets


def eos_for_the_longest(words):
    longest = max(map(len, words))
    return rows([w + [2] * (len(w) == longest) for w in words])


WRONG_PAIRS = [
    (lambda w: (rows(w), right_y(w)), r"inputs are the words alone"),
    (lambda w: (right_y(w), right_x(w)), r"swapped"),
    (lambda w: (rows([[1, *x, 2] for x in w]), right_y(w)), r"inputs hold EOS"),
    (lambda w: (rows([[1, *x, 2] for x in w])[:, :-1], right_y(w)), r"of short words"),
    (lambda w: (rows([[1, *x] for x in w], 2), right_y(w)), r"pad the inputs with EOS"),
    (lambda w: (rows([[1, *x] for x in w], 1), right_y(w)), r"pad the inputs with BOS"),
    (lambda w: (rows([[1, *x] for x in w], left=True), right_y(w)), r"inputs are padd"),
    (lambda w: (right_x(w), rows(w)), r"never learns to stop"),
    (lambda w: (right_x(w), right_x(w)), r"only learn to copy"),
    (lambda w: (right_x(w), rows([[1, *x, 2] for x in w])), r"targets hold BOS"),
    (lambda w: (right_x(w), eos_last(w)), r"EOS stands at the end of the row"),
    (lambda w: (right_x(w), eos_for_the_longest(w)), r"short words lack EOS"),
    (lambda w: (right_x(w), rows([[*x, 2] for x in w], 2)), r"pad the targets"),
    (
        lambda w: (right_x(w), rows([[*x, 2] for x in w], left=True)),
        r"targets are padded on the left",
    ),
    (lambda w: (right_x(w) * 1.0, right_y(w)), r"ids are integers"),
    (lambda w: ([[1, *x] for x in w], right_y(w)), r"rows differ in length"),
    (lambda w: right_x(w), r"return two arrays"),
    (lambda w: (right_x(w), right_y(w) + 1), r"your targets has the right shape"),
]


# --- 07.3 ----------------------------------------------------------------------------


def by_rows(C, d=0.75):
    V = len(C)
    P, cont = np.zeros((V, V)), np.zeros(V)
    for c in range(V):
        cont[c] = np.count_nonzero(C[:, c]) / np.count_nonzero(C)
    for b in range(V):
        n, kinds = C[b].sum(), np.count_nonzero(C[b])
        for c in range(V):
            P[b, c] = cont[c]
            if n:
                P[b, c] = max(C[b, c] - d, 0) / n + d * kinds / n * cont[c]
    return torch.tensor(P)


def smooth(
    cut=lambda C, d: np.maximum(C - d, 0),
    freed=lambda C, d: d * (C > 0).sum(1, keepdims=True),
    to=lambda C: (C > 0).sum(0) / (C > 0).sum(),
    where=lambda C: True,
    rest=True,
):
    def wrong(C, d=0.75):
        n = C.sum(1, keepdims=True)
        P = cut(C, d) / np.maximum(n, 1)
        P = P + np.where(where(C), freed(C, d) / np.maximum(n, 1) * to(C), 0)
        return np.where(n > 0, P, to(C)) if rest else P

    return wrong


def divided(C, d=0.75):
    return (np.maximum(C - d, 0) + d * (C > 0).sum(1)[:, None] * by_kind(C)) / C.sum(
        1, keepdims=True
    )


def without_keepdims(C, d=0.75):
    n, kinds = C.sum(1), (C > 0).sum(1)
    return np.maximum(C - d, 0) / n + d * kinds / n * by_kind(C)


def by_kind(C):
    return (C > 0).sum(0) / (C > 0).sum()


WRONG_SMOOTHING = [
    (lambda C, d: C / C.sum(1, keepdims=True), r"plain relative frequencies"),
    (smooth(freed=lambda C, d: 0), r"give it to nobody"),
    (smooth(to=lambda C: C.sum(0) / C.sum()), r"how \*often\* c occurs"),
    (smooth(to=lambda C: (C > 0).sum(1) / (C > 0).sum()), r"\*after\* c"),
    (smooth(freed=lambda C, d: d), r"not d once"),
    (smooth(freed=lambda C, d: d * len(C)), r"not for all V"),
    (smooth(cut=lambda C, d: C - d), r"max\(…, 0\) is missing"),
    (smooth(where=lambda C: C == 0), r"backing off"),
    (smooth(to=lambda C: 1 / len(C)), r"spread evenly"),
    (smooth(to=lambda C: (C > 0).sum(0) / len(C)), r"divide N\(·c\) by V"),
    (lambda C, d: smooth()(C.T, d).T, r"b \*then\* c"),
    (lambda C, d: (C + 1) / (C + 1).sum(1, keepdims=True), r"Laplace"),
    (lambda C, d: smooth()(C, 0.75), r"use the argument `d`"),
    (without_keepdims, r"keepdims=True"),
    (
        lambda C, d: (
            (np.maximum(C - d, 0) + d * (C > 0).sum(1)[:, None] * by_kind(C)) / C.sum()
        ),
        r"whole table",
    ),
    (divided, r"all 0 becomes nan"),
    (smooth(rest=False), r"all 0 becomes 0"),
    (smooth(freed=lambda C, d: 2 * d), r"row \d adds up to"),
    (smooth(freed=lambda C, d: 2 * d, rest=False), r"row [0-4] adds up to \d\.\d"),
    (lambda C, d: smooth()(C, d)[0], r"shape"),
    (lambda C, d: smooth()(C, d) + 1j, r"complex numbers"),
]


# --- 07.4 ----------------------------------------------------------------------------


def classes_second(model, optimizer, chunks):
    """torch's other layout; the state is detached at the start of a chunk."""
    losses, state = [], None
    for x, y in chunks:
        if state is not None:
            state = [part.detach() for part in state]
            state = (state[0], state[1])
        optimizer.zero_grad()
        logits, state = model(x, state)
        loss = F.cross_entropy(logits.transpose(1, 2), y)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


def zeroed_behind(model, optimizer, chunks, carry=lambda s: s):
    """Gradients are taken away after each step, not before each backward."""
    losses, state = [], None
    for x, y in chunks:
        logits, state = model(x, carry(state))
        loss = F.cross_entropy(logits.transpose(1, 2), y)
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        state = tuple(part.detach() for part in state)
        losses.append(loss.item())
    return losses


def training(
    carry=lambda s: s,
    cut=lambda s: tuple(x.detach() for x in s),
    zero=lambda o, t: o.zero_grad(),
    loss_of=lambda z, x, y: F.cross_entropy(z.flatten(0, 1), y.flatten()),
    step=lambda o, t: o.step(),
    keep=lambda loss: loss.item(),
    early=False,
    retain=False,
):
    def wrong(model, optimizer, chunks):
        losses, state = [], None
        for t, (x, y) in enumerate(chunks):
            if early == "of all":
                optimizer.step()
            logits, state = model(x, carry(state))
            loss = loss_of(logits, x, y)
            if early is True:
                optimizer.step()
            zero(optimizer, t)
            loss.backward(retain_graph=retain)
            if not early:
                step(optimizer, t)
            state = cut(state)
            losses.append(keep(loss))
        return losses

    return wrong


def first_state(model, optimizer, chunks):
    kept = []

    def cut(state):
        kept.append(tuple(x.detach() for x in state))
        return kept[0]

    return training(cut=cut)(model, optimizer, chunks)


def one_update(model, optimizer, chunks):
    losses, state, total = [], None, 0
    for x, y in chunks:
        logits, state = model(x, state)
        state = tuple(part.detach() for part in state)
        losses.append(F.cross_entropy(logits.flatten(0, 1), y.flatten()))
        total = total + losses[-1]
    optimizer.zero_grad()
    total.backward()
    optimizer.step()
    return [loss.item() for loss in losses]


def nothing(*args):
    pass


def flat_loss(z, y, **kw):
    return F.cross_entropy(z.flatten(0, 1), y.flatten(), **kw)


def first_chunk(model, optimizer, chunks):
    return classes_second(model, optimizer, [next(chunks)])


def by_number(model, optimizer, chunks):
    return classes_second(model, optimizer, [chunks[i] for i in range(4)])


WRONG_TRAINING = [
    (first_chunk, r"`return` stand inside the loop"),
    (by_number, r"no length and no `chunks\[i\]`"),
    (lambda m, o, c: [len(c)], r"no length and no"),
    (training(carry=lambda s: None), r"begins with zeros: give `model` the state"),
    (training(carry=lambda s: None, zero=nothing), r"and old gradients"),
    (first_state, r"after the \*first\* one"),
    (training(carry=lambda s: s and (s[0], 0 * s[1])), r"c begins with zeros"),
    (training(carry=lambda s: s and (0 * s[0], s[1])), r"h begins with zeros"),
    (training(carry=lambda s: s and s[::-1]), r"h and c are swapped"),
    (lambda *a: zeroed_behind(*a, carry=lambda s: None), r"begins with zeros: give"),
    (training(zero=nothing), r"zero_grad before backward"),
    (training(zero=lambda o, t: t or o.zero_grad()), r"not once"),
    (training(loss_of=lambda z, x, y: flat_loss(z, y, reduction="sum")), r"you sum"),
    (training(loss_of=lambda z, x, y: flat_loss(z.softmax(-1), y)), r"apply another"),
    (training(loss_of=lambda z, x, y: flat_loss(z, x)), r"learns to copy"),
    (training(early=True), r"steps before `backward`; it comes last"),
    (training(early="of all"), r"with the gradient of the chunk before"),
    (one_update, r"one update in all"),
    (training(step=nothing), r"have not moved"),
    (training(cut=lambda s: s), r"detach \*both\*"),
    (training(cut=lambda s: s, retain=True), r"detach \*both\*"),
    (training(cut=lambda s: (s[0].detach(), s[1])), r"detach \*both\*"),
    (training(cut=lambda s: s.detach()), r"a pair \(h, c\)"),
    (training(loss_of=lambda z, x, y: F.cross_entropy(z, y)), r"classes on axis 1"),
    (training(loss_of=lambda z, x, y: flat_loss(z.detach(), y)), r"no gradient"),
    (training(keep=lambda loss: loss), r"hold on to their graphs"),
    (training(keep=lambda loss: loss.item() / np.log(2)), r"in bits"),
    (lambda *a: list(np.cumsum(classes_second(*a))), r"losses add up"),
    (lambda *a: classes_second(*a)[:-1], r"3 losses came back for 4"),
    (lambda *a: sum(classes_second(*a)), r"return a list"),
    (lambda m, o, c: classes_second(m, o, list(c)[:-1]), r"end elsewhere"),
]


# --- 07.5 ----------------------------------------------------------------------------


def by_power(logits, tau):
    """p to the 1/τ, divided by the sum."""
    z = logits.numpy() - logits.numpy().max(-1, keepdims=True)
    if tau == 0:
        e = (z == 0).astype(float)
    else:
        e = np.exp(z) ** (1 / tau) if abs(z).max() < 500 else np.exp(z / tau)
    return e / e.sum(-1, keepdims=True)


def with_limits(general, zero=None):
    def wrong(z, tau):
        if tau == 0:
            top = z == z.max(-1, keepdim=True).values
            return zero(z) if zero else top / top.sum(-1, keepdim=True)
        return general(z, tau)

    return wrong


def soft(z, dim=-1):
    return torch.softmax(z, dim)


@np.errstate(over="ignore", invalid="ignore")
def overflowing(z, tau):
    e = np.exp(z.numpy() / tau)
    return e / e.sum(-1, keepdims=True)


@np.errstate(invalid="ignore")
def batch_maximum(z, tau):
    e = np.exp((z.numpy() - z.numpy().max()) / tau)
    return e / e.sum(-1, keepdims=True)


def best_of_the_batch(z):
    return (z == z.max()).double()


def by_power_of_probabilities(z, tau):
    p = soft(z) ** (1 / tau)
    return p / p.sum(-1, keepdim=True)


def never_below(least):
    return lambda z, t: soft(z / max(t, least))


WRONG_TAU = [
    (
        with_limits(lambda z, t: soft(z) / t / (soft(z) / t).sum(-1, True)),
        r"changes no",
    ),
    (with_limits(lambda z, t: soft(z) / t), r"no longer add up to 1"),
    (with_limits(lambda z, t: soft(soft(z) / t)), r"softmax to probabilities"),
    (with_limits(lambda z, t: soft(z * t)), r"multiply the logits by τ"),
    (with_limits(lambda z, t: z / t), r"logits still"),
    (with_limits(lambda z, t: torch.log_softmax(z / t, -1)), r"not log_softmax"),
    (with_limits(lambda z, t: torch.exp(z / t)), r"divided by their sum"),
    (
        with_limits(lambda z, t: F.one_hot(z.argmax(-1), z.shape[-1])),
        r"probability of each",
    ),
    (with_limits(lambda z, t: soft(z / t, 0)), r"down the columns"),
    (with_limits(lambda z, t: soft(z)), r"changes nothing"),
    (with_limits(overflowing), r"exp overflows"),
    (with_limits(batch_maximum), r"of \*each row\*, not of the whole batch"),
    (with_limits(lambda z, t: soft(z / t), best_of_the_batch), r"takes the row"),
    *[
        (with_limits(never_below(least)), r"kept from falling so low")
        for least in (0.01, 1e-6, 1e-8, 1e-10, 1e-12)
    ],
    (with_limits(lambda z, t: soft(z / (t + 1e-10))), r"kept from falling so low"),
    (with_limits(by_power_of_probabilities), r"underflows to 0 or overflows"),
    (
        with_limits(lambda z, t: soft(z / t) if t > 1e-6 else z == z.max()),
        r"τ = 1e-13 is taken for 0; only 0 itself",
    ),
    (
        with_limits(lambda z, t: soft(z / t) if t > 1e-3 else z == z.max()),
        r"only 0 itself",
    ),
    (lambda z, t: soft(z / t), r"nothing is divided by τ|raised ZeroDivision"),
    (
        with_limits(
            lambda z, t: soft(z / t),
            lambda z: F.one_hot(z.argmax(-1), z.shape[-1]).double(),
        ),
        r"all to the first",
    ),
    (
        with_limits(
            lambda z, t: soft(z / t),
            lambda z: (z == z.max(-1, keepdim=True).values).double(),
        ),
        r"they \*share\*",
    ),
    (
        with_limits(lambda z, t: soft(z * (1 / t - 1) + z if t < 9 else z * INF / INF)),
        r"τ = inf gives nan",
    ),
    (with_limits(lambda z, t: soft(z / t).argmax(-1)), r"shape"),
]


# --- 07.6 ----------------------------------------------------------------------------


def by_topk(logits, k):
    values, places = logits.topk(min(k, logits.shape[-1]), dim=-1)
    return torch.full_like(logits, -INF).scatter(-1, places, values)


def last_of_equals(logits, k):
    return keep_k(logits.flip(-1), k).flip(-1)


def threshold(z, k):
    kth = z.topk(min(k, z.shape[-1])).values[..., -1:]
    return z.masked_fill(z < kth, -INF)


def flat(z, k):
    return keep_k(z.flatten(), k).view_as(z)


def full_and_scatter(logits, k):
    """Rows of the usual dtype to start from."""
    values, places = logits.topk(min(k, logits.shape[-1]), dim=-1)
    return torch.full(logits.shape, -INF).scatter(-1, places, values)


def of_rows(z, k):
    for row in range(len(z)):
        z[row, 0]
    return keep_k(z, k)


def short_last_row(z, k):
    if z.ndim == 1:
        return keep_k(z, k)
    return torch.stack([*keep_k(z, k)[:-1], keep_k(z[-1], k - 1)])


def left_sorted(logits, k):
    return keep_k(logits, k).sort(-1, descending=True).values


def other_dtype(logits, size):
    """Fails on one row and on a batch alike."""
    return logits * (torch.ones(2) @ torch.ones(2).double())


WRONG_K = [
    (left_sorted, r"logits have left their places"),
    (other_dtype, r"^your function raised RuntimeError: .* dtype"),
    (lambda z, k: keep_k(z, k).numpy() + 0j, r"complex"),
    (of_rows, r"count axes from the end"),
    (short_last_row, r"^1 stay in a row, want exactly 2"),
    (threshold, r"others equal it"),
    (lambda z, k: keep_k(z, k).nan_to_num(neginf=0.0), r"a logit of 0"),
    (lambda z, k: keep_k(z, k).nan_to_num(neginf=-100.0), r"becomes -100"),
    (lambda z, k: soft(keep_k(z, k)), r"these are probabilities"),
    (lambda z, k: z.topk(min(k, z.shape[-1])), r"values and places"),
    (lambda z, k: z.topk(min(k, z.shape[-1])).values, r"shape"),
    (lambda z, k: -keep_k(-z, k).nan_to_num(neginf=INF), r"k \*smallest\*"),
    (lambda z, k: keep_k(z, k + 1), r"4 stay in a row, want exactly 3"),
    (
        lambda z, k: z.masked_fill(
            z <= keep_k(z, k).nan_to_num(neginf=9).amin(-1, True), -INF
        ),
        r"k-th largest itself has to stay",
    ),
    (
        lambda z, k: keep_k(z.T, k).T if z.ndim > 1 else keep_k(z, k),
        r"down the columns",
    ),
    (flat, r"in the whole batch"),
    (
        lambda z, k: torch.full_like(z, -INF).scatter(
            -1, z.topk(k).indices, z.topk(k).values
        ),
        r"only 7 characters it fails",
    ),
    (lambda z, k: keep_k(z, k) * 2, r"keep their values"),
    (lambda z, k: (z > -INF) * keep_k(z, k) * 0, r"nan"),
    (lambda z, k: z.masked_fill(keep_k(z.flip(-1), k).isinf(), -INF), r"larger logit"),
]


# --- 07.7 ----------------------------------------------------------------------------


def shifted(logits, p, reached=torch.ge):
    """The usual way: a sorted mask, moved by one."""
    ordered, places = logits.sort(descending=True)
    cut = reached(soft(ordered).cumsum(-1), p)
    cut[..., 1:] = cut[..., :-1].clone()
    cut[..., 0] = False
    result = torch.empty_like(logits)
    return result.scatter(-1, places, ordered.masked_fill(cut, -INF))


def one_by_one(logits, p):
    if logits.ndim > 1:
        return torch.stack([one_by_one(row, p) for row in logits])
    probs, kept, mass = soft(logits), [], 0.0
    for i in sorted(range(len(probs)), key=lambda i: -probs[i]):
        kept.append(i)
        mass += float(probs[i])
        if mass >= p:
            break
    result = torch.full_like(logits, -INF)
    result[kept] = logits[kept]
    return result


def ranked(z, p, keep, back=True, descending=True):
    probs, order = soft(z).sort(-1, descending=descending)
    stays = keep(probs, probs.cumsum(-1), p)
    if back:
        stays = stays.scatter(-1, order, stays)
    return z.masked_fill(~stays, -INF)


def at_least_one(probs, mass, p):
    stays = mass <= p
    stays[..., 0] = True
    return stays


def one_more(probs, mass, p):
    before = mass - probs
    before[..., 1:] -= probs[..., :-1]
    return before < p


def sorted_twice(z, p):
    probs, order = soft(z).sort(-1, descending=True)
    stays = probs.cumsum(-1) - probs < p
    return z.masked_fill(~stays.gather(-1, order), -INF)


def one_count_for_all(z, p):
    if z.ndim == 1:
        return keep_nucleus(z, p)
    return keep_k(z, int((keep_nucleus(z[0], p) > -INF).sum()))


def by_logs(logits, p):
    """Probabilities by way of their logs, which may be a rounding off."""
    probs, order = logits.log_softmax(-1).exp().sort(descending=True)
    cut = probs.cumsum(-1) - probs >= p
    return logits.masked_fill(cut.scatter(-1, order, cut), -INF)


def only_batches(logits, p):
    logits[0, 0]
    return keep_nucleus(logits, p)


def scattered(logits, p):
    """Written into a tensor of the usual dtype."""
    ordered, places = logits.sort(descending=True)
    probs = soft(ordered)
    ordered = ordered.masked_fill(probs.cumsum(-1) - probs >= p, -INF)
    return torch.full(logits.shape, -INF).scatter(-1, places, ordered)


def assigned(logits, p):
    kept, result = keep_nucleus(logits, p) > -INF, torch.full(logits.shape, -INF)
    result[kept] = logits[kept]
    return result


WRONG_NUCLEUS = [
    (
        lambda z, p: keep_nucleus(z, p).sort(-1, descending=True).values,
        r"logits have left their places",
    ),
    (other_dtype, r"^your function raised RuntimeError: .* dtype"),
    (
        lambda z, p: keep_nucleus(z.flatten(), p).view_as(z),
        r"the nucleus of the whole batch stays",
    ),
    (lambda z, p: keep_nucleus(z, p).numpy() + 0j, r"complex"),
    (one_count_for_all, r"as many as the first one"),
    (lambda z, p: shifted(z, p, torch.gt), r"the first has 0.5 already"),
    (only_batches, r"count axes from the end"),
    (sorted_twice, r"sorts a second time"),
    (lambda z, p: ranked(z, p, at_least_one), r"crosses p is dropped"),
    (
        lambda z, p: ranked(z, p, lambda q, m, p: m <= p),
        r"crosses p is dropped|nothing",
    ),
    (
        lambda z, p: ranked(z, p, lambda q, m, p: m - q < p, back=False),
        r"stands in sorted order",
    ),
    (
        lambda z, p: z.masked_fill(soft(z).cumsum(-1) - soft(z) >= p, -INF),
        r"in the order of ids; sort",
    ),
    (lambda z, p: z.masked_fill(soft(z) < p, -INF), r"own probability is p|nothing is"),
    (lambda z, p: z.masked_fill(soft(z) <= 1 - p, -INF), r"above 1 - p|nothing is"),
    (
        lambda z, p: ranked(z, p, lambda q, m, p: m - q < p, descending=False),
        r"begin with the least likely",
    ),
    (lambda z, p: ranked(z, p, one_more), r"one character too many"),
    (lambda z, p: z.clone(), r"nothing is cut"),
    (lambda z, p: keep_nucleus(z, p).nan_to_num(neginf=0.0), r"a logit of 0"),
    (lambda z, p: soft(keep_nucleus(z, p)), r"these are probabilities"),
    (
        lambda z, p: keep_nucleus(z.T, p).T if z.ndim > 1 else keep_nucleus(z, p),
        r"down the columns|nothing is left",
    ),
    (lambda z, p: keep_nucleus(z, min(1, p + 0.2)), r"smallest set|too many|nothing"),
    (lambda z, p: keep_k(z, 1), r"only 0\.\d+ of a row's mass|crosses p"),
    (lambda z, p: z[keep_nucleus(z, p) > -INF], r"shape"),
]


# --- 07.8 ----------------------------------------------------------------------------


def by_topk_of_all(hypotheses, log_probs, width, eos):
    """All scores in one table, as decoders in a batch do it."""
    V = log_probs.shape[1]
    table = torch.full((len(hypotheses), V), -INF, dtype=torch.float64)
    for i, (ids, score) in enumerate(hypotheses):
        if ids and ids[-1] == eos:
            table[i, 0] = score
        else:
            table[i] = score + log_probs[i]
    result = []
    for place in table.flatten().topk(min(width, table.numel())).indices.tolist():
        i, v = divmod(place, V)
        if table[i, v] == -INF:
            break
        ids = hypotheses[i][0]
        done = bool(ids) and ids[-1] == eos
        result.append((tuple(ids) if done else (*ids, v), table[i, v]))
    return result


def beam(
    score=lambda s, q: s + q,
    done="stay",
    each=None,
    rank=lambda ids, s: s,
    reverse=True,
    cut=True,
    empty=True,
):
    def wrong(hypotheses, log_probs, width, eos):
        out = []
        for (ids, s), row in zip(hypotheses, log_probs, strict=True):
            finished = (ids or not empty) and ids[-1] == eos
            if finished and done == "stay":
                out.append((ids, s))
            if not finished or done == "grow":
                mine = [([*ids, v], score(s, row[v].item())) for v in range(len(row))]
                out += sorted(mine, key=lambda x: -x[1])[: each or len(mine)]
        out.sort(key=lambda x: rank(*x), reverse=reverse)
        return out[:width] if cut else out

    return wrong


def set_aside(hypotheses, log_probs, width, eos):
    old = [h for h in hypotheses if h[0] and h[0][-1] == eos]
    rest = [h for h in hypotheses if h not in old]
    at = [hypotheses.index(h) for h in rest]
    new = expand(rest, log_probs[at], width - len(old), eos) if len(old) < width else []
    return old + new


def by_mask(hypotheses, log_probs, width, eos):
    """What goes on is written into a table of the usual dtype."""
    scores = torch.tensor([score for _, score in hypotheses])
    done = torch.tensor([ids[-1:] == [eos] for ids, _ in hypotheses])
    table = torch.full(log_probs.shape, -INF)
    table[~done] = log_probs[~done] + scores[~done, None]
    table[done, 0] = scores[done]
    best = table.flatten().sort(descending=True)
    pairs = zip(best.values.tolist(), best.indices.tolist(), strict=True)
    found = []
    for score, place in list(pairs)[:width]:
        i, v = divmod(place, table.shape[1])
        if score > -INF:
            ids = hypotheses[i][0]
            found.append((ids if done[i] else [*ids, v], score))
    return found


def in_float32(hypotheses, log_probs, width, eos):
    return expand(hypotheses, log_probs.float(), width, eos)


def of_the_table(hypotheses, log_probs, width, eos):
    """All scores in one table of float32, and nobody is ever finished."""
    scores = torch.tensor([score for _, score in hypotheses])[:, None] + log_probs
    best = scores.flatten().topk(min(width, scores.numel()))
    return [
        ([*hypotheses[place // scores.shape[1]][0], place % scores.shape[1]], score)
        for score, place in zip(
            best.values.tolist(), best.indices.tolist(), strict=True
        )
    ]


WRONG_BEAM = [
    (of_the_table, r"goes on growing"),
    (beam(score=lambda s, q: s + np.exp(q)), r"add \*probabilities\*"),
    (beam(score=lambda s, q: np.exp(s) + np.exp(q)), r"add \*probabilities\*"),
    (beam(score=lambda s, q: s * q), r"multiply log-probabilities"),
    (beam(score=lambda s, q: q), r"newest character's alone"),
    (beam(score=lambda s, q: np.exp(s + q)), r"joint probabilities; keep their logs"),
    (beam(reverse=False), r"\*least\* likely"),
    (beam(done="grow"), r"goes on growing"),
    (beam(done="drop"), r"finished hypotheses are lost"),
    (set_aside, r"keep their place"),
    (beam(each=1), r"only its best id"),
    (beam(rank=lambda ids, s: s / len(ids)), r"length"),
    (beam(cut=False), r"not one list for each"),
    (beam(empty=False), r"an empty list has no last id"),
    (lambda h, q, w, e: expand(h, q, w, 0), r"you take 0 for the end mark"),
    (lambda h, q, w, e: [([INF], INF)] * w, r"log p is inf"),
    (lambda h, q, w, e: [([0.5], 0.0)] * w, r"whole numbers"),
    (lambda h, q, w, e: expand(h, q, w, e)[::-1], r"not best first"),
    (lambda h, q, w, e: expand(h, q, w - 1, e), r"2 hypotheses are left, want 3"),
    (lambda h, q, w, e: q, r"list of pairs"),
    (lambda h, q, w, e: [ids for ids, _ in expand(h, q, w, e)], r"is a pair"),
    (lambda h, q, w, e: [(i, s + 1) for i, s in expand(h, q, w, e)], r"has log p"),
    (lambda h, q, w, e: [(i, q[0]) for i, s in expand(h, q, w, e)], r"one number"),
    (lambda h, q, w, e: [(i, s + 0j) for i, s in expand(h, q, w, e)], r"complex"),
]


WRONG = {
    "07.1": WRONG_BITS,
    "07.2": WRONG_PAIRS,
    "07.3": WRONG_SMOOTHING,
    "07.4": WRONG_TRAINING,
    "07.5": WRONG_TAU,
    "07.6": WRONG_K,
    "07.7": WRONG_NUCLEUS,
    "07.8": WRONG_BEAM,
}


RIGHT = {
    "07.1": [
        by_total,
        lambda n, s: [x.float() for x in by_total(n, s)],
        lambda n, s: np.array(by_total(n, s)),
    ],
    "07.2": [
        by_loop,
        lambda w: tuple(x.tolist() for x in inputs_and_targets(w)),
        lambda w: np.stack(inputs_and_targets(w)),
    ],
    "07.3": [by_rows, lambda C, d: by_rows(C, d).float()],
    "07.4": [classes_second, zeroed_behind],
    "07.5": [by_power, lambda z, t: torch.tensor(by_power(z, t)).float()],
    "07.6": [
        by_topk,
        last_of_equals,
        full_and_scatter,
        lambda z, k: keep_k(z, k).tolist(),
        lambda z, k: tuple(keep_k(z, k)),
        lambda z, k: keep_k(z.double(), k).numpy(),
    ],
    "07.7": [
        shifted,
        one_by_one,
        by_logs,
        scattered,
        assigned,
        lambda z, p: keep_nucleus(z.double(), p),
    ],
    "07.8": [by_topk_of_all, by_mask, in_float32],
}


class TestCheckers(Checkers):
    lesson, right, wrong = "07", RIGHT, WRONG


@pytest.mark.parametrize("id", CHECKS)
def test_a_number_for_an_answer_is_one_plain_sentence(id):
    with pytest.raises((Wrong, NotAttempted)) as caught:
        CHECKS[id](lambda *args, **kwargs: 0)
    assert "\n" not in str(caught.value)


def test_half_done_answers_are_not_attempted():
    with pytest.raises(NotAttempted):
        CHECKS["07.1"](lambda nats, sizes: (1.0, ...))
    with pytest.raises(NotAttempted):
        CHECKS["07.8"](lambda h, q, width, eos: [([0], ...)] * width)


# --- what the predictions say --------------------------------------------------------


def test_dividing_probabilities_by_a_temperature_changes_nothing():
    p = torch.tensor([0.7, 0.2, 0.1])
    torch.testing.assert_close(p / 2 / (p / 2).sum(), p)  # 07.p3


def test_two_of_the_four_characters_are_the_nucleus():
    kept = keep_nucleus(torch.tensor([0.5, 0.3, 0.15, 0.05]).log(), 0.7) > -INF
    assert kept.tolist() == [True, True, False, False]  # 07.p4


def test_a_wider_beam_can_end_with_a_less_likely_text():
    """07.p5, on the table that the lesson shows."""
    story = {"": "ab", "a": "cde", "b": "fg", "ac": "h"}
    given = {"": [0.51, 0.49], "a": [0.4, 0.3, 0.3], "b": [0.5, 0.5], "ac": [1.0]}
    letters = "abcdefghij."

    def search(width):
        hypotheses = [([], 0.0)]
        for _ in range(3):
            q = torch.full((len(hypotheses), len(letters)), 1e-30).double()
            for row, (ids, _) in zip(q, hypotheses, strict=True):
                text = "".join(letters[i] for i in ids)
                for c, p in zip(
                    story.get(text, "ij"), given.get(text, [0.5, 0.5]), strict=True
                ):
                    row[letters.index(c)] = p
            hypotheses = expand(hypotheses, q.log(), width, eos=10)
        return np.exp(hypotheses[0][1])

    assert search(1) == pytest.approx(0.204)
    assert search(2) == pytest.approx(0.1225)
    assert search(3) == pytest.approx(0.204)
