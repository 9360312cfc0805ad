"""Explorer of lesson 07: names for a country and a beginning."""

from functools import lru_cache

import numpy as np
import torch
from matplotlib.collections import PolyCollection

from helpers.data.files.forms import in_form_of
from helpers.explore.kit.ahead import Ahead
from helpers.explore.kit.cells import cells
from helpers.explore.kit.live import Live, choice, figure, slider, text_box
from helpers.explore.kit.numbers import short
from helpers.explore.kit.settings import settable
from helpers.explore.kit.typed import Labels
from helpers.nets.small import shift_right
from helpers.plots import COLOURS
from helpers.training import in_eval, one_thread
from helpers.writing.decoding import sample

__all__ = ["explore_names"]

ROWS, LONGEST, MOST = 8, 14, 22  # names, letters of a beginning, letters of a name
STARTS = "a", "sch", "mac", "z"  # to choose from, beside the first
COLDEST, HOTTEST = 0.1, 2.0  # temperatures
BITS = 60  # the end of the axis


@settable
def explore_names(model, coder, countries, country=None, start="k", seed=0):
    """Return a live figure of names that a trained model writes to order.

    model: a NameWriter; coder: the helpers.data.batching.Coder of its letters;
    countries: their names, in the order of the model's kinds. Left: names that begin
    as asked, and the bits of surprise of each; right: the country that the *model*
    takes each for, if all were equally frequent. The same seed gives the same names.
    ValueError if coder or countries do not fit the model.
    """
    countries = list(countries)
    _want_fit(model, coder, countries)
    country = countries[0] if country is None else country
    last = max(20, seed)
    controls = {
        "country": choice("country", countries, country),
        "start": text_box("first letters", start, STARTS),
        "temperature": slider("temperature τ", 0.7, COLDEST, HOTTEST, 0.05),
        "seed": slider("seed", seed, 0, last, 1),
    }
    picture = _Picture(coder, countries)
    likelihoods = _Likelihoods(model, coder, len(countries))

    @lru_cache(maxsize=100)
    def written(_version, kind, prefix, temperature, seed):
        names = _write(model, coder, kind, prefix, temperature, seed)
        return names, likelihoods(names)  # (C, ROWS)

    ahead = Ahead(written)

    def update(country, start, temperature, seed):
        prefix, note = _known(coder, start)
        kind, temperature = countries.index(country), round(temperature, 2)
        version = tuple(part._version for part in model.parameters())  # it may learn
        names, log_p = written(version, kind, prefix, temperature, seed)
        near = [(temperature, s) for s in (seed + 1, seed - 1) if 0 <= s <= last]
        steps = (round(temperature + step, 2) for step in (0.05, -0.05))
        near += [(t, seed) for t in steps if COLDEST <= t <= HOTTEST]
        ahead.ask([(version, kind, prefix, *setting) for setting in near])
        bits = -log_p[kind] / np.log(2)
        belief = np.exp(log_p - np.logaddexp.reduce(log_p))
        picture.show(names, bits, belief, kind)
        return f"{note} {_words(coder, names, bits, belief, kind, countries)}".strip()

    return Live(
        picture.fig,
        update,
        controls,
        alt=(
            "Eight names with bars that show how many bits each would have cost; "
            "beside them a heat map: how probable the model finds each country, given "
            "the name."
        ),
    )


def _want_fit(model, coder, countries):
    V, kinds = len(coder), len(countries)
    try:
        with torch.no_grad():
            ids = torch.full((1, 1), V - 1)
            logits, _ = model(ids, torch.tensor([kinds - 1]))
    except (ValueError, IndexError, RuntimeError, TypeError) as error:
        raise ValueError(
            f"model: cannot write {V} letters of {kinds} countries ({error})"
        ) from error
    if logits.shape[-1] != V:
        want = logits.shape[-1]
        raise ValueError(f"coder: {want} letters wanted, as the model has, got {V}")


def _known(coder, start):
    """The ids of the first letters, and a note on those that were left out."""
    start = in_form_of(coder.ids, start.lower())
    letters = [c for c in start if c in coder.ids]
    notes = []
    strange = [c for c in dict.fromkeys(start) if c not in coder.ids]
    if strange:
        notes.append(f"Left out {', '.join(map(repr, strange[:3]))}: no letters here.")
    if len(letters) > LONGEST:
        notes.append(f"Read: the first {LONGEST} letters.")
    if not letters:
        notes.append("No first letter asked for: it chooses its own.")
    return tuple(coder.encode(letters[:LONGEST])), " ".join(notes)


@one_thread()
@in_eval
@torch.no_grad()
def _write(model, coder, kind, prefix, temperature, seed):
    """Return the ids of names, each with its end, for one country and one beginning."""
    free = model.step_for(torch.full((ROWS,), kind))

    def step(ids, state):
        logits, state = free(ids, state)
        logits[:, [coder.PAD, coder.BOS]] = -torch.inf
        return logits, state

    given = torch.tensor([[coder.BOS, *prefix]] * ROWS)
    state = None
    for ids in given[:, :-1].unbind(1):
        _, state = step(ids, state)
    drawn = sample(
        step,
        state,
        given[:, -1],
        torch.Generator().manual_seed(seed),
        max_len=MOST - len(prefix),
        eos=coder.EOS,
        temperature=temperature,
    )
    rows = [[*prefix, *row] for row in drawn.tolist()]
    ends = [row.index(coder.EOS) if coder.EOS in row else len(row) for row in rows]
    return [row[: end + 1] for row, end in zip(rows, ends, strict=True)]


