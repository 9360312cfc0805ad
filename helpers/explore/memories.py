"""Explorer of lesson 05: one pulse into an RNN, an LSTM and a GRU; who remembers it?"""

import numpy as np

from helpers.explore.kit.live import Live, choice, figure, slider
from helpers.explore.kit.numbers import short
from helpers.explore.kit.settings import settable
from helpers.explore.kit.words import moving_text
from helpers.nets.numpy_lstm import sigmoid
from helpers.nets.numpy_rnn import unroll
from helpers.plots import COLOURS

__all__ = ["explore_memories", "memory_of_a_pulse"]

NETS = {"rnn": "RNN", "lstm": "LSTM", "gru": "GRU"}
BLOCKS = {"rnn": 1, "lstm": 4, "gru": 3}  # matrices: h; i f g o; r z n
T, D, H = 120, 4, 24
FLOOR, CEILING = 1e-8, 1e4
LEFT = 0.01  # a memory ends after the last lag with this part of the first trace


@settable
def explore_memories(forget_bias=1.0, gain=0.6, noise=0.5, seed=0):
    """Return a live figure of what a pulse leaves behind in three nets of 24 units.

    All three have the same kind of random weights and read the same sequence twice:
    with a pulse at one step and without. Their states then differ, the less the more
    they forget. gain multiplies all recurrent weights (Gaussian ones have spectral
    radius about 1 before; torch's own first weights have 0.6); forget_bias is that of
    the LSTM's forget gates and of the GRU's z; noise is the standard deviation of
    the inputs at every step.
    """
    controls = {
        "forget_bias": slider(
            "forget bias (LSTM: f, GRU: z)", forget_bias, -2, 8, 0.25
        ),
        "gain": slider("gain of the recurrent weights", gain, 0.0, 2.0, 0.05),
        "matrix": choice("recurrent weights", ["Gaussian", "orthogonal"]),
        "noise": slider("noise in every input", noise, 0.0, 2.0, 0.1),
        "start": slider("pulse at step", 10, 1, 60, 1),
        "size": slider("size of the pulse", 1.0, 0.01, 10.0, 0.1, log=True),
        "lag": slider("read off after", 30, 0, 100, 1, unit="steps"),
    }
    picture, known = _Picture(), {}

    def update(forget_bias, gain, matrix, noise, start, size, lag):
        setting = forget_bias, gain, matrix, noise, start, size
        if known.get("setting") != setting:
            known["left"] = memory_of_a_pulse(*setting, seed=seed)
            known["setting"] = setting
        lag = min(lag, T - start)
        left, f = known["left"], sigmoid(forget_bias)
        spans = picture.show(left, f, start, lag)
        return _words(left, spans, f, lag)

    return Live(
        picture.fig,
        update,
        controls,
        alt=(
            "Left: how much of a pulse is left in the states of an RNN, an LSTM and a "
            "GRU, step by step, on a logarithmic axis. Right: the last lag at which "
            "each of them has one per cent of it left."
        ),
    )


def memory_of_a_pulse(
    forget_bias, gain, matrix="Gaussian", noise=0.5, start=10, size=1.0, *, seed=0
):
    """How much of a pulse is left at the lags 0 … 120 - start: dict name → array.

    The names are rnn, lstm, gru (their h) and cell (the LSTM's c). An entry is the
    norm of the difference between the states with and without the pulse, root mean
    square over pulses into each of the 4 inputs, divided by that at lag 0. ValueError
    unless start is within 1 … 120, size above 0 and matrix one that is known.
    """
    if matrix not in ("Gaussian", "orthogonal"):
        raise ValueError(f"matrix: Gaussian or orthogonal wanted, got {matrix!r}")
    if not 1 <= start <= T:
        raise ValueError(f"start: a step from 1 to {T} wanted, got {start!r}")
    if not size > 0:
        raise ValueError(f"size: a number above 0 wanted, got {size!r}")
    x = np.zeros((1 + D, T, D))
    x += noise * np.random.default_rng(seed + 1).normal(size=(T, D))
    x[1:, start - 1] += size * np.eye(D)
    left = {}
    for name in NETS:
        W_xh, W_hh = _weights(name, matrix, seed)
        bias = np.zeros(W_xh.shape[1])
        if name != "rnn":
            bias[H : 2 * H] = forget_bias  # of f, or of z: both stand second
        for key, state in RUNS[name](x @ W_xh + bias, gain * W_hh).items():
            apart = state[1:, start:] - state[:1, start:]
            size_now = np.sqrt((apart**2).sum(axis=2).mean(axis=0))
            left[key] = size_now / size_now[0]
    return left


def _lstm(a, W_hh):
    """`lstm_unroll`, but without what only the way back needs: three times as fast.

    All gates are one tanh, as in `activate`, of sums that are halved beforehand.
    """
    s = np.repeat([0.5, 0.5, 1, 0.5], H)
    a, W_hh, rest = np.moveaxis(a * s, 1, 0), W_hh * s, 1 - s
    h = c = np.zeros((a.shape[1], H))
    hs, cs = [h], [c]
    for a_t in a:
        gates = np.tanh(a_t + h @ W_hh) * s + rest
        c = gates[:, H : 2 * H] * c + gates[:, :H] * gates[:, 2 * H : 3 * H]
        h = gates[:, 3 * H :] * np.tanh(c)
        hs.append(h)
        cs.append(c)
    return {"lstm": np.stack(hs, axis=1), "cell": np.stack(cs, axis=1)}


