"""Exercises and predictions of lesson 13: what can you build now?"""

from __future__ import annotations

from helpers.exercises.engine.core import Exercise, Prediction
from helpers.exercises.lesson_13 import brief, held, pointing, questions_own

__all__ = ["EXERCISES", "PREDICTIONS"]

EXERCISES = [
    Exercise(
        id="13.1",
        title="Hold out combinations",
        check=held.check_held_out,
        reference=held.held_out,
        hints=(
            "Which combinations are there? `set` of tuples. Decide for each of *them*, "
            "then ask for every example whether its combination is held out.",
            "Go through the combinations in random order, and hold one out only if its "
            "first and its second would still be seen elsewhere: two counters will do.",
        ),
    ),
    Exercise(
        id="13.2",
        title="What can this view tell at best?",
        check=held.check_ceiling,
        reference=held.ceiling,
        hints=(
            "Two cases with the same view get the same answer from every function.",
            "Group the labels by view. Which answer is best within a group, and how "
            "many of the group does it get right?",
        ),
    ),
    Exercise(
        id="13.3",
        title="A test for pads that are read",
        check=pointing.check_reads_pads,
        reference=pointing.reads_pads,
        hints=(
            "What must not change a verdict? Make two batches that differ in that.",
            "Compare row by row, whatever the sign; and leave room for rounding.",
        ),
    ),
    Exercise(
        id="13.4",
        title="The best span",
        check=pointing.check_best_span,
        reference=pointing.best_span,
        hints=(
            "The best start and the best end need not belong together.",
            "Two loops: every start, and for each the ends that are allowed. Or a "
            "matrix of all sums, with what is not allowed at minus infinity.",
        ),
    ),
    Exercise(
        id="13.5",
        title="The brief: surnames to order",
        check=brief.check_names,
        reference=brief.write_surnames,
        hints=(
            "Begin with a writer that needs no training, and see what it scores: which "
            "letters follow which, counted for each country.",
            "A writer of lesson 07 has all that the brief asks for: `NameWriter`, "
            "`train_writer`, `write_names`. Wrap it in a function of three arguments.",
            "New and told pull against each other: temperature, or the number of "
            "letters looked back at, moves along that line.",
        ),
        seconds=300,
    ),
    *questions_own.EXERCISES,
]

PREDICTIONS = [
    Prediction(
        id="13.p1",
        question="Two nets learn to describe 160 of 200 kinds of pictures. Both do "
        "well on new pictures of these kinds. One chooses among captions, the other "
        "writes word by word and looks at the picture for each. And the 40 kinds "
        "whose pair of digits was held out?",
        options=(
            "both fail: nobody showed them these pairs",
            "the classifier is right for none, the writer for nearly all",
            "both lose about a half",
        ),
        answer=1,
        feedback=(
            "The classifier, yes. But does the writer need to have seen the *pair*? "
            "Each word needs one digit.",
            "A class that was never taught is never chosen. A writer that takes up one "
            "digit a word has seen every digit in every place.",
            "For the classifier it is worse: it never chooses a class that had no "
            "example. The writer needs one digit a word.",
        ),
    ),
    Prediction(
        id="13.p2",
        question="Digits count up or down in a film; the label is the direction. Two "
        "equal nets: the eye of one has learnt to name single digits before, the other "
        "begins from nothing. After 100 updates?",
        options=(
            "both tell most films: up or down is an easy question",
            "the first tells nearly all, the second is at chance",
            "both are at chance",
        ),
        answer=1,
        feedback=(
            "Easy once digits are digits. What does a label of one bit say about ten "
            "shapes at first?",
            "With digits told apart, order is soon learnt. From nothing, one bit for "
            "five pictures must teach both; for a long while it teaches neither.",
            "The first one has little left to learn: which digit follows which.",
        ),
    ),
    Prediction(
        id="13.p3",
        question="A classifier counts runs of words. From runs of up to 2 words to "
        "runs of up to 8: what becomes of reviews in which *not … adjective* is 6 "
        "words long?",
        options=(
            "they are told: a run of 6 words holds both",
            "hardly better than guessing, at any length",
            "about three of four are told",
        ),
        answer=1,
        feedback=(
            "It holds both, and four other words. How often was just this run seen in "
            "training?",
            "The run that would tell was never seen: with four free words between, "
            "there are too many of them. Longer runs are rarer runs.",
            "That is what a span of three gets, at best. With four free words between, "
            "how often does a run come twice?",
        ),
    ),
    Prediction(
        id="13.p4",
        question="A net answers questions on stories by pointing. In the test all "
        "names are new: it reads them as *unknown*. How does it do on 'where is X?' "
        "and 'who has the Y?', if it also gets a mark on words that stand in the "
        "question?",
        options=(
            "as well as with names that it knows",
            "it points at places, but never at a new name",
            "no better than the place in the last sentence",
        ),
        answer=0,
        feedback=(
            "It need not know a name to point at it, nor to see that the question has "
            "the same one: the mark says so.",
            "A pointer says a *place in the story*. What stands there may be unknown.",
            "That rule does not ask who is meant. The mark tells the net which "
            "sentences are about X.",
        ),
    ),
    *questions_own.PREDICTIONS,
]
