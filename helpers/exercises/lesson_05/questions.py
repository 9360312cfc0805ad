"""Exercises and predictions of lesson 05: what if a net could decide what to keep?"""

from __future__ import annotations

from helpers.exercises.engine.core import Exercise, Prediction
from helpers.exercises.lesson_05 import backward, gru, sizes, skip, steps, weights

__all__ = ["EXERCISES", "PREDICTIONS"]

EXERCISES = [
    Exercise(
        id="05.1",
        title="A soft, learned skip",
        check=skip.check_gated_skip,
        reference=skip.gated_skip,
        hints=(
            "First the sum that the gate sees: one product with x, one with h, a bias.",
            "σ(a) = 1 / (1 + exp(-a)) turns each number of it into a share.",
            "x and the gate have the same shape: multiply entry by entry.",
        ),
    ),
    Exercise(
        id="05.2",
        title="One step of an LSTM",
        check=steps.check_lstm_step,
        reference=steps.lstm_step,
        hints=(
            "One product with x and one with h give all four blocks at once, (B, 4H); "
            "np.split(a, 4, axis=1) cuts them apart.",
            "Three of the four are shares between 0 and 1. Which one is what is to be "
            "stored, and may be negative?",
            "The new cell: what f keeps of the old one, plus what i stores of g. Then "
            "o decides what of the new cell's tanh is shown.",
        ),
    ),
    Exercise(
        id="05.3",
        title="One step back",
        check=backward.check_lstm_step_back,
        reference=backward.lstm_step_back,
        hints=(
            "c is used twice: by the next step, which hands you `dc_next`, and by "
            "this step's h. Add up both before you go on: that is dc.",
            "c = f * c_prev + i * g: the gradient at each of the four factors is dc "
            "times its partner. o's partner is tanh(c), and its gradient is dh's.",
            "`da` lies before σ and tanh. From the values that are saved: the slope of "
            "σ is i * (1 - i), that of tanh is 1 - g**2.",
            "`dc = dc_next + …` makes a new array; `+=` would alter your caller's.",
        ),
    ),
    Exercise(
        id="05.4",
        title="Weights from elsewhere",
        check=weights.check_to_torch,
        reference=weights.to_torch,
        hints=(
            "order.index(gate) tells in which block of H columns a gate stands.",
            "The first H columns of the result are i's, the next H are f's, then g, o.",
            "W[:, columns] with a list of 4H numbers picks columns in that order. The "
            "bias has the same blocks.",
            "At the end: torch keeps the transposes.",
        ),
    ),
    Exercise(
        id="05.5",
        title="A bias for a half-life",
        check=sizes.check_forget_bias,
        reference=sizes.forget_bias,
        hints=(
            "With i = 0, what is left of c after two steps? After T?",
            "Solve f ** T = 1/2 for f. For T = 2 it is 0.707.",
            "Then solve σ(b) = f for b: f / (1 - f) is exp(b).",
        ),
    ),
    Exercise(
        id="05.6",
        title="One step of a GRU, as torch has it",
        check=gru.check_gru_step,
        reference=gru.gru_step,
        hints=(
            "Keep the sums of x and of h apart, each with its own bias, and cut both "
            "in three: r, z, n.",
            "For r and z add the two parts, then σ. For n, r multiplies the part of h "
            "before the two are added.",
            "What should z = 1 do here: keep the old state, or take the new one?",
        ),
    ),
    Exercise(
        id="05.7",
        title="Count the parameters",
        check=sizes.check_count,
        reference=sizes.count_parameters,
        hints=(
            "How many blocks of H columns has W_xh in each of the three cells?",
            "A block needs a matrix for x, a matrix for h, and its biases.",
            "Print {k: tuple(p.shape) for k, p in nn.GRU(5, 7).named_parameters()}.",
        ),
    ),
    Exercise(
        id="05.8",
        title="Which shapes come out?",
        check=sizes.check_shapes,
        reference=sizes.lstm_shapes,
        hints=(
            "`output` holds the top layer's h at every step.",
            "`h_n` and `c_n` hold every layer after the last step.",
            "Which of the three are moved by `batch_first`? Ask torch for one case.",
        ),
    ),
]

