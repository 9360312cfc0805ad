"""Exercises and predictions of lesson 04: why does an RNN forget?"""

from __future__ import annotations

from helpers.exercises.engine.core import Exercise, Prediction
from helpers.exercises.lesson_04 import chains, clipping, matrices, training

__all__ = ["EXERCISES", "PREDICTIONS"]

EXERCISES = [
    Exercise(
        id="04.1",
        title="Choose the spectral radius",
        check=matrices.check_rescale,
        reference=matrices.rescale,
        hints=(
            "If you multiply W by c, what happens to each of its eigenvalues?",
            "np.linalg.eigvals(W) gives them; they may be negative or complex, and the "
            "radius is the largest absolute value.",
            "First bring the radius to 1, then to `radius`.",
        ),
    ),
    Exercise(
        id="04.2",
        title="The chain of Jacobians",
        check=chains.check_chain,
        reference=chains.chain,
        hints=(
            "Start with np.eye(H), and let one matrix after the other join it.",
            "The matrix of a step is W_hh with column j multiplied by the slope of "
            "unit j: W_hh * slope does that.",
            "The slope belongs to the state the step ends in: hs[1] for the first.",
        ),
    ),
    Exercise(
        id="04.3",
        title="How far does it reach?",
        check=matrices.check_reach,
        reference=matrices.reach,
        hints=(
            "Which number must each norm be compared with?",
            "Walk from lag 0 and stop at the first norm that is too small.",
            "What is the answer if that never happens?",
        ),
    ),
    Exercise(
        id="04.4",
        title="A random rotation",
        check=matrices.check_orthogonal,
        reference=matrices.orthogonal,
        hints=(
            "Orthogonal: the rows have length 1 and stand at right angles, so W @ W.T "
            "is the identity.",
            "Draw any square matrix with `rng.normal`; which decomposition turns it "
            "into a rotation and a triangle?",
            "np.linalg.qr returns two matrices. One is the rotation.",
        ),
    ),
    Exercise(
        id="04.5",
        title="Clip by the global norm",
        check=clipping.check_clip,
        reference=clipping.clip,
        hints=(
            "All arrays together are one long vector. What is its length?",
            "A vector longer than the threshold is multiplied by one number; a shorter "
            "one is left alone.",
            "What happens in your code when all gradients are 0?",
        ),
    ),
    Exercise(
        id="04.6",
        title="Three bugs, one plot",
        check=clipping.check_diagnosis,
        reference=clipping.DIAGNOSIS,
        hints=(
            "Look at the right panel first: which run breaks the threshold, which "
            "stays at it, which stays far below?",
            "`backward` adds to the gradients that are already there. What if nobody "
            "takes them away?",
            "Divide by n² in place of n: does a long gradient become a long step?",
        ),
    ),
    Exercise(
        id="04.7",
        title="The right order",
        check=training.check_training_step,
        reference=training.training_step,
        hints=(
            "Four calls, one a line: zero_grad, backward, clip, step. Each needs what "
            "the one before has done.",
            "`loss.backward()` adds to every `p.grad`.",
            "torch.nn.utils.clip_grad_norm_ wants the parameters and the threshold; it "
            "changes every `p.grad` in place.",
        ),
    ),
]

PREDICTIONS = [
    Prediction(
        id="04.p1",
        question="Both eigenvalues of `W = [[0.9, 5], [0, 0.9]]` are 0.9. A vector "
        "v has length 1. What does the greatest length that `v @ W @ W @ …` can have "
        "do, step by step?",
        options=(
            "It shrinks from the first step on.",
            "It grows at first, and shrinks in the end.",
            "It grows without end: there is a 5 in W.",
        ),
        answer=1,
        feedback=(
            "Eigenvalues tell how fast it goes *in the end*. On the way the two "
            "directions feed each other: the norm of W is above 5.",
            "The 5 pushes the vector up for some steps; the two factors 0.9 win in the "
            "end, at the rate 0.9 a step.",
            "The 5 is used once along any path, the factors 0.9 at every other step: "
            "W to the k-th holds 5 · k · 0.9 to the (k - 1).",
        ),
    ),
    Prediction(
        id="04.p2",
        question="W_hh is 1.5 times a rotation, so W_hh alone makes every vector 1.5 "
        "times as long. Strong inputs keep the tanh units near -1 and 1. What is left "
        "of a gradient after 100 steps back?",
        options=(
            "1.5 to the 100th: it explodes.",
            "About as much as at the start.",
            "Next to nothing.",
        ),
        answer=2,
        feedback=(
            "That is what W_hh would do alone. Each step also multiplies by the slopes "
            "1 - h², and near -1 and 1 these are almost 0.",
            "The two would have to balance at every step; nothing makes them.",
            "The slopes 1 - h² are almost 0 at -1 and 1, and they win against 1.5. A "
            "norm above 1 makes explosion possible, not certain.",
        ),
    ),
    Prediction(
        id="04.p3",
        question="Five untrained networks read 100 steps. In which does the gradient "
        "reach furthest back?",
        options=(
            "the LSTM: it was made for it",
            "the GRU",
            "the tanh RNN whose W_hh is a random rotation",
            "the ReLU RNN whose W_hh is the identity",
        ),
        answer=3,
        feedback=(
            "Its gates start half open: each step keeps about half. Untrained, it "
            "forgets as fast as the plain RNN; lesson 05 shows what to do about it.",
            "Its gate starts half open as well, and each step loses about half.",
            "Close: a rotation loses nothing, but the slopes of tanh still take a "
            "little at each step.",
            "An active ReLU has slope 1, the identity has norm 1: nothing is lost on "
            "the way, at least for the units that are active.",
        ),
    ),
    Prediction(
        id="04.p4",
        question="A tanh RNN must name the symbol that it read T steps ago. The only "
        "thing that we change is the first W_hh: a random rotation instead of torch's "
        "own. How far does it get?",
        options=(
            "20 steps: that is what an RNN can do",
            "50 steps, with much patience",
            "100 steps and more",
        ),
        answer=2,
        feedback=(
            "That is the rule of thumb. It describes the default first weights.",
            "Further, and without patience: look at the number of steps.",
            "It does, and in fewer training steps than the default start takes for 20.",
        ),
    ),
    Prediction(
        id="04.p5",
        question="A wrong clip computes `n = sum(g * g)` without the root, and scales "
        "by `threshold / n`. The threshold is 5. A gradient of norm 100 comes. How "
        "long is the gradient after the clip?",
        options=("5", "0.5", "0.05"),
        answer=2,
        feedback=(
            "That is what the right clip would give: 100 · 5 / 100.",
            "Put the numbers in: n = 10,000, and 100 · 5 / 10,000 is 0.05.",
            "100 · 5 / 10,000 = 0.05. The larger the gradient, the smaller the step.",
        ),
    ),
]
