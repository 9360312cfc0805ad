"""Exercises and predictions of lesson 10: nobody tells us when."""

from __future__ import annotations

from helpers.exercises.engine.core import Exercise, Prediction
from helpers.exercises.lesson_10 import measures, paths, sums

__all__ = ["EXERCISES", "PREDICTIONS"]

EXERCISES = [
    Exercise(
        id="10.1",
        title="What does a path write?",
        check=paths.check_collapse,
        reference=paths.collapse,
        hints=(
            "Two things happen to a path. Try both orders on 1 0 1.",
            "Which frames are the first of their run? Those that differ from the one "
            "before. `itertools.groupby` knows them too.",
        ),
    ),
    Exercise(
        id="10.2",
        title="The same sum without logarithms",
        check=sums.check_log_prob,
        reference=sums.log_prob,
        hints=(
            "One vector a of S numbers, a step for every frame: stay, one on, two on, "
            "times what the frame gives to z_s.",
            "Two on is allowed where z_s is no blank and differs from z_(s-2): a mask "
            "that does not change from frame to frame.",
            "What you divide a by in one frame is missing in P: as a factor, or, in "
            "log P, as a term.",
        ),
    ),
    Exercise(
        id="10.3",
        title="What is each frame used for?",
        check=sums.check_occupancy,
        reference=sums.occupancy,
        hints=(
            "α times β at (t, s) is the probability of all paths through that place; "
            "divided by P, the share of them.",
            "Work with logarithms until the last moment: what is log of (α β / P)?",
            "Several places carry the same symbol, the blanks for one: their shares "
            "add up.",
        ),
    ),
    Exercise(
        id="10.4",
        title="Count the impossible first",
        check=paths.check_impossible,
        reference=paths.impossible,
        hints=(
            "How many outputs does a stride of 2 leave of 1, 2, 3 frames? 1, 1, 2.",
            "How many frames does a target need? Section 1 has the inequality.",
            "Padding is no symbol: look at the first sizes[b] ids of row b.",
        ),
    ),
    Exercise(
        id="10.5",
        title="Whose error is it?",
        check=measures.check_whose_error,
        reference=measures.whose_error,
        hints=(
            "Suppose that the true text had the higher score. Would a perfect search "
            "have said what was said?",
            "Three cases: nothing is wrong, a better search would help, or it would "
            "not.",
        ),
    ),
    Exercise(
        id="10.6",
        title="Character error rate",
        check=measures.check_error_rate,
        reference=measures.error_rate,
        hints=(
            "`sum(edits(a, b))` is the number of edits between two texts.",
            "A rate for all texts together: what stands above the line, what below?",
        ),
    ),
    Exercise(
        id="10.7",
        title="Where does a symbol begin?",
        check=paths.check_starts,
        reference=paths.starts,
        hints=(
            "A symbol begins where the frame is no blank and differs from the one "
            "before it.",
            "Frame 0 has none before it. And what of 1 0 1: one beginning, or two?",
        ),
    ),
]

PREDICTIONS = [
    Prediction(
        id="10.p1",
        question="Two frames. In each, blank has probability .6 and the letter a has "
        ".4. Which text is the most probable?",
        options=(
            "the empty one: blank wins in both frames",
            "a",
            "both are equally probable",
        ),
        answer=1,
        feedback=(
            "That is the most probable *path*, with .36. How many paths write a?",
            "Three paths write it: a a, a blank, blank a. Together .64, against .36.",
            "Add up: one path writes nothing, three write a.",
        ),
    ),
    Prediction(
        id="10.p2",
        question="At each frame t we add up α times β over all places s. How does the "
        "sum move with t?",
        options=(
            "it falls: the further the frame, the more factors below 1",
            "it rises, then falls: in the middle there are most places",
            "it stays the same",
        ),
        answer=2,
        feedback=(
            "α falls, as it gathers factors. And β, which is about the rest?",
            "There are more places, with less each. Every path is at exactly one "
            "place in frame t: what is the sum over the places, then?",
            "Every path is at exactly one place in frame t, so the sum over the places "
            "is the sum over all paths: P, in every frame.",
        ),
    ),
    Prediction(
        id="10.p3",
        question="A listener who hears nothing gives the same probabilities in every "
        "frame, blank most of all. Five letters of 27 (a to z and the space) cost "
        "5 ln 27 = 16.5 nats to guess. How small can CTC's loss become for such a "
        "listener, in a hundred frames?",
        options=(
            "some 330 nats: a hundred frames of ln 28 each",
            "a little above 16.5 nats",
            "well below 16.5 nats: so many paths are added up",
        ),
        answer=1,
        feedback=(
            "So much a single path costs if all outputs are equally probable. Blank in "
            "most frames costs far less, and very many paths write the same text.",
            "It can learn *how many* letters come, and lets blank win in all frames "
            "but about five. Which ones they are costs it the 16.5 nats.",
            "However many paths: who does not know which letters were sent spreads "
            "over all strings of five, and that alone is 16.5 nats.",
        ),
    ),
    Prediction(
        id="10.p4",
        question="The noise grows until it is much louder than the tone. Which errors "
        "make up the most of what a listener gets wrong?",
        options=(
            "deletions: it falls silent and writes blanks",
            "insertions: it hears letters in the noise",
            "substitutions: it writes other letters",
        ),
        answer=2,
        feedback=(
            "So might a net that had learnt to be careful in such noise; ours never "
            "met it. Look at the shares.",
            "There are some. Most dots and dashes are still noticed, wrongly.",
            "One dot lost or one dash too many, and the letter is another one: most "
            "letters keep their place and lose their name.",
        ),
    ),
    Prediction(
        id="10.p5",
        question="Three nets, equal but for their seed, all with hardly an error. A "
        "word ends with a pause of seven dots. How long after the pause has begun do "
        "they say so?",
        options=(
            "all after about the same time: they learnt the same thing",
            "after times that differ by some 200 ms",
            "all at the very end of the pause, when it is certain",
        ),
        answer=1,
        feedback=(
            "They learnt to write the same texts. What in the loss asks for a time?",
            "Any frame between its neighbours is as good to the loss as another; each "
            "net settles on one.",
            "Certain it is before that: after three dots it is longer than the pause "
            "between letters. And the loss does not ask for the latest moment either.",
        ),
    ),
    Prediction(
        id="10.p6",
        question="An LSTM with CTC hears eight symbols, three frames each. It reads "
        "both ways. Which orders does it learn to say?",
        options=(
            "only the same order: its paths run forward",
            "the same, and neighbours swapped; backwards never",
            "all three, backwards least well",
        ),
        answer=2,
        feedback=(
            "The paths run forward, and so does what is written. But what a frame may "
            "say comes from a net that has read everything.",
            "Swapped neighbours it learns fully. And backwards? In the first frame its "
            "backward half has heard the last symbol: nothing forbids it.",
            "Its backward half has heard the end before the first frame speaks. A path "
            "orders what is written, not what has been read. It takes longer, though.",
        ),
    ),
]
