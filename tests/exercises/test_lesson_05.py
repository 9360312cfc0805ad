"""Lesson 05's checkers: right answers pass, and each mistake hears its own name."""

import inspect

import numpy as np
import pytest
import torch
from checkers import Checkers

from helpers.exercises.engine.core import NotAttempted
from helpers.exercises.lesson_05 import questions as lesson
from helpers.nets.numpy_lstm import sigmoid

CHECKS = {e.id: e.check for e in lesson.EXERCISES}
REFERENCE = {e.id: e.reference for e in lesson.EXERCISES}


def edited(id, *changes):
    """The reference of an exercise with some of its text replaced."""
    source = inspect.getsource(REFERENCE[id])
    for old, new in changes:
        assert source.count(old) == 1, old
        source = source.replace(old, new)
    room = {"np": np, "sigmoid": sigmoid}
    exec(source, room)
    return room[REFERENCE[id].__name__]


# --- the references are what torch does ----------------------------------------------


def drawn(rng, *sizes):
    return [rng.normal(size=s) for s in sizes]


def torch_cell(kind, D, H, W_xh, W_hh, b_xh, b_hh):
    cell = getattr(torch.nn, kind)(D, H, dtype=torch.float64)
    arrays = (W_xh.T, W_hh.T, b_xh, b_hh)
    with torch.no_grad():
        for p, array in zip(cell.parameters(), arrays, strict=True):
            p.copy_(torch.tensor(array))
    return cell


def test_the_steps_are_those_of_torch():
    rng = np.random.default_rng(0)
    B, D, H = 3, 4, 5
    x, h, c = drawn(rng, (B, D), (B, H), (B, H))
    W_xh, W_hh, b = drawn(rng, (D, 4 * H), (H, 4 * H), 4 * H)
    cell = torch_cell("LSTMCell", D, H, W_xh, W_hh, b, 0 * b)
    theirs = cell(torch.tensor(x), tuple(map(torch.tensor, (h, c))))
    for ours, want in zip(
        REFERENCE["05.2"](x, h, c, W_xh, W_hh, b), theirs, strict=True
    ):
        np.testing.assert_allclose(ours, want.detach(), atol=1e-12)
    weights = drawn(rng, (D, 3 * H), (H, 3 * H), 3 * H, 3 * H)
    theirs = torch_cell("GRUCell", D, H, *weights)(torch.tensor(x), torch.tensor(h))
    ours = REFERENCE["05.6"](x, h, *weights)
    np.testing.assert_allclose(ours, theirs.detach(), atol=1e-12)


def test_the_way_back_is_that_of_autograd():
    rng = np.random.default_rng(1)
    a, c_prev, dh, dc = drawn(rng, (3, 8), (3, 2), (3, 2), (3, 2))
    a, c_prev = (torch.tensor(v, requires_grad=True) for v in (a, c_prev))
    gates = a.view(3, 4, 2).unbind(1)
    i, f, o = (gates[k].sigmoid() for k in (0, 1, 3))
    g = gates[2].tanh()
    c = f * c_prev + i * g
    (o * c.tanh() * torch.tensor(dh) + c * torch.tensor(dc)).sum().backward()
    saved = [v.detach().numpy() for v in (i, f, g, o, c_prev, c)]
    da, dc_prev = REFERENCE["05.3"](dh, dc, *saved)
    np.testing.assert_allclose(da, a.grad, atol=1e-12)
    np.testing.assert_allclose(dc_prev, c_prev.grad, atol=1e-12)


def test_weights_brought_to_torch_give_the_same_states():
    rng = np.random.default_rng(2)
    D, H, order = 3, 2, "oigf"
    W_xh, W_hh, b = drawn(rng, (D, 4 * H), (H, 4 * H), 4 * H)
    x, h, c = drawn(rng, (1, D), (1, H), (1, H))
    a = dict(zip(order, np.split(x @ W_xh + h @ W_hh + b, 4, axis=1), strict=True))
    new = sigmoid(a["f"]) * c + sigmoid(a["i"]) * np.tanh(a["g"])
    W_ih, W_hh, b = REFERENCE["05.4"](W_xh, W_hh, b, order)
    cell = torch_cell("LSTMCell", D, H, W_ih.T, W_hh.T, b, 0 * b)
    theirs = cell(torch.tensor(x), tuple(map(torch.tensor, (h, c))))[1]
    np.testing.assert_allclose(new, theirs.detach(), atol=1e-12)


def test_the_forget_bias_keeps_half():
    for T in (1, 5, 50, 10_000):
        assert sigmoid(REFERENCE["05.5"](T)) ** T == pytest.approx(0.5)


# --- wrong answers, and the words for them -------------------------------------------

SIGMOID = "sigmoid(x @ W + h @ U + b)"
GATES = "i, f, o = sigmoid(i), sigmoid(f), sigmoid(o)"
CELL, STATE = "c = f * c + i * np.tanh(g)", "h = o * np.tanh(c)"
SPLIT = "i, f, g, o = np.split"
MIX, N = "return (1 - z) * n + z * h", "n = np.tanh(xn + r * hn)"

