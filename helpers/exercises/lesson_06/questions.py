"""Exercises and predictions of lesson 06: what if it could also look ahead?"""

from __future__ import annotations

from helpers.exercises.engine.core import Exercise, Prediction
from helpers.exercises.lesson_06 import (
    depth,
    order,
    padding,
    paths,
    stacks,
    states,
)

__all__ = ["EXERCISES", "PREDICTIONS"]

EXERCISES = [
    Exercise(
        id="06.1",
        title="Turn a padded batch round",
        check=order.check_reverse,
        reference=order.turn_round,
        hints=(
            "Write it for one row first: which part of the row is turned, and which "
            "part stays?",
            "From a row's length n: step 0 comes from step n - 1, step 1 from n - 2. "
            "And step t?",
            "A loop over the rows on a copy of x will do. Without a loop: a (B, T) "
            "array of step numbers, and x[rows, steps].",
        ),
    ),
    Exercise(
        id="06.2",
        title="Both ways by hand",
        check=order.check_both_ways,
        reference=order.both_ways,
        hints=(
            "read_back is an ordinary reader from left to right. What must you give it "
            "so that it meets the last word first?",
            "Its answers come in the order in which it has read. To which word does "
            "its step 0 belong?",
            "`turn_round` (or `reverse`) twice, both times with the lengths; then the "
            "two halves side by side, along the last axis.",
        ),
    ),
    Exercise(
        id="06.3",
        title="Where each direction ends",
        check=states.check_both_ends,
        reference=states.both_ends,
        hints=(
            "output[b, t] holds two states: the first H numbers have read up to t, the "
            "other H have read down to t.",
            "Which word does the forward half of row b read last? And the backward "
            "half?",
            "output[torch.arange(B), steps] picks another step in each row.",
        ),
    ),
    Exercise(
        id="06.4",
        title="Find your layer in h_n",
        check=states.check_layer_state,
        reference=states.layer_state,
        hints=(
            "The rows of h_n: layer 0 forward, layer 0 backward, layer 1 forward, …",
            "How many rows are there for each layer, with and without `bidirectional`?",
            "torch.cat([a, b], dim=1) puts two (B, H) side by side.",
        ),
    ),
    Exercise(
        id="06.5",
        title="What does a layer cost?",
        check=depth.check_count_parameters,
        reference=depth.count_parameters,
        hints=(
            "Begin with one layer of one direction: four blocks, each with a matrix "
            "from what it reads, a matrix from the state, and two biases.",
            "What does the second layer read? And if the first has two directions?",
            "Go through the layers in a loop: only what a layer reads changes.",
        ),
    ),
    Exercise(
        id="06.6",
        title="A deep stack with shortcuts",
        check=stacks.check_residual_stack,
        reference=stacks.residual_stack,
        hints=(
            "Leave dropout out at first: h starts as x, and each layer adds its answer "
            "to the h that it has read.",
            "Only what a layer *reads* is dropped, and the first layer reads x whole. "
            "The h that its answer is added to stays whole.",
            "nn.functional.dropout(h, p, training) does nothing when training is "
            "False; without its third argument it always drops.",
        ),
    ),
    Exercise(
        id="06.7",
        title="Count the ways",
        check=paths.check_count_paths,
        reference=paths.count_paths,
        hints=(
            "One forward layer: output t can be reached from the steps 0 … t, in one "
            "way each. As a matrix that is np.tri(T).",
            "A bidirectional layer has both units at each step. How many ways lead "
            "from step s to step t = s, and how many to t > s?",
            "Through two layers: from s to some step u in the first, then from u to t "
            "in the second, summed over all u. Which product of matrices is that?",
        ),
    ),
    Exercise(
        id="06.8",
        title="A test that finds the leak",
        check=padding.check_padding_leaks,
        reference=padding.padding_leaks,
        hints=(
            "A row's answer must not depend on the rows beside it. What does the model "
            "say to the row alone, cut at its own length?",
            "x[b : b + 1, :n] is row b alone, with its batch axis and without padding.",
            "Compare with torch.allclose(…, atol=1e-5): sums in another order differ "
            "in the last digits.",
        ),
    ),
]