PREDICTIONS = [
    Prediction(
        id="05.p1",
        question="A cell holds c = 0.7. In the next 100 steps nothing is stored, and "
        "its forget gate is almost open: f = 0.99. What does it hold then?",
        options=(
            "about 0.69: a hundredth is lost",
            "about 0.25",
            "next to nothing: 100 steps are long",
        ),
        answer=1,
        feedback=(
            "A hundredth is lost at *each* step, a hundred times: 0.7 · 0.99 to the "
            "100th, which is 0.26. Only f = 1 loses nothing.",
            "0.7 · 0.99 to the 100th is 0.26, 1/e of it. Nearly open is not open.",
            "With f = 0.9 it would be so. 0.99 to the 100th is about 1/e, 0.37.",
        ),
    ),
    Prediction(
        id="05.p2",
        question="Some notes put a σ around the new cell: c = σ(f · c_prev + i · g). "
        "Let f be 1. How much of the gradient at c_100 is left at c_0, back along "
        "the cell?",
        options=(
            "all of it: f = 1 keeps everything",
            "about a hundredth",
            "less than one part in 10 to the 60th",
        ),
        answer=2,
        feedback=(
            "So it is without that σ. With it, each step also multiplies by a slope of "
            "σ, and that is at most 1/4.",
            "A hundredth is left after four steps at the latest: each multiplies by "
            "at most 1/4.",
            "The slope of σ is at most 1/4, and 1/4 to the 100th is 6 · 10 to the "
            "-61st. One σ in the wrong place, and the highway is closed.",
        ),
    ),
    Prediction(
        id="05.p3",
        question="The state of a GRU starts at 0. Can it ever be 2, as an LSTM's cell "
        "can when it counts?",
        options=(
            "yes: if z stays near 1, what comes in adds up",
            "yes: if the weights are large enough",
            "no",
        ),
        answer=2,
        feedback=(
            "z = 1 keeps the old state and takes 0 of the new: nothing is added.",
            "Large weights drive n to ±1, no further: it is a tanh.",
            "The new state lies between the old one and n, and n is a tanh: nothing "
            "leads out of (-1, 1).",
        ),
    ),
    Prediction(
        id="05.p4",
        question="You have the trained weights of a GRU of the one kind, and code for "
        "the other. Two things differ: which of z and 1 - z keeps, and whether r "
        "multiplies h before or after its product. Can you change the numbers in the "
        "weights so that the other code computes the same?",
        options=(
            "yes, for both differences",
            "for z, not for r",
            "for r, not for z",
            "for neither",
        ),
        answer=1,
        feedback=(
            "For z, yes. For r: in (r * h) @ W each unit's own r stands in the sum, in "
            "r * (h @ W) one r stands before it. No W makes the one of the other.",
            "1 - σ(a) is σ(-a), so z takes another sign. But (r * h) @ W has each "
            "unit's r inside the sum, r * (h @ W) has one outside.",
            "1 - σ(a) is σ(-a): z asks for another sign, no more. And r inside a sum "
            "is not r outside it.",
            "z can: 1 - σ(a) is σ(-a), so its weights and biases take another sign.",
        ),
    ),
    Prediction(
        id="05.p5",
        question="Recall a symbol after 50 steps of noise. Which net learns it in the "
        "fewest steps? All have as many parameters.",
        options=(
            "the tanh RNN that starts as a random rotation",
            "the LSTM, with torch's own first weights",
            "the LSTM, with chrono's first biases",
            "the GRU, with torch's own first weights",
        ),
        answer=0,
        feedback=(
            "It has what this task needs from the start: it keeps everything. There is "
            "nothing to select, so a gate has nothing to add.",
            "Its forget gates start half open and lose half of the cell at each step: "
            "from 50 steps back there is nothing to learn from.",
            "It does learn it, as some of its units start with a memory that long; but "
            "the rotation is faster.",
            "Its z starts near 1/2, so half of its state is lost at each step. With a "
            "high learning rate it gets there, after a thousand steps.",
        ),
    ),
]