WRONG_EDITS = {
    "05.1": [
        ([("x * gate", "gate")], r"the gate alone"),
        ([(SIGMOID, "np.tanh(x @ W + h @ U + b)")], r"you used tanh"),
        ([(SIGMOID, "x @ W + h @ U + b")], r"the gate has no σ"),
        ([("x * gate", "x @ gate")], r"entry by entry"),
        ([("x * gate", "x + gate")], r"it multiplies"),
        ([("x * gate", "x * (1 - gate)")], r"holds back"),
        ([(" + h @ U", "")], r"does not see h"),
        ([("x @ W + ", "")], r"does not see x"),
        ([(" + b)", ")")], r"bias `b` is missing"),
        ([("x @ W + h @ U", "x @ U + h @ W")], r"matrices are swapped"),
        ([("x * gate", "h * gate")], r"you multiplied h"),
        ([("x @ W + h @ U + b", "x")], r"SiLU"),
        ([("x * gate", "x + x * gate")], r"add the gated part"),
        ([(SIGMOID, "sigmoid(x * (x @ W + h @ U + b))"), ("x * gate", "gate")],
         r"you put x inside"),
        ([(" + h @ U + b", ""), ("x * gate", "x * gate + h @ U + b")], r"whole sum"),
        ([(SIGMOID, "1 / (1 + np.exp(-x @ W + h @ U + b))")], r"minus belongs to the"),
        ([("x * gate", "x * sigmoid(x @ W) * sigmoid(h @ U + b)")], r"multiplied two"),
        ([(SIGMOID, "np.maximum(0, x @ W + h @ U + b)")], r"as ReLU does"),
        ([(SIGMOID, "np.exp(x @ W + h @ U + b)"),
          ("x * gate", "x * gate / gate.sum(1, keepdims=True)")], r"softmax"),
        ([("x * gate", "x * gate + h * (1 - gate)")], r"fill up with h"),
        ([("x * gate", "(x * gate)[0]")], r"shape"),
        ([("x * gate", "2 * x * gate")], r"wrong values"),
        ([("x * gate", "x @ W")], r"the product `x @ W`, a layer"),
        ([("x * gate", "x @ W + b")], r"a layer, `x @ W \+ b`"),
        ([("x * gate", "x @ W + h @ U + b")], r"the sum that the gate sees"),
        ([("x * gate", "x")], r"nothing is held back"),
        ([("x * gate", "x * (x @ W)")], r"h, b and σ are missing"),
        ([("x * gate", "x * W")], r"W meets x by a product"),
        ([("x * gate", "x * h")], r"you multiplied `x` by h"),
        ([("x * gate", "(x @ W + h @ U + b) * gate")], r"SiLU of the whole sum"),
        ([("x * gate", "(x @ W) * gate")], r"lets through `x` itself"),
        ([("x * gate", "(x @ W + h @ U + b) * sigmoid(x)")], r"by σ\(x\)"),
        ([(" + h @ U + b", "")], r"neither h nor b"),
        ([("x @ W + h @ U + b", "h @ U")], r"neither x nor b"),
        ([("x @ W + h @ U", "x * W + h * U")], r"`\*` works entry by entry"),
        ([("x @ W", "x @ W.T")], r"x @ W; you transposed it"),
        ([("x @ W + h @ U", "x @ W.T + h @ U.T")], r"you transposed both"),
        ([("h @ U", "h[0] @ U")], r"that of row 0"),
        ([("x * gate", "x * gate.mean(axis=1, keepdims=True)")], r"one for a row"),
        ([("x * gate", "x * gate.mean()")], r"you made one for all"),
        ([("x * gate", "x * (gate > 0.5)")], r"all or nothing"),
        ([(SIGMOID, "np.clip(x @ W + h @ U + b, 0, 1)")], r"cut the sum off at 0 and"),
        ([("x * gate", "np.tanh(x) * gate")], r"squeezed x by tanh"),
        ([("x * gate", "h + x * gate")], r"you added h"),
        ([("x * gate", "h * gate + x * (1 - gate)")], r"it is x that the gate lets"),
        ([("x * gate", "(x * gate).squeeze()")], r"axis of length 1 is missing"),
    ],
    "05.2": [
        ([("np.tanh(g)", "sigmoid(g)")], r"g goes through tanh"),
        ([("np.tanh(g)", "g")], r"g has no tanh"),
        ([(GATES, "i, f, o = map(np.tanh, (i, f, o))")], r"used tanh for all three"),
        ([(GATES, "i, f, o = np.tanh(i), sigmoid(f), sigmoid(o)")], r"gate i goes"),
        ([(GATES, "i, f, o = sigmoid(i), np.tanh(f), sigmoid(o)")], r"gate f goes"),
        ([(GATES, "i, f, o = sigmoid(i), sigmoid(f), np.tanh(o)")], r"gate o goes"),
        ([(GATES, "")], r"no σ"),
        ([(STATE, "h = o * c")], r"tanh around c is missing"),
        ([(STATE, "h = o * sigmoid(c)")], r"through tanh; you took σ"),
        ([(STATE, "h = np.tanh(c)")], r"output gate is missing"),
        ([(STATE, "h = np.tanh(o * c)")], r"tanh goes around c alone"),
        ([(CELL, "c = i * c + f * np.tanh(g)")], r"changed places"),
        ([(CELL, f"old = c\n    {CELL}"), (STATE, "h = o * np.tanh(old)")],
         r"h reads the \*new\* cell"),
        ([(CELL, "c = sigmoid(f * c + i * np.tanh(g))")], r"σ around the new cell"),
        ([(CELL, "c = np.tanh(f * c + i * np.tanh(g))")], r"tanh around the new cell"),
        ([(STATE, "h = c = o * np.tanh(c)")], r"pass on c through the output gate"),
        ([(STATE, "h, c = o * np.tanh(c), o * c")], r"pass on o \* c"),
        ([(STATE, "h, c = o * np.tanh(c), np.tanh(c)")], r"pass on tanh\(c\)"),
        ([("+ i * np", "+ np")], r"input gate is missing"),
        ([("+ i * np.tanh(g)", "+ i")], r"candidate is missing"),
        ([("f * c + i", "c + i")], r"forget gate is missing"),
        ([("f * c + i", "i")], r"old cell is missing"),
        ([(CELL, "c = f * (c + i * np.tanh(g))")], r"multiplies what is stored too"),
        ([("f * c", "(1 - f) * c")], r"f = 1 means keep"),
        ([("i * np", "(1 - f) * np")], r"bargain"),
        ([(CELL, "c = f @ c + i @ np.tanh(g)")], r"not `@`"),
        ([(" + b_h", "")], r"bias `b_h` is missing"),
        ([(" + h @ W_hh", "")], r"h does nothing"),
        ([("h @ W_hh", "c @ W_hh")], r"you gave them c"),
        ([("x @ W_xh + h @ W_hh", "x @ W_hh + h @ W_xh")], r"matrices are swapped"),
        ([("np.split(a, 4, axis=1)", "a.reshape(4, *h.shape)")], r"across the rows"),
        ([("np.split(a, 4, axis=1)", "(a[:, k::4] for k in range(4))")], r"fourth"),
        ([("np.split(a, 4, axis=1)", "np.split(a, 4)")],
         r"np\.split cuts rows unless `axis=1` is given"),
        ([("np.tanh(g)", "np.tanh(sigmoid(g))")], r"all four through σ"),
        ([(GATES, "i, f, o = (sigmoid(np.tanh(v)) for v in (i, f, o))")],
         r"all four through tanh"),
        ([(SPLIT, "i, f, o, g = np.split")], r"as i f o g; their order is i f g o"),
        ([(SPLIT, "f, i, g, o = np.split")], r"i and f have changed places"),
        ([(SPLIT, "o, g, f, i = np.split")], r"as o g f i"),
        ([("return h, c", "return c, h")], r"return h first"),
        ([("return h, c", "return h")], r"two arrays: `h` and `c`"),
        ([("return h, c", "return h, c[0]")], r"`c` has shape"),
        ([("return h, c", "return h, c + 1")], r"`c` has the right shape"),
        ([(CELL, "c *= f\n    c += i * np.tanh(g)")], r"argument `c` in place"),
        ([("np.tanh(g)", "g"), (STATE, "h = o * c")], r"both tanh are missing"),
        ([("np.tanh(g)", "np.maximum(g, 0)")], r"relu lets it be positive only"),
        ([(GATES, "i, f, o = (sigmoid(sigmoid(v)) for v in (i, f, o))")],
         r"yours go through two"),
        ([(STATE, "h = sigmoid(o) * np.tanh(c)")], r"o goes through one σ"),
        ([(STATE, "h = (1 - o) * np.tanh(c)")], r"you show \(1 - o\)"),
        ([("i * np", "(1 - i) * np")], r"you store \(1 - i\)"),
        ([("i * np.tanh(g)", "i * np.tanh(g) * o")], r"put it to what is stored"),
        ([("np.tanh(g)", "np.tanh(g + c)")], r"you added the old cell to it"),
        ([("return h, c", "return c, c")], r"new cell for h, too"),
        ([(CELL, "new = f * c + i * np.tanh(g)"), (STATE, "h = o * np.tanh(new)")],
         r"the old one, unchanged"),
        ([("+ b_h ", "+ 2 * b_h ")], r"in the sum twice"),
        ([("h @ W_hh", "h[0] @ W_hh")], r"that of row 0"),
        ([("return h, c", "return np.concatenate([h, c], axis=1)")], r"two arrays"),
        ([("return h, c", "return {'h': h, 'c': c}")], r"two arrays"),
    ],
    "05.3": [
        ([("dc = dc_next + dh", "dc = dh")], r"from the later steps is not carried on"),
        ([("dc = dc_next + dh * o * (1 - tanh_c**2)", "dc = dc_next")],
         r"c is read by h too"),
        ([(" * (1 - tanh_c**2)", "")], r"slope of the tanh around c is missing"),
        ([("1 - tanh_c**2", "1 - c**2")], r"1 - c\*\*2; c is not a tanh"),
        ([("1 - tanh_c**2", "1 - np.tanh(c_prev)**2")], r"new cell c, not of c_prev"),
        ([("np.tanh(c)", "np.tanh(c_prev)")], r"you took that of c_prev"),
        ([("dh * o * (1", "dh * (1")], r"o is missing"),
        ([("dc_next + dh * o *", "(dc_next + dh) * o *")],
         r"multiply `dc_next` by o and the slope, too"),
        ([("return", "dc_prev = dc\n    return"), ("dc * f\n", "dc_prev\n")],
         r"what the step kept"),
        ([(", dc * f\n", ", dc_next * f\n")],
         r"the one that was handed in"),
        ([(", dc * f\n", ", dc * i\n")], r"you took i"),
        ([(", dc * f\n", ", dc * (1 - f)\n")], r"you took 1 - f"),
        ([(", dc * f\n", ", dc * f * (1 - f)\n")], r"slope of f belongs to da"),
        ([(", dc * f\n", ", dc * c_prev\n")], r"went on into the gate"),
        ([("dc * c_prev * f", "dc * c * f")], r"old cell c_prev; you took the new"),
        ([("dc * g * i", "dc * c_prev * i")], r"what i multiplied is g"),
        ([("dc * i * (1 - g", "dc * (1 - g")], r"g was multiplied by i"),
        ([("dc * g * i", "dc * i * i"), ("dc * i * (1 - g", "dc * g * (1 - g")],
         r"times its \*partner\*"),
        ([("dc = dc_next + dh", "dc = dc_next * f + dh"), (", dc * f\n", ", dc\n")],
         r"at this step's c already"),
        ([("1 - g**2", "1 - g")], r"you took 1 - g$"),
        ([("dc * g * i", "dc * i")], r"i was multiplied by g"),
        ([("dc * c_prev * f", "dc * f")], r"f was multiplied by c_prev"),
        ([("1 - g**2", "g * (1 - g)")], r"that of σ"),
        ([("1 - g**2", "1 - np.tanh(g)**2")], r"no second tanh"),
        ([(" * (1 - g**2)", "")], r"slope of g is missing"),
        ([("i * (1 - i)", "(1 - i**2)"), ("f * (1 - f)", "(1 - f**2)"),
          ("o * (1 - o)", "(1 - o**2)")], r"that of tanh"),
        ([(" * i * (1 - i)", ""), (" * f * (1 - f)", ""), (" * o * (1 - o)", "")],
         r"slopes of the three σ are missing"),
        ([(" * i * (1 - i)", ""), (" * f * (1 - f)", ""), (" * o * (1 - o)", ""),
          (" * (1 - g**2)", "")], r"gradient at the gates"),
        ([("i * (1 - i)", "sigmoid(i) * (1 - sigmoid(i))"),
          ("f * (1 - f)", "sigmoid(f) * (1 - sigmoid(f))"),
          ("o * (1 - o)", "sigmoid(o) * (1 - sigmoid(o))")], r"no second σ"),
        ([("dh * tanh_c * o", "dc * tanh_c * o")], r"you used dc"),
        ([("dh * tanh_c * o", "dh * c * o")], r"you took c itself"),
        ([("dh * tanh_c * o", "dh * o")], r"o was multiplied by tanh"),
        ([("[da_i, da_f, da_g, da_o]", "[da_i, da_f, da_o, da_g]")],
         r"joined the parts as i f o g"),
        ([("axis=1", "axis=0")], r"as rows"),
        ([("concatenate", "stack")], r"side by side"),
        ([("dc = dc_next + dh", "dc = dc_next\n    dc += dh")],
         r"argument `dc_next` in place"),
        ([("da_o]", "2 * da_o]")], r"the part of `da` that belongs to o has"),
        ([("return", "return dc * f,"), (", dc * f\n", "\n")], r"other way round"),
        ([("np.concatenate([da_i, da_f, da_g, da_o], axis=1)", "[[1], [2, 3]]")],
         r"`da` is not an array: its rows"),
        ([(", dc * f\n", "\n")], r"two arrays: `da` and `dc_prev`"),
        ([(", dc * f\n", ", dc * f + 1\n")], r"`dc_prev` has the right shape"),
        ([("tanh_c**2)", "tanh_c) ** 2")], r"you took \(1 - tanh\(c\)\)\*\*2"),
        ([("tanh_c**2)", "tanh_c)")], r"your square is missing"),
        ([(" * o * (1 - tanh_c**2)", "")], r"o and the slope 1 - tanh\(c\)\*\*2 are"),
        ([("dc_next + dh", "2 * dc_next + dh")], r"you add `dc_next` twice"),
        ([("dc * g * i", "dc * c_prev * i"), ("dc * c_prev * f", "dc * g * f")],
         r"i's is g, and f's is c_prev"),
        ([(", dc * f\n", ", dc * o\n")], r"you took o"),
        ([(", dc * f\n", ", dc * f + dh\n")], r"`dh` is in dc already"),
        ([(" * i * (1 - i)", "")], r"`da` of i has no slope"),
        ([(" * f * (1 - f)", "")], r"`da` of f has no slope"),
        ([(" * o * (1 - o)", "")], r"`da` of o has no slope"),
        ([("1 - g**2", "(1 - g) ** 2")], r"you took \(1 - g\)\*\*2"),
        ([("return np.concatenate([da_i, da_f, da_g, da_o], axis=1),",
           "return da_i, da_f, da_g, da_o,")], r"`da` is one array, \(B, 4H\)"),
    ],
    "05.6": [
        ([(MIX, "return z * n + (1 - z) * h")], r"z is swapped"),
        ([("r * hn", "(r * h) @ W_hh[:, 6:] + b_hh[6:]")], r"Cho et al"),
        ([("r * hn", "(r * h) @ W_hh[:, 6:] + b_hh[6:]"),
          (MIX, "return z * n + (1 - z) * h")], r"Chung et al"),
        ([("r * hn", "r * (hn - b_hh[6:]) + b_hh[6:]")], r"inside the reset"),
        ([("r * hn", "r * (hn - b_hh[6:])")], r"b_hn, the last third"),
        ([("r * hn", "r * h")], r"product with W_hn is missing"),
        ([("r * hn", "(1 - r) * hn")], r"multiply by 1 - r"),
        ([("sigmoid(xr + hr), sigmoid(xz + hz)", "sigmoid(xr), sigmoid(xz)"),
          (N, "r, z = r + sigmoid(hr), z + sigmoid(hz)\n"
              "    n = np.tanh(xn) + r * np.tanh(hn)")],
         r"not one around each part"),
        ([(" + b_hh", "")], r"bias `b_hh` is missing"),
        ([(" + b_xh", "")], r"bias `b_xh` is missing"),
        ([(" + b_xh", ""), (" + b_hh", "")], r"both biases"),
        ([("r * hn", "hn")], r"reset gate is missing"),
        ([("xn + r * hn", "r * (xn + hn)")], r"part of x too"),
        ([("r * hn", "z * hn")], r"reset by r"),
        ([(N, "n = sigmoid(xn + r * hn)")], r"tanh, not σ"),
        ([(N, "n = xn + r * hn")], r"n has no tanh"),
        ([("sigmoid(xr + hr), sigmoid(xz + hz)", "np.tanh(xr + hr), np.tanh(xz + hz)")],
         r"used tanh"),
        ([(MIX, "return n")], r"this is the candidate"),
        ([("(1 - z) * n", "n")], r"add n whole"),
        ([("z * h", "h")], r"keep h whole"),
        ([(MIX, "return np.tanh((1 - z) * n + z * h)")], r"no tanh around the mix"),
        ([("xr, xz, xn", "xz, xr, xn"), ("hr, hz, hn", "hz, hr, hn")], r"as z r n"),
        ([(MIX, "return z * n + z * h")], r"you gave z to both"),
        ([("z * h", "z * r * h")], r"whole old state"),
        ([("r * hn", "hn"), ("z * h", "z * r * h")], r"put it to the mix"),
        ([(MIX, "return h, n")], r"you return 2 results"),
        ([(MIX, "return 2 * n")], r"wrong values"),
        ([(" + b_xh", " + b_xh + b_hh")], r"added it to x's sum too"),
        ([(" + b_xh", ""), ("+ b_hh", "+ b_hh + b_xh")], r"`b_xh` belongs to x's sum"),
        ([("x @ W_xh", "0 * x @ W_xh")], r"x does nothing"),
        ([("h @ W_hh", "0 * h @ W_hh")], r"h does nothing"),
        ([("x @ W_xh", "x @ W_hh"), ("h @ W_hh", "h @ W_xh")], r"matrices are swapped"),
        ([("xn + r * hn", "r * hn")], r"x has no part in n"),
        ([("xn + r * hn", "xn")], r"h has no part in n"),
        ([(N, "n = r * np.tanh(xn + hn)")], r"you put it outside"),
        ([(MIX, "return (1 - z) * (n + h)")], r"gave 1 - z to both"),
        ([(MIX, "return n + h")], r"add n and h whole"),
        ([(MIX, "return (1 - z) @ n + z @ h")], r"multiplied matrices"),
        ([("z * h", "z * np.tanh(h)")], r"you took its tanh"),
        ([("np.split(x @ W_xh + b_xh, 3, axis=1)",
           "(x @ W_xh + b_xh).reshape(3, *h.shape)"),
          ("np.split(h @ W_hh + b_hh, 3, axis=1)",
           "(h @ W_hh + b_hh).reshape(3, *h.shape)")], r"across the rows"),
        ([("np.split(x @ W_xh + b_xh, 3, axis=1)",
           "((x @ W_xh + b_xh)[:, k::3] for k in range(3))"),
          ("np.split(h @ W_hh + b_hh, 3, axis=1)",
           "((h @ W_hh + b_hh)[:, k::3] for k in range(3))")], r"every third"),
        ([(MIX, "h = (1 - z) * n + z * h\n    return h, z")], r"the new h alone"),
    ],
    "05.7": [
        ([("2 * H", "H")], r"torch has two"),
        ([(" + 2 * H", "")], r"biases are missing"),
        ([(" + H * H", "")], r"matrix from the state"),
        ([("D * H + ", "")], r"matrix from the input, \(D, H\), is missing"),
        ([("D * H", "D * D")], r"not \(D, D\)"),
        ([("gates * (D * H + H * H + 2 * H)", "D * H + gates * (H * H + 2 * H)")],
         r"one matrix for x"),
        ([("gates * (D * H + H * H + 2 * H)", "H * H + gates * (D * H + 2 * H)")],
         r"one matrix for h"),
        ([("gates * (D * H + H * H + 2 * H)", "2 * H + gates * (D * H + H * H)")],
         r"two biases in all"),
        ([("2 * H)", "2 * H) + H")], r"no parameter"),
        ([("gates * (D * H + H * H + 2 * H)", "2 * gates * (D * H + H * H + H)")],
         r"you doubled them too"),
        ([("2 * H)", "2)")], r"a bias has H numbers"),
        ([('"lstm": 4', '"lstm": 3')], r"count 3 of them; the LSTM has 4"),
        ([('"gru": 3', '"gru": 4')], r"count 4 of them; the GRU has 3"),
        ([('"gru": 3', '"gru": 2')], r"count 2 of them; the GRU has 3"),
        ([("2 * H)", "2 * H) + 1")], r"the count for \"rnn\", 5, 9 is"),
        ([("2 * H)", "H + D)")], r"also the one beside the matrix for x"),
        ([("2 * H)", "2 * H) + 3 * H * (gates == 4)")], r"no peepholes"),
    ],
    "05.5": [
        ([("np.log(f / (1 - f))", "f")], r"this is f itself"),
        ([("0.5 ** (1 / T)", "np.exp(-1 / T)")], r"keeps 1/e"),
        ([("np.log(f / (1 - f))", "np.log(T - 1)")], r"log\(T - 1\)"),
        ([("np.log(f / (1 - f))", "np.log(T)")], r"log T makes"),
        ([("np.log(f / (1 - f))", "np.log(T / np.log(2))")], r"close, not equal"),
        ([("f / (1 - f)", "(1 - f) / f")], r"the sign"),
        ([("0.5 ** (1 / T)", "1 - 0.5 / T")], r"share of what is \*left\*"),
        ([("0.5 ** (1 / T)", "0.5**T")], r"T-th root"),
        ([("f / (1 - f)", "f")], r"this is log f"),
        ([("np.log(f / (1 - f))", "sigmoid(f)")], r"you need the inverse"),
        ([("np.log(f / (1 - f))", "np.arctanh(f)")], r"inverse of tanh"),
        ([("np.log(f", "np.log2(f")], r"base 2"),
        ([("np.log(f", "np.log10(f")], r"base 10"),
        ([("np.log(f / (1 - f))", "f / (1 - f)")], r"logarithm is missing"),
        ([("np.log(f / (1 - f))", "1.0")], r"leaves a share of 0.112 .* should be 0.5"),
        ([("np.log(f / (1 - f))", "np.ones(2)")], r"shape"),
        ([("np.log(f / (1 - f))", "round(np.log(f / (1 - f)), 3)")],
         r"share of 0\.\d{4,} .* should be 0.5$"),
        ([("np.log(f / (1 - f))", "np.log(f / (1 - f)) if T > 1 else np.nan")],
         r"for T = 1 your result contains nan"),
        ([("f / (1 - f)", "np.round(f / 1 - f, 9)")], r"brackets"),
    ],
    "05.8": [
        ([("], H)", "], H * num_layers)")], r"top layer's h alone"),
        ([("x_shape[:2], H)", "x_shape[:2], 4 * H)")], r"not the gates"),
        ([("x_shape[:2], H)", "x_shape,)")], r"not D"),
        ([("*x_shape[:2]", "x_shape[1], x_shape[0]")], r"as they came"),
        ([("*x_shape[:2]", "B")], r"every step of the top layer"),
        ([("*x_shape[:2]", "num_layers, *x_shape[:2]")], r"no axis for the layers"),
        ([("x_shape[0] if", "x_shape[1] if")], r"other axis of x"),
        ([("B = x_shape[0] if batch_first else x_shape[1]", "B = x_shape[0]")],
         r"batch_first=False.*other axis of x"),
        ([("output, (num_layers, B, H)", "output, (B, num_layers, H)")],
         r"`h_n` stays \(num_layers, B, H\)"),
        ([("output, (num_layers, B, H)", "output, (1, B, H)")], r"\*every\* layer"),
        ([("output, (num_layers, B, H)", "output, (B, H)")], r"axis for the layers"),
        ([("output, (num_layers, B, H)", "output, output")], r"after the last step"),
        ([("output, (num_layers, B, H)",
           "output, (num_layers, B, H) if num_layers > 1 else (B, H)")],
         r"LSTM\(4, 7, 1.*an axis for the layers, even for one"),
        ([(", (num_layers, B, H)\n", ", (num_layers, B, 4 * H)\n")], r"`c_n` has H"),
        ([(", (num_layers, B, H)\n", "\n")], r"three shapes"),
        ([("return output", "return 3")], r"`output` is 3; give a shape"),
        ([("return output", "return (0.5, 1)")], r"whole numbers"),
        ([("return output", "return (1, 1)")], r"is \(5, 64, 20\), not \(1, 1"),
        ([("output, (num_layers, B, H)", "output, (B, H, num_layers)")],
         r"layers first: \(num_layers, B, H\)"),
        ([("output, (num_layers, B, H)", "output, (num_layers, H, B)")],
         r"H numbers in it"),
        ([("output, (num_layers, B, H)", "output, (num_layers, B, 2 * H)")],
         r"one of two, h and c"),
        ([("output, (num_layers, B, H)", "output, (2 * num_layers, B, H)")],
         r"reads in one direction"),
        ([("return output", "return str(output)")], r"is a str; give its shape"),
        ([("return output", "return np.zeros(output)")], r"a ndarray; give its shape"),
        ([("return output", "return (True, True, True)")], r"whole numbers"),
        ([("return output", "return (np.nan, 1, 1)")], r"whole numbers"),
    ],
    "05.4": [
        ([("columns = ", "columns = np.arange(4 * H)\n    _ = ")], r"nothing has"),
        ([('[order.index(gate) for gate in "ifgo"]',
           '["ifgo".index(gate) for gate in order]')], r"you need the way back"),
        ([("columns = ", "columns = blocks\n    _ = ")], r"one column a gate"),
        ([("b_h[columns]", "b_h")], r"bias has not moved"),
        ([("W_hh[:, columns]", "W_hh")], r"W_hh has not moved"),
        ([("W_xh[:, columns]", "W_xh")], r"W_xh has not moved"),
        ([('[order.index(gate) for gate in "ifgo"]', "[0, 1, 3, 2]")],
         r"whatever `order` says"),
        ([("W_xh[:, columns].T", "W_xh[:, columns]")], r"transposes"),
        ([("W_hh[:, columns].T", "W_hh[:, columns]")], r"transposes"),
        ([("W_xh[:, columns].T", "W_xh[:, columns].reshape(4 * H, -1)")],
         r"weight_ih`: `reshape` does not"),
        ([("W_hh[:, columns].T", "W_hh[:, columns].reshape(4 * H, -1)")],
         r"weight_hh`: `reshape` does not"),
        ([("b_h[columns]\n", "b_h[columns], b_h\n")], r"three arrays"),
        ([("b_h[columns]", "2 * b_h[columns]")], r"with order \"ifog\", `bias`"),
        ([("order.index(gate) for gate in \"ifgo\"", "3, 2, 1, 0")], r"turn the four"),
        ([('order.index(gate) for gate in "ifgo"', "*np.argsort(list(order))")],
         r"sorted the blocks by their letters"),
        ([("np.arange(k * H, (k + 1) * H)", "np.arange(k, 4 * H, 4)")],
         r"you took every fourth"),
        ([("b_h[columns]", "b_h[np.argsort(columns)]")], r"bias went the other way"),
        ([("W_xh[:, columns].T", "[[1], [2, 3]]")], r"weight_ih is not an array: its"),
    ],
}  # fmt: skip