def _gru(a, W_hh):
    """`gru_unroll` in the same way; its bias b_hh is 0."""
    a, h = np.moveaxis(a, 1, 0), np.zeros((len(a), H))
    hs = [h]
    for a_t in a:
        from_h = h @ W_hh
        gates = np.tanh((a_t + from_h)[:, : 2 * H] / 2) / 2 + 0.5
        n = np.tanh(a_t[:, 2 * H :] + gates[:, :H] * from_h[:, 2 * H :])
        h = n + gates[:, H:] * (h - n)
        hs.append(h)
    return {"gru": np.stack(hs, axis=1)}


# From what the inputs add and W_hh to the states (B, T + 1, H) that are compared.
RUNS = {
    "rnn": lambda a, W_hh: {"rnn": unroll(a, W_hh)},
    "lstm": _lstm,
    "gru": _gru,
}


_DRAWN = {}


def _weights(name, matrix, seed):
    """W_xh (D, K H) and W_hh (H, K H), drawn once."""
    if (name, matrix, seed) not in _DRAWN:
        rng = np.random.default_rng([seed, BLOCKS[name]])
        inputs = rng.normal(size=(BLOCKS[name], D, H)) / np.sqrt(D)
        blocks = rng.normal(size=(BLOCKS[name], H, H)) / np.sqrt(H)
        if matrix == "orthogonal":
            blocks = np.linalg.qr(blocks)[0]
        _DRAWN[name, matrix, seed] = np.hstack(inputs), np.hstack(blocks)
    return _DRAWN[name, matrix, seed]


def _words(left, spans, f, lag):
    """One line that reads the picture at the chosen lag."""
    parts = [f"{label} {short(left[name][lag])}" for name, label in NETS.items()]
    parts[1] += f" (its cell {short(left['cell'][lag])})"
    longest = max(spans.values())
    holders = [NETS[name] for name, span in spans.items() if span == longest]
    held = "all three" if len(holders) == len(NETS) else " and ".join(holders)
    steps = f"{longest} steps" if longest < len(left["rnn"]) - 1 else "to the end"
    return (
        f"After {lag} steps there is left of the pulse: {', '.join(parts)}. The forget "
        f"bias alone makes f = {f:.4f}, and f to the power {lag} is {short(f**lag)}. "
        f"Longest to hold 1 %: {held}, {steps}."
    )


class _Picture:
    """The artists of one figure; `show` sets them to one setting."""

    def __init__(self):
        ratios = {"width_ratios": [2.2, 1]}
        self.fig, (ax, spans) = figure(1, 2, height=3.6, **ratios)
        live = {"animated": True}
        looks = {name: {"color": COLOURS[name], "label": NETS[name]} for name in NETS}
        looks["cell"] = {"color": COLOURS["lstm"], "ls": "--", "label": "LSTM's cell c"}
        looks["rate"] = {"color": COLOURS["baseline"], "ls": ":", "label": "$f^{lag}$"}
        self.lines = {
            k: ax.plot([], [], **look, **live)[0] for k, look in looks.items()
        }
        nets = [look["color"] for name, look in looks.items() if name != "rate"]
        self.here = ax.scatter([0] * 4, [1] * 4, s=30, c=nets, zorder=3, **live)
        self.pulse = ax.axvline(1, color=COLOURS["gold"], lw=3, alpha=0.7, **live)
        ax.set(yscale="log", xlim=(0, T), ylim=(FLOOR, CEILING))
        ax.set(xlabel="step t", ylabel="what is left of the pulse (lag 0: 1)")
        ax.axhline(LEFT, color=COLOURS["faint"], zorder=1)
        ax.legend(frameon=False, loc="upper right", ncols=5, fontsize=9).set_zorder(1)
        colours = [COLOURS[name] for name in NETS]
        bars = spans.barh([*NETS.values()], [1] * len(NETS), color=colours, height=0.6)
        self.bars = dict(zip(NETS, bars, strict=True))
        self.numbers = {}
        for name, bar in self.bars.items():
            bar.set_animated(True)
            y = bar.get_y() + bar.get_height() / 2
            self.numbers[name] = moving_text(spans, 0, y, va="center")
        spans.set(xlim=(0, T * 1.15), xlabel="last lag with 1 % left")
        spans.invert_yaxis()
        spans.grid(False)

    def show(self, left, f, start, lag):
        """Draw; return the last lag at which 1 % is left, a dict from net to steps."""
        lags = np.arange(len(left["rnn"]))
        with np.errstate(under="ignore"):
            rate = f**lags
        for name, line in self.lines.items():
            values = rate if name == "rate" else left[name]
            line.set_data(start + lags, np.clip(values, FLOOR / 10, CEILING * 10))
        at_lag = np.array([left[name][lag] for name in self.lines if name in left])
        seen = (at_lag >= FLOOR) & (at_lag <= CEILING)  # no dot off the axis
        places = np.full(len(at_lag), start + lag), np.where(seen, at_lag, np.nan)
        self.here.set_offsets(np.column_stack(places))
        self.pulse.set_xdata([start, start])
        spans = {name: int(np.flatnonzero(left[name] >= LEFT)[-1]) for name in NETS}
        for name, span in spans.items():
            self.bars[name].set_width(span)
            self.numbers[name].set_x(span + 2)
            more = "≥ " if span == lags[-1] else ""
            self.numbers[name].set_text(f"{more}{span}")
        return spans
