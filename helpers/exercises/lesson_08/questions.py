"""Exercises and predictions of lesson 08: an answer of another length."""

from __future__ import annotations

from helpers.exercises.engine.core import Exercise, Prediction
from helpers.exercises.lesson_08 import batch, decoder, likelihood, measures
from helpers.exercises.lesson_08 import greedy as writing

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
        title="Write until each has ended",
        check=writing.check_greedy,
        reference=writing.greedy,
        hints=(
            "The whole batch goes through `step` together, also the rows that have "
            "ended; what those say is thrown away.",
            "A mask (B,) of True and False remembers who is still writing.",
            "Update the mask before you append; leave the loop when nobody is left.",
        ),
    ),
    Exercise(
        id="08.3",
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
        id="08.4",
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
        id="08.5",
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

PREDICTIONS = [
    Prediction(
        id="08.p1",
        question="A decoder early in its training is scored twice on the same held-out "
        "numbers: fed the true tokens, and fed its own. Which scores differ?",
        options=(
            "Both the share of right tokens and the share of right numbers.",
            "Only the share of right tokens.",
            "Only the share of right numbers.",
        ),
        answer=1,
        feedback=(
            "Follow one number up to the first wrong token: what was each of the two "
            "decoders fed until then?",
            "Up to the first mistake both were fed the same, so they make the same "
            "first mistake, or none: a number is right in both or in neither. After "
            "it the teacher helps one of them on.",
            "It is the other way round: a whole number is right only if there is no "
            "first mistake, and the first mistake is the same in both.",
        ),
    ),
    Prediction(
        id="08.p2",
        question="Two decoders learn to write dates, 800 steps each. One is always fed "
        "the true character, the other never, always its own. Then both have to write "
        "on their own. Who has more dates right?",
        options=(
            "always forced, after 400 steps and after 800",
            "always forced after 400 steps, never forced after 800",
            "never forced, after 400 steps and after 800",
            "the never forced one learns nothing: it is fed nonsense",
        ),
        answer=2,
        feedback=(
            "That is what one reads, and the reason for the teacher. In these three "
            "seeds it is not so: look at the curves.",
            "The nonsense of the first steps could have cost time; the curves show "
            "that it did not, after 400 steps either.",
            "More than half of the dates are right after 400 steps, against less than "
            "a third. It has to take everything from the state, and learns to.",
            "Its loss is still taken against the true characters, so it learns from "
            "the first step on, whatever it is fed.",
        ),
    ),
    Prediction(
        id="08.p3",
        question="A decoder that was always forced writes a date. The third digit of "
        "the year is fed as another one: 193 in place of 199. Which of the later "
        "characters suffers most?",
        options=(
            "the last digit of the year, the next one",
            "the month and the day: errors add up on the way",
            "none: it knows the date from the state",
        ),
        answer=0,
        feedback=(
            "About half of them are wrong now. Later ones suffer less: the state comes "
            "through again.",
            "They do suffer, the second digit of the month most, but less than the "
            "character right after the error: it recovers on the way.",
            "It does know the date, and still goes by the character that it was fed: "
            "in training that one was always right.",
        ),
    ),
    Prediction(
        id="08.p4",
        question="A state of 128 numbers; training on numbers of one to twelve digits, "
        "of all lengths from four on equally many. At six digits 99 of 100 held-out "
        "numbers come out right. And at twelve?",
        options=(
            "nearly as many: the decoder takes as many steps as it needs",
            "less than half, of the held-out and hardly more of the training numbers",
            "less than half of the held-out ones, nearly all of the training numbers",
        ),
        answer=1,
        feedback=(
            "It has the steps, but each starts from what the one state still holds of "
            "twelve digits.",
            "It is not that new numbers are harder: twelve digits do not get through "
            "the state, known or not.",
            "That would be overfitting. The training numbers have to pass through the "
            "same state, and fare hardly better.",
        ),
    ),
    Prediction(
        id="08.p5",
        question="This encoder has read the padding all through its training, and has "
        "nearly all numbers right. Now the same numbers come in an array with ten more "
        "columns of padding. How many are right?",
        options=(
            "nearly all: it has learnt to ignore padding",
            "about half",
            "next to none",
        ),
        answer=2,
        feedback=(
            "Nothing in its training asked for that: the array was always seven "
            "columns wide, and what it learnt holds for seven.",
            "That is near what happens when it reads them one by one, without any "
            "padding. Ten more columns are further from what it knows.",
            "Padding was one more word to it, always as many as fill seven columns. "
            "After ten more the state is one that it never met.",
        ),
    ),
]