WRONG = {
    id: [(edited(id, *changes), words) for changes, words in pairs]
    for id, pairs in sorted(WRONG_EDITS.items())
}


# --- other right answers -------------------------------------------------------------


def skip_by_tanh(x, h, W, U, b):
    return x * (np.tanh((x @ W + h @ U + b) / 2) + 1) / 2


def skip_row_by_row(x, h, W, U, b):
    sums = ([*x[k] @ W + h[k] @ U + b] for k in range(len(x)))
    gates = [[1 / (1 + np.exp(-a)) for a in row] for row in sums]
    return [[float(g) * v for g, v in zip(*pair)] for pair in zip(gates, x)]  # noqa: B905


def skip_of_both(x, h, W, U, b):
    x, h, W, U, b = map(torch.tensor, (x, h, W, U, b))
    return x * torch.sigmoid(torch.hstack([x, h]) @ torch.vstack([W, U]) + b)


def step_by_torch(x, h, c, W_xh, W_hh, b_h):
    D, H = W_xh.shape[0], W_hh.shape[0]
    cell = torch_cell("LSTMCell", D, H, W_xh, W_hh, b_h, 0 * b_h).float()
    x, h, c = (torch.tensor(v).float() for v in (x, h, c))
    return cell(x, (h, c))


def step_stacked(*args):
    return np.stack(REFERENCE["05.2"](*args))


