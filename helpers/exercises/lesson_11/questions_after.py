"""Exercises and predictions of lesson 11, sections 5 to 7: after recurrence."""

from __future__ import annotations

from helpers.exercises.engine.core import Exercise, Prediction
from helpers.exercises.lesson_11 import looking, recurring, sweeping

__all__ = ["EXERCISES", "PREDICTIONS"]

EXERCISES = [
    Exercise(
        id="11.5",
        title="Attention, one step at a time",
        check=looking.check_attend_step,
        reference=looking.attend_step,
        hints=(
            "A step may look at itself: its key and value belong to what it looks at.",
            "Scores first: one product with the query for each key, over √K. Then "
            "weights that add up to 1, then an average.",
            "`np.vstack` puts a row below a matrix, also below one of no rows. And exp "
            "of a large number overflows: what may be taken off all scores?",
        ),
    ),
    Exercise(
        id="11.6",
        title="The way back is a scan, too",
        check=recurring.check_way_back,
        reference=recurring.way_back,
        hints=(
            "A change of b_t is a change of h_t, just as large. So what does the loss "
            "feel of h_t: at step t itself, and through h_(t+1)?",
            "h_(t+1) = h_t a_(t+1) + b_(t+1): by which factor does a change of h_t "
            "arrive there?",
            "Start at the last step, of which nothing comes later, and go back.",
        ),
    ),
    Exercise(
        id="11.7",
        title="A cheaper sweep",
        check=sweeping.check_cheap_sweep,
        reference=sweeping.cheap_sweep,
        hints=(
            "f is one line: all steps at once, each from the guess of the state before "
            "it. tanh' can be had from f.",
            "The diagonal of J is a vector of H numbers for each step: the diagonal of "
            "W_hh times tanh'.",
            "new[t] − h[t] is how far the new state is from the guess; each unit hands "
            "it on by its own factor.",
        ),
    ),
    Exercise(
        id="11.8",
        title="Parity by a linear recurrence",
        check=recurring.check_linear_parity,
        reference=recurring.linear_parity,
        hints=(
            "What should become of h at a 0? And at a 1: of h = 0, and of h = 1?",
            "At a 1: 0 becomes 1 and 1 becomes 0. Which straight line goes through "
            "these two points?",
        ),
    ),
]

PREDICTIONS = [
    Prediction(
        id="11.p4",
        question="We shuffle the steps of a sequence and give it to self-attention "
        "without a mask. What becomes of the outputs?",
        options=(
            "they are other numbers: each step has other neighbours now",
            "the same numbers, shuffled in the same way",
            "nothing: the outputs stand where they stood",
        ),
        answer=1,
        feedback=(
            "Neighbours do not count: a step is compared with all others, wherever "
            "they stand. What does a sum care for the order of its terms?",
            "Each output is a sum over all steps, and a sum knows no order. Attention "
            "alone cannot tell a sentence from its words in a bag.",
            "Each output belongs to the step that asked, and that one has moved.",
        ),
    ),
    Prediction(
        id="11.p5",
        question="A tanh RNN of 1,000 steps; its recurrent weights are a rotation. We "
        "guess all states (zeros). A sweep improves all of them at once, by Newton's "
        "method. After how many sweeps are all 1,000 states right to ten digits?",
        options=("about 6", "about 100", "1,000: each sweep puts one more step right"),
        answer=0,
        feedback=(
            "Errors at the start fade on their way through time, as gradients do "
            "(lesson 04); so every step can be put right at nearly the same time.",
            "It would be so if errors lasted long. What did tanh and a rotation do to "
            "a gradient in lesson 04?",
            "That is what is certain, and the worst case. But if an error in h_1 has "
            "faded after some steps, later states need not wait for it.",
        ),
    ),
    Prediction(
        id="11.p6",
        question="Is the number of ones so far odd? Four nets learn it on up to 32 "
        "bits, and are then given 256. Which are still right?",
        options=(
            "the LSTM alone",
            "the LSTM and minGRU: both have a state that they carry on",
            "attention alone: it sees all bits at once",
            "all that had learnt it on 32",
        ),
        answer=0,
        feedback=(
            "It turns its state over at each one, by a nonlinear step; that works as "
            "well at step 256 as at step 3.",
            "Both carry a state. But minGRU multiplies the old one by a factor "
            "between 0 and 1: it fades, and never turns over.",
            "It sees all bits, as an average. How well does an average of 256 bits "
            "tell 128 ones from 129?",
            "The convolution learns 32 bits with hardly an error. What does it hear of "
            "256?",
        ),
    ),
    Prediction(
        id="11.p7",
        question="Pairs of a key and a value go by, then keys are asked for. Four nets "
        "learn it with up to 4 pairs. Which makes hardly an error with 8?",
        options=(
            "the LSTM and minGRU: their gates keep what they are told to keep",
            "the convolution: it has all pairs in its window",
            "attention: it compares the question with every key",
        ),
        answer=2,
        feedback=(
            "They could. But a fixed state has to learn a place for each key, to write "
            "there and to read there; see how far they came.",
            "It hears all of them. It would have to learn which step to copy from, and "
            "a pair may stand at any.",
            "Comparing a question with keys is what it is made of, and two keys or "
            "eight make no difference. The others have to learn it key by key.",
        ),
    ),
]