class _Likelihoods:
    """What a model thinks of names, for every country; each is read only once."""

    def __init__(self, model, coder, kinds):
        self.model, self.coder, self.kinds = model, coder, kinds
        self.known = {}

    def __call__(self, names):
        """Return log p (kinds, N) of each name, its end included."""
        if len(self.known) > 10_000:
            self.known = {}
        names = [tuple(name) for name in names]
        new = [name for name in dict.fromkeys(names) if name not in self.known]
        if new:
            log_p = _likelihoods(self.model, self.coder, new, self.kinds)
            self.known |= zip(new, log_p.T, strict=True)
        return np.stack([self.known[name] for name in names], axis=1)


@one_thread()
@in_eval
@torch.no_grad()
def _likelihoods(model, coder, names, kinds):
    """Return log p (kinds, N) of each name, its end included, for each country."""
    T, N = max(map(len, names)), len(names)
    ids = torch.tensor([[*row, *[coder.PAD] * (T - len(row))] for row in names])
    ids = ids.repeat(kinds, 1)  # (kinds · N, T)
    before = shift_right(ids, coder.BOS)
    logits, _ = model(before, torch.arange(kinds).repeat_interleave(N))
    log_p = logits.double().log_softmax(-1).gather(2, ids[..., None])[..., 0]
    return (log_p * (ids != coder.PAD)).sum(1).view(kinds, N).numpy()


def _words(coder, names, bits, belief, kind, countries):
    """One line on the names and on what they sound like."""
    told = belief.argmax(0)
    others = np.delete(belief.mean(1), kind)
    rival = [c for k, c in enumerate(countries) if k != kind][int(others.argmax())]
    texts = ["".join(coder.decode(row)) for row in names]
    best, different = int(bits.argmin()), len(set(texts))
    score = f"({bits[best]:.1f} bits, one in {short(2 ** bits[best])})"
    if different == 1:
        line = f"All {len(texts)} are the same name, {texts[best]} {score}."
    else:
        line = f"{different} different names of {len(texts)}; the likeliest is "
        line += f"{texts[best]} {score}."
    return (
        f"{line} The model itself would say {countries[kind]} for "
        f"{(told == kind).sum()} of them; next: {rival}."
    )


class _Picture:
    """The artists of one figure; `show` sets them to one draw of names."""

    def __init__(self, coder, countries):
        self.coder = coder
        self.fig, (names, bars, heat) = figure(
            1, 3, height=3.8, width_ratios=(1.0, 0.9, 1.5), sharey=True
        )
        names.set(ylim=(ROWS - 0.5, -0.5), xlim=(0, 1), xticks=[], yticks=[])
        names.set_title("written", zorder=1)
        names.spines[:].set_visible(False)
        for ax in (names, heat):
            ax.grid(False)
        live = {"animated": True, "zorder": 4}
        self.bars = PolyCollection([], facecolor=COLOURS["lstm"], **live)
        bars.add_collection(self.bars, autolim=False)
        bars.set(xlim=(0, BITS), xlabel="surprise (bits a name)")
        bars.set_title("how likely", zorder=1)
        bars.spines[:].set_zorder(1)
        K = len(countries)
        look = {"cmap": "Greens", "vmin": 0, "vmax": 1, "zorder": 4}
        self.heat = cells(heat, np.zeros((ROWS, K)), **look)
        heat.set_xticks(range(K), countries, rotation=90, fontsize=9)
        heat.tick_params(left=False)
        heat.set_title("what it sounds like to the model", zorder=1)
        heat.spines[:].set_zorder(1)
        bar = self.fig.colorbar(self.heat, ax=heat, pad=0.02)
        bar.set_label("belief (probability)")
        look = {"fill": False, "edgecolor": COLOURS["ink"], "lw": 1.5, "zorder": 6}
        (self.asked,) = heat.bar([0], [ROWS], 1, bottom=-0.5, animated=True, **look)
        self.fig.canvas.draw()
        self.fig.set_layout_engine("none")
        self.labels = Labels(names, 11)

    def show(self, names, bits, belief, kind):
        """Draw the names (ids), their bits (N,), and the belief (K, N)."""
        self.labels.clear()
        for row, ids in enumerate(names):
            text = "".join(self.coder.decode(ids)).title()
            ink = COLOURS["ink"]
            self.labels.put(text or "(empty)", 0.5, row, ink)
        ends = np.minimum(bits, BITS)
        rows = np.arange(len(bits))[:, None]
        x = np.stack([0 * ends, ends, ends, 0 * ends], axis=1)
        y = rows + np.array([-0.35, -0.35, 0.35, 0.35])
        self.bars.set_verts(np.stack([x, y], axis=2))
        self.heat.set_data(belief.T)
        self.asked.set_x(kind - 0.5)