def step_in_tensors_stacked(*args):
    return torch.tensor(step_stacked(*args))


def step_row_by_row(x, h, c, W_xh, W_hh, b_h):
    hs, cs = [], []
    for k in range(len(x)):
        i, f, g, o = (x[k] @ W_xh + h[k] @ W_hh + b_h).reshape(4, -1)
        cs.append(sigmoid(f) * c[k] + sigmoid(i) * np.tanh(g))
        hs.append(sigmoid(o) * np.tanh(cs[-1]))
    return hs, cs


def step_by_slices(x, h, c, W_xh, W_hh, b_h):
    """Gate by gate, as [x, h] in one matrix."""
    H = h.shape[1]
    W = np.concatenate([W_xh, W_hh])
    a = np.concatenate([x, h], axis=1) @ W + b_h
    i, f, o = (sigmoid(a[:, k * H : (k + 1) * H]) for k in (0, 1, 3))
    new = i * np.tanh(a[:, 2 * H : 3 * H]) + f * c
    return [o * np.tanh(new), new]


def back_by_h(dh, dc_next, i, f, g, o, c_prev, c):
    """With h = o tanh(c) computed again, and each slope multiplied out."""
    h = o * np.tanh(c)
    dc = dc_next + dh * o / np.cosh(c) ** 2
    da = dc * (i - i * i) * g, dc * (f - f * f) * c_prev, dc * (i - i * g * g)
    return np.hstack([*da, dh * h * (1 - o)]).tolist(), (f * dc).tolist()