PREDICTIONS = [
    Prediction(
        id="06.p1",
        question="`nn.LSTM(10, 20, num_layers=4, bidirectional=True)` has read a "
        "batch. How many rows does `h_n` have along its first axis?",
        options=("2", "4", "8"),
        answer=2,
        feedback=(
            "Two would be one layer with two directions. Every layer keeps its last "
            "states.",
            "One for each layer, and each layer has two directions.",
            "Layers times directions, 4 · 2. Nothing is thrown away, although often "
            "only the top layer is used.",
        ),
    ),
    Prediction(
        id="06.p2",
        question="A bidirectional layer returns `output`, of shape (B, T, 2H). All "
        "rows are full. Where does the backward direction's last state stand?",
        options=("output[:, -1, H:]", "output[:, 0, H:]", "output[:, -1, :H]"),
        answer=1,
        feedback=(
            "That is its first state: the backward direction begins at the last "
            "word, and has read nothing else there.",
            "It runs from the last word to the first, and ends at step 0.",
            "That is the last state of the forward direction.",
        ),
    ),
    Prediction(
        id="06.p3",
        question="A sentence of 3 words stands in a batch that is 6 steps wide. We "
        "turn the whole row round for the backward pass, `x[:, ::-1]`. What does the "
        "backward direction read first?",
        options=(
            "the third word",
            "the first word",
            "three steps of padding",
        ),
        answer=2,
        feedback=(
            "It would be so if only the first 3 steps were turned. The row is turned "
            "with all that stands in it.",
            "That one comes last in both cases.",
            "The padding at the end now stands in front. The state has moved three "
            "times before the first word comes.",
        ),
    ),
    Prediction(
        id="06.p4",
        question="Two layers: the lower one reads forward, the upper one reads the "
        "lower one's states backward. On which inputs can the upper output at step 1 "
        "depend?",
        options=(
            "on the first only",
            "on all of them",
            "on all but the last",
        ),
        answer=1,
        feedback=(
            "The lower state at step 1 has read the first only; but the upper layer "
            "comes from the other end.",
            "The upper layer starts at the last step, where the lower one has read "
            "everything.",
            "The upper layer starts at the last step, and the lower state there has "
            "read the last input too.",
        ),
    ),
    Prediction(
        id="06.p5",
        question="Inputs of 64 numbers. Which has more parameters: one LSTM layer of "
        "128 units, or two layers of 64 units each?",
        options=("the wide one", "the deep one", "they have equally many"),
        answer=0,
        feedback=(
            "The matrix from state to state grows with the square of the width: "
            "128² against 2 · 64².",
            "Its second layer costs as much as its first. In the wide one the matrix "
            "from state to state has four times as many entries.",
            "They have equally many units, 128. Parameters go with the square of the "
            "width, and only with the number of layers.",
        ),
    ),
    Prediction(
        id="06.p6",
        question="A forward-only model fills the gap in `i am __ hungry`. We change "
        "the word after the gap. What do its probabilities do?",
        options=(
            "They stay the same, to the last digit.",
            "They change a little.",
            "They change as much as those of a bidirectional model.",
        ),
        answer=0,
        feedback=(
            "At the gap it has read `i am` and nothing else, so nothing can change.",
            "By what way? At the gap it has not yet read the word that we change.",
            "The bidirectional model has read what comes after; this one has not.",
        ),
    ),
    Prediction(
        id="06.p7",
        question="A bidirectional LSTM is trained to say at every step which "
        "character comes next. What does its training loss do?",
        options=(
            "It ends where that of a forward one ends.",
            "It ends a little lower: it sees more context.",
            "It falls to almost 0.",
        ),
        answer=2,
        feedback=(
            "It would, if it read only what stands before. The backward half reads "
            "the answer.",
            "Much lower: the next character is part of the context that it sees.",
            "The backward half has just read the next character, so it copies. When "
            "it is to write, there is nothing to copy from.",
        ),
    ),
]
