"""Exercises and predictions of lesson 08: an answer of another length."""

from __future__ import annotations

from . import _batch_08 as batch
from . import _decoder_08 as decoder
from . import _likelihood_08 as likelihood
from . import _measures_08 as measures
from .core import Exercise, Prediction

__all__ = ["EXERCISES", "PREDICTIONS"]

EXERCISES = [
    Exercise(
        id="08.1",
        title="How probable is a whole answer?",
        check=likelihood.check_log_likelihood,
        reference=likelihood.log_likelihood,
        hints=(
            "A sentence's probability is the product of its words' probabilities, so "
            "its logarithm is a sum.",
            "x.gather(-1, ids[..., None]) picks one of the V numbers at each step.",
            "Which steps count? Every word and the end mark, and no padding.",
        ),
    ),
    Exercise(
        id="08.2",
        title="A teacher that really forces",
        check=decoder.check_run_decoder,
        reference=decoder.run_decoder,
        hints=(
            "Three things pass from step to step: the state, the token to be fed, and "
            "the list of logits.",
            "After step t the right word for t is known: that, or the model's own "
            "best, is what step t + 1 is fed.",
            "`rng.random()` is below `ratio` in a share `ratio` of the cases.",
        ),
    ),
    Exercise(
        id="08.3",
        title="Write until each has ended",
        check=decoder.check_greedy,
        reference=decoder.greedy,
        hints=(
            "The whole batch goes through `step` together, also the rows that have "
            "ended; what those say is thrown away.",
            "A mask (B,) of True and False remembers who is still writing.",
            "Update the mask before you append; leave the loop when nobody is left.",
        ),
    ),
    Exercise(
        id="08.4",
        title="When does the teacher leave?",
        check=likelihood.check_teacher_ratio,
        reference=likelihood.teacher_ratio,
        hints=(
            "Write the three formulas down one by one, and put i = 0 into each: all "
            "but one start at exactly 1.",
            "A ratio is a probability: what comes out of the linear one at i = 2k?",
            "math.exp raises above 709; the ratio there is 0 to sixteen digits.",
        ),
    ),
    Exercise(
        id="08.5",
        title="Exact match",
        check=measures.check_exact_match,
        reference=measures.exact_match,
        hints=(
            "The two arrays may differ in width: turn each row into a list first.",
            "A sentence is everything up to the end mark; with it, so that one that "
            "never ends is a different one.",
            "list.index gives the first place of a value, and raises if there is none.",
        ),
    ),
    Exercise(
        id="08.6",
        title="What an error costs",
        check=measures.check_accuracy_after,
        reference=measures.accuracy_after,
        hints=(
            "For one distance d: which token of sentence n stands d steps after its "
            "error?",
            "Some of these places are past the array, and some are padding: neither "
            "counts, above or below the line.",
            "correct[n, t] with two arrays of equal length takes them in pairs.",
        ),
    ),
    Exercise(
        id="08.7",
        title="Three bugs in one loss",
        check=batch.check_batch_loss,
        reference=batch.batch_loss,
        hints=(
            "One bug is in what the encoder is given, one in what the decoder is "
            "given, one in the average.",
            "What may the decoder know when it says the word at place t?",
            "F.cross_entropy has an argument for targets that do not count.",
        ),
    ),
]

PREDICTIONS: list[Prediction] = []