def back_by_autograd(dh, dc_next, i, f, g, o, c_prev, c):
    logit = np.log
    before = [logit(v / (1 - v)) for v in (i, f, o)]
    before.insert(2, np.arctanh(g))
    a = [torch.tensor(v, requires_grad=True) for v in (*before, c_prev)]
    cell = a[1].sigmoid() * a[4] + a[0].sigmoid() * a[2].tanh()
    told = a[3].sigmoid() * cell.tanh() * torch.tensor(dh) + cell * torch.tensor(
        dc_next
    )
    told.sum().backward()
    return torch.cat([v.grad for v in a[:4]], 1), a[4].grad


def gru_by_gate(x, h, W_xh, W_hh, b_xh, b_hh):
    H = h.shape[1]
    at = [slice(k * H, (k + 1) * H) for k in range(3)]
    r, z = (
        sigmoid(x @ W_xh[:, k] + h @ W_hh[:, k] + b_xh[k] + b_hh[k]) for k in at[:2]
    )
    n = np.tanh(
        x @ W_xh[:, at[2]] + b_xh[at[2]] + r * (h @ W_hh[:, at[2]] + b_hh[at[2]])
    )
    return n + z * (h - n)


def gru_by_torch(x, h, W_xh, W_hh, b_xh, b_hh):
    cell = torch_cell("GRUCell", len(W_xh), len(W_hh), W_xh, W_hh, b_xh, b_hh)
    return cell.float()(torch.tensor(x).float(), torch.tensor(h).float())


