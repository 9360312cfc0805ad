"""Exercises and predictions of lesson 09: a decoder that looks back."""

from __future__ import annotations

from helpers.exercises.engine.core import Exercise, Prediction
from helpers.exercises.lesson_09 import eight_bits, looking, lookups, stopping

__all__ = ["EXERCISES", "PREDICTIONS"]

EXERCISES = [
    Exercise(
        id="09.1",
        title="A soft look-up",
        check=lookups.check_soft_lookup,
        reference=lookups.soft_lookup,
        hints=(
            "Three steps: a score for each key, weights that sum to 1, an average.",
            "keys @ q gives all T scores at once; what is their usual size, if the "
            "numbers in both are about 1?",
            "exp of a score of 800 is infinite. The softmax only knows differences.",
        ),
    ),
    Exercise(
        id="09.2",
        title="Rows with nothing real",
        check=lookups.check_masked_weights,
        reference=lookups.masked_weights,
        hints=(
            "Each row sums to 1 over its real words: what is not real leaves the sum "
            "below the line as well.",
            "What is the sum below the line in a row with nothing real?",
            "np.where chooses a harmless divisor where the true one is 0.",
        ),
    ),
    Exercise(
        id="09.3",
        title="Additive scores",
        check=lookups.check_additive,
        reference=lookups.additive,
        hints=(
            "Query and states may have different sizes: both are brought to K first.",
            "A vector (K,) added to a matrix (T, K) is added to each of its rows.",
            "One number a word is left when v has weighed the K units.",
        ),
    ),
    Exercise(
        id="09.4",
        title="How often is the map right?",
        check=looking.check_hits,
        reference=looking.hits,
        hints=(
            "For each target token: which column of its row is the largest?",
            "Tokens whose place is -1 count neither above nor below the line.",
            "The mean of an array of bools is a share.",
        ),
    ),
    Exercise(
        id="09.5",
        title="What was not looked at",
        check=looking.check_coverage,
        reference=looking.coverage,
        hints=(
            "First one number for each source word: how much was it looked at, by all "
            "target tokens together?",
            "More than 1 is no better than 1.",
            "The logarithm of 1 is 0, and goes down steeply towards 0.",
        ),
    ),
    Exercise(
        id="09.6",
        title="May the search end?",
        check=stopping.check_may_stop,
        reference=stopping.may_stop,
        hints=(
            "What is the best that can become of a text that is not finished? Its log "
            "p can only fall: suppose that it does not.",
            "log p is negative. Is it better to divide it by much or by little?",
            "It is enough that one finished text is as good as that bound.",
        ),
    ),
    Exercise(
        id="09.7",
        title="One scale for each output unit",
        check=eight_bits.check_eight_bits,
        reference=eight_bits.eight_bits,
        hints=(
            "In x @ W each output unit is a column of W: which axis has to go?",
            "The largest weight of a unit, with its sign, should become 127 or -127.",
            "A unit whose weights are all 0 has no largest weight to divide by.",
        ),
    ),
]

