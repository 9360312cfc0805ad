"""Exercises and predictions of lesson 11: beyond recurrence."""

from __future__ import annotations

from helpers.exercises.engine.core import Exercise, Prediction
from helpers.exercises.lesson_11 import cached, hearing, questions_after

__all__ = ["EXERCISES", "PREDICTIONS"]

EXERCISES = [
    Exercise(
        id="11.1",
        title="How many blocks?",
        check=hearing.check_blocks_for,
        reference=hearing.blocks_for,
        hints=(
            "Begin with an output that hears itself alone, and add blocks while it "
            "hears too little.",
            "Block i brings `each` convolutions of dilation 2^i. How many inputs does "
            "one of them add?",
        ),
    ),
    Exercise(
        id="11.2",
        title="Does it hear ahead?",
        check=hearing.check_hears_ahead,
        reference=hearing.hears_ahead,
        hints=(
            "One NaN says who hears one input. A leak may be anywhere: how many inputs "
            "are there to poison?",
            "An output row hears if any of its columns is NaN. Which is the first such "
            "row, and how far before the poisoned one?",
        ),
    ),
    Exercise(
        id="11.3",
        title="A convolution, step by step",
        check=cached.check_conv_step,
        reference=cached.conv_step,
        hints=(
            "Write x under `before`: (k − 1) d + 1 columns, the newest last. Which of "
            "them does w[j] meet?",
            "Afterwards the window moves on by one: the oldest column has served.",
            "Try k = 1: nothing is before, and nothing is kept.",
        ),
    ),
    Exercise(
        id="11.4",
        title="How far is the student from its teacher?",
        check=cached.check_distance,
        reference=cached.distance,
        hints=(
            "x_t and x_(t−1) are sums of the same noises. With which weight u_k does "
            "e_(t−k) enter x_t − a x_(t−1)?",
            "The noises are independent with variance 1: the mean of a squared sum is "
            "the sum of squared weights.",
            "At step t there are t + 1 noises so far. In how many of the T steps does "
            "u_k take part?",
        ),
    ),
    *questions_after.EXERCISES,
]

PREDICTIONS = [
    Prediction(
        id="11.p1",
        question="Ten causal convolutions in a row, each with a kernel of two, and "
        "dilations 1, 2, 4, … 512. How many inputs does one output hear?",
        options=("11", "20", "1,024", "59,049, which is 3 to the power of 10"),
        answer=2,
        feedback=(
            "So it would be without dilations: each layer would add one.",
            "There are 20 weights on the way. But their reaches add up: 1 + 2 + 4 + …",
            "Each layer adds its dilation: 1 + (1 + 2 + … + 512) = 1,024.",
            "With kernels of three and dilations that triple it would. Two here.",
        ),
    ),
    Prediction(
        id="11.p2",
        question="By mistake the convolutions are padded on both sides. The loss in "
        "training, and on held-out text measured in the same way, is then …",
        options=(
            "far lower, both of them: close to 0",
            "about the same: the text to the right helps little",
            "higher than before, so one notices",
        ),
        answer=0,
        feedback=(
            "It copies. And no number of this kind betrays it: training and test leak "
            "alike.",
            "It is asked for the next character, and the next character is one place "
            "to the right.",
            "A net never suffers from hearing more. What is it asked for, and what "
            "does it hear one place to the right?",
        ),
    ),
    Prediction(
        id="11.p3",
        question="A WaveNet was trained on sounds of tone and noise. Its loss is now "
        "2.7 nats a sample. How good could the loss of a perfect model be?",
        options=(
            "close to 0: with enough training",
            "about half of that",
            "nearly as high as it is: the noise cannot be foretold",
        ),
        answer=2,
        feedback=(
            "To foretell each sample to the level it would have to foretell noise.",
            "How much is left for noise alone can be computed; nobody hears it coming.",
            "We know how the sounds were made, so we can compute what no model gets "
            "below.",
        ),
    ),
    *questions_after.PREDICTIONS,
]