def count_of_the_cell(cell, D, H):
    net = getattr(torch.nn, f"{cell.upper()}Cell")(D, H)
    return torch.tensor([p.numel() for p in net.parameters()]).sum()


def count_by_torch(cell, D, H):
    net = {"rnn": torch.nn.RNN, "gru": torch.nn.GRU, "lstm": torch.nn.LSTM}[cell](D, H)
    return sum(p.numel() for p in net.parameters())


def shapes_by_torch(x_shape, H, num_layers, batch_first):
    net = torch.nn.LSTM(x_shape[2], H, num_layers, batch_first=batch_first)
    output, (h_n, c_n) = net(torch.zeros(x_shape))
    return output.shape, h_n.shape, c_n.shape


def shapes_as_an_array(*args):
    return np.array(REFERENCE["05.8"](*args))


def shapes_as_tensors(*args):
    return [torch.tensor(shape) for shape in REFERENCE["05.8"](*args)]


def shapes_as_torch_nests_them(*args):
    output, h_n, c_n = REFERENCE["05.8"](*args)
    return output, (h_n, c_n)


def bias_by_halving(T):
    """The root, by bisection."""
    low, high = -20.0, 20.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if sigmoid(middle) ** T < 0.5 else (low, middle)
    return low


def bias_in_float32(T):
    return torch.logit(torch.tensor(0.5) ** (1 / T))


