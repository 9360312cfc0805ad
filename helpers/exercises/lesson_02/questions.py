"""Exercises and predictions of lesson 02: what comes before recurrence."""

from __future__ import annotations

from helpers.exercises.engine.core import Exercise, Prediction
from helpers.exercises.lesson_02.answers import (
    bigrams,
    collision,
    feedforward_parameters,
    masked_mean,
    recurrent_parameters,
    window,
)
from helpers.exercises.lesson_02.numbers import (
    check_feedforward_parameters,
    check_masked_mean,
    check_recurrent_parameters,
)
from helpers.exercises.lesson_02.texts import (
    check_bigrams,
    check_collision,
    check_window,
)

__all__ = ["EXERCISES", "PREDICTIONS"]

EXERCISES = [
    Exercise(
        id="02.1",
        title="The same words, the opposite verdict",
        check=check_collision,
        reference=collision,
        hints=(
            "The verdict is the claim after the last “but”: its polarity must change.",
            "Two claims, one of them negated at most: which two words, one from each "
            "claim, can change places?",
        ),
    ),
    Exercise(
        id="02.2",
        title="Count pairs of neighbours",
        check=check_bigrams,
        reference=bigrams,
        hints=(
            "A text of n words has n − 1 pairs. Which word does the first pair begin "
            "with, which the last?",
            "zip(words, words[1:]) walks along two copies of the text, one of them a "
            "word ahead.",
            "Start with an empty dict; dict.get(key, 0) is 0 for a pair not yet seen.",
        ),
    ),
    Exercise(
        id="02.3",
        title="A window of k words",
        check=check_window,
        reference=window,
        hints=(
            "ids[-k:] is the last k of a list, or all of it if it is shorter.",
            "[0] * n is n zeros, and no zeros at all if n is negative.",
        ),
    ),
    Exercise(
        id="02.4",
        title="What a maximum length costs",
        check=check_feedforward_parameters,
        reference=feedforward_parameters,
        hints=(
            "How many numbers does the first layer read? One one-hot vector for each "
            "position.",
            "A layer from n inputs to m units has n·m weights and m biases.",
            "The second layer has H inputs and one output.",
        ),
    ),
    Exercise(
        id="02.5",
        title="What the RNN costs",
        check=check_recurrent_parameters,
        reference=recurrent_parameters,
        hints=(
            "One step reads a word (V numbers) and the old state (H numbers), and "
            "writes H numbers.",
            "torch.nn.RNN keeps a bias beside each of its two matrices.",
            "The last layer is the same as the feedforward net's.",
        ),
    ),
    Exercise(
        id="02.6",
        title="A mean that does not see the padding",
        check=check_masked_mean,
        reference=masked_mean,
        hints=(
            "ids > 0 is True where there is a word. What shape must it have to "
            "multiply x?",
            "(ids > 0)[:, :, None] has shape (B, L, 1) and stretches over D.",
            "Its sum over axis 1 is the number of words of each text, (B, 1).",
        ),
    ),
]

PREDICTIONS = [
    Prediction(
        id="02.p1",
        question="We train a model on word counts. Two test reviews hold the same "
        "words; one “not” stands in another place, and the labels differ. What scores "
        "do they get?",
        options=(
            "Different ones: it has seen thousands of reviews with “not”",
            "The same one, for any training set and any weights",
            "The same one here; with enough data they would differ",
        ),
        answer=1,
        feedback=(
            "The model never sees where the “not” stood: its input is the counts.",
            "The two inputs are one and the same vector, and a function gives one "
            "output for one input.",
            "No amount of data helps: the two inputs are equal before any weight.",
        ),
    ),
    Prediction(
        id="02.p2",
        question="A net reads the last 5 words. We test it on reviews whose “not” and "
        "adjective span 2, 3, … words, half of them negated. How does its accuracy "
        "fall?",
        options=(
            "Slowly, a little with each word of distance",
            "In one step, to about one half",
            "In one step, to nearly 0: without its “not” a verdict is reversed",
            "Not at all, if it has enough hidden units",
        ),
        answer=1,
        feedback=(
            "Inside the window every place is an input like another: distance costs "
            "little there. Outside, nothing arrives.",
            "At span 6 the “not” is outside, and the negated half of the reviews looks "
            "like the other half.",
            "Only the negated half is reversed; in the other half nothing is missed.",
            "Hidden units cannot see a word that is no input.",
        ),
    ),
    Prediction(
        id="02.p3",
        question="A padded net learns from short and from long reviews, none of them "
        "10 to 12 words long. How good is it on reviews of just these lengths?",
        options=(
            "As good as on the others: it has seen shorter and longer ones",
            "No better than guessing",
            "Somewhere between: it can interpolate",
        ),
        answer=1,
        feedback=(
            "The adjectives then stand at places where the net has never seen one.",
            "The weights of “good” at place 11 are still the random numbers they were "
            "at the start.",
            "Places are not points on a line to this net. Place 11 has its own "
            "weights, and nothing ties them to those of 9 and 13.",
        ),
    ),
    Prediction(
        id="02.p4",
        question="In lesson 01 counts of runs of letters placed the surnames of six "
        "countries better than a recurrent network did. Now there are 14 countries, "
        "and a stronger network: an LSTM that reads in both directions. Which is best?",
        options=(
            "This time the LSTM: it sees the beginning and the ending of each name",
            "Even counts of single letters: so many countries are too much for a net",
            "Once more the counts, of runs of one to four letters",
        ),
        answer=2,
        feedback=(
            "It can do all that counts can, in principle; some 6,000 names do not "
            "teach it that much.",
            "They lose the order of the letters, and get about half the names right, "
            "far fewer than the LSTM.",
            "Endings such as -sson, -ovic or -inen often tell it, and are short.",
        ),
    ),
]