PREDICTIONS = [
    Prediction(
        id="09.p1",
        question="A query is compared with five keys by dot products, and the softmax "
        "gives the weights. Now the query is made ten times as long. The weights …",
        options=(
            "stay as they are: the direction is the same",
            "become more even",
            "become sharper: nearly all on one key",
        ),
        answer=2,
        feedback=(
            "The order of the scores stays. But the softmax goes by their differences, "
            "and those are ten times as large.",
            "That is what a shorter query does: towards length 0 all scores are equal.",
            "All differences of scores are ten times as large. The length of a query "
            "says how sure it is; dividing by √K keeps it from being too sure at the "
            "start.",
        ),
    ),
    Prediction(
        id="09.p2",
        question="This decoder starts from zeros: no state is handed over, it knows "
        "the sentence by looking alone. After 400 steps of training, how many of the "
        "held-out 12-digit numbers does it write without a mistake?",
        options=(
            "next to none: it does not know what was said",
            "about as many as one state of 128 did in lesson 08, less than half",
            "95 of 100 or more",
        ),
        answer=2,
        feedback=(
            "What was said stands in the states of the words, and those it may look "
            "at, at every step.",
            "There everything had to pass through one vector. Here nothing has to.",
            "The state that was handed over is not needed: what a step needs it looks "
            "up.",
        ),
    ),
    Prediction(
        id="09.p3",
        question="We feed the decoder the right German parts and compare where it "
        "looks with the English word that each part says. Tens and units, which change "
        'places, it finds nearly always. And at the step of "hundert", how often is '
        'the largest weight on the English "hundred"?',
        options=(
            "nearly always",
            "in about half of the cases",
            "hardly ever",
        ),
        answer=2,
        feedback=(
            "A tens word can be known from nowhere else, so it has to look. After a "
            'digit that counts hundreds nothing but "hundert" can follow.',
            'What follows such a digit is no toss-up: nothing but "hundert" can.',
            'After a digit that counts hundreds nothing but "hundert" can follow: '
            "there is nothing to look up. What is not needed may be looked at or not.",
        ),
    ),
    Prediction(
        id="09.p4",
        question="The net writes nearly all held-out numbers without a mistake. Now "
        "the weights of each look are shuffled among the words; the states of the "
        "words stay as they are. How many numbers are still right?",
        options=("nearly all", "about half", "next to none"),
        answer=2,
        feedback=(
            "That would be so if every state knew the whole sentence. Each knows its "
            "own word best.",
            "Each number needs a dozen looks, and all of them have to find their word.",
            "Here the weights are what carries the words over. Whether that holds "
            "everywhere is the next question.",
        ),
    ),
    Prediction(
        id="09.p5",
        question="Both stacks, of one layer and of three, write all numbers of the "
        "lengths taught. Now the numbers are longer than any taught. Which of the "
        "stacks makes fewer mistakes?",
        options=(
            "the deeper one: it has learnt more",
            "the one of a single layer",
            "neither makes any: attention does not care about length",
        ),
        answer=1,
        feedback=(
            "More layers can learn more, and one of the things to be learnt is how "
            "long a number is: look at the table.",
            "What it knows it has looked up. The layers above also learn where in a "
            "number of the taught lengths they are, and that is wrong here.",
            "Attention can reach a word at any length; what has to ask for it has "
            "learnt the lengths it was taught, and asks amiss.",
        ),
    ),
    Prediction(
        id="09.p6",
        question="BPE joins the most frequent pair of neighbours, again and again. "
        "After 40 joins 93 of 100 true borders inside German number words are still "
        "borders of its pieces. And after 100?",
        options=("still more", "as many: a border once found stays", "about half"),
        answer=2,
        feedback=(
            "A join never makes a border, it takes one away. So the share can only "
            "fall; the question is how far.",
            "It goes on joining whatever is frequent, also across a border: fünf and "
            "hundert stand together often.",
            "It was never told what a part is. Frequent neighbours grow together, "
            "within parts first and across them later.",
        ),
    ),
    Prediction(
        id="09.p7",
        question="All weights of the translator are rounded to 8 bits, 255 values "
        "for each unit. Of 300 numbers that it translates, how many come out "
        "otherwise?",
        options=("none, or one or two", "about 30", "more than half"),
        answer=0,
        feedback=(
            "Each weight is off by at most half a step, and the errors of a sum partly "
            "cancel. The right word is ahead of the next by far more.",
            "That many need fewer than four bits.",
            "At two bits, three values a weight, it is nearly all; not at eight.",
        ),
    ),
    Prediction(
        id="09.p8",
        question="3/4/2005: an American means 4 March, a Spaniard 3 April, and in "
        "training both are equally frequent. What does the net write for texts like "
        "this one?",
        options=(
            "nearly always the same order, month first or day first",
            "one of the two days, each in about half of the cases",
            "the one, the other, or a day that nobody means",
            "a date that lacks the month or the day",
        ),
        answer=2,
        feedback=(
            "No order wins: month first is some 40 of 100, day first hardly less.",
            "So would one who chooses a reading and keeps to it. The net writes digit "
            "by digit, and month and day need not come from the same reading.",
            "Month and day are guessed one after the other. In 20 to 30 of 100 they "
            "do not fit together: one number is often written as both.",
            "It has never seen an answer with a gap: it writes a whole date each time.",
        ),
    ),
]