def moved_by_reshape(W_xh, W_hh, b_h, order):
    blocks = [order.index(k) for k in "ifgo"]
    rows = [
        W.T.reshape(4, -1, len(W))[blocks].reshape(-1, len(W)) for W in (W_xh, W_hh)
    ]
    return *rows, b_h.reshape(4, -1)[blocks].ravel().tolist()


def moved_by_chunks(W_xh, W_hh, b_h, order):
    def move(W):
        chunks = torch.tensor(W).chunk(4, -1)
        return torch.cat([chunks[order.index(k)] for k in "ifgo"], -1)

    return torch.nn.Parameter(move(W_xh).T), move(W_hh).T, move(b_h)


def moved_by_blocks(W_xh, W_hh, b_h, order):
    def move(W):
        block = dict(zip(order, np.split(W, 4, axis=-1), strict=True))
        return np.concatenate([block[k].T for k in "ifgo"])

    return [torch.tensor(move(W)) for W in (W_xh, W_hh, b_h)]


RIGHT = {
    "05.1": [skip_by_tanh, skip_row_by_row, skip_of_both],
    "05.2": [
        step_by_slices,
        step_by_torch,
        step_stacked,
        step_in_tensors_stacked,
        step_row_by_row,
    ],
    "05.3": [back_by_autograd, back_by_h],
    "05.4": [moved_by_blocks, moved_by_reshape, moved_by_chunks],
    "05.5": [
        lambda T: -float(np.log(np.expm1(np.log(2) / T))),
        bias_by_halving,
        bias_in_float32,
    ],
    "05.6": [gru_by_gate, gru_by_torch],
    "05.7": [count_by_torch, count_of_the_cell],
    "05.8": [
        shapes_by_torch,
        shapes_as_an_array,
        shapes_as_tensors,
        shapes_as_torch_nests_them,
    ],
}


class TestCheckers(Checkers):
    lesson, right, wrong = "05", RIGHT, WRONG


def test_a_half_filled_shape_is_not_attempted():
    for blank in ((5, 64, ...), ...):
        with pytest.raises(NotAttempted):
            CHECKS["05.8"](lambda *args, blank=blank: (blank, (2, 64, 20), (2, 64, 20)))
