"""Exercises and predictions of lesson 07: how does a network write?"""

from __future__ import annotations

from helpers.exercises.engine.core import Exercise, Prediction
from helpers.exercises.lesson_07 import (
    beams,
    counting,
    cuts,
    nucleus,
    smoothing,
    stream,
    temperature,
)

__all__ = ["EXERCISES", "PREDICTIONS"]

EXERCISES = [
    Exercise(
        id="07.1",
        title="Bits and perplexity of a whole text",
        check=counting.check_bits,
        reference=counting.bits_and_perplexity,
        hints=(
            "A chunk of 100 characters speaks for 100, one of 7 for 7: which mean does "
            "that?",
            "A nat is 1 / ln 2 = 1.44 bits.",
            "Perplexity undoes the logarithm of the *mean*, in the base that it has.",
        ),
    ),
    Exercise(
        id="07.2",
        title="Inputs and targets",
        check=counting.check_pairs,
        reference=counting.inputs_and_targets,
        hints=(
            "For one word [5, 9], write the two rows on paper: what is read, and under "
            "each id what should come next.",
            "What stands above the first letter of the target row, what below the last "
            "letter of the input row?",
            "helpers.data.batching.pad_batch fills rows up; so does a loop over "
            "np.full((B, T), PAD).",
        ),
    ),
    Exercise(
        id="07.3",
        title="Kneser–Ney for pairs",
        check=smoothing.check_kneser_ney,
        reference=smoothing.kneser_ney_pairs,
        hints=(
            "C > 0 is True for each kind of pair that was seen; sums of it are the "
            "three N.",
            "Axis 0 runs over b, what came before; axis 1 over c, what follows.",
            "With keepdims=True a row sum has shape (V, 1) and divides every row by "
            "its own.",
            "np.where(total > 0, …, …) picks the rule for each row; divide by "
            "np.maximum(total, 1) to stay out of trouble.",
        ),
    ),
    Exercise(
        id="07.4",
        title="Carry the state, cut its history",
        check=stream.check_train_on,
        reference=stream.train_on,
        hints=(
            "Begin with state = None, and let `model` return the next one.",
            "cross_entropy wants (N, V) and (N,): logits.flatten(0, 1) and "
            "y.flatten().",
            "The state is a pair: tuple(part.detach() for part in state).",
        ),
    ),
    Exercise(
        id="07.5",
        title="From greedy to uniform with one number",
        check=temperature.check_temperature,
        reference=temperature.softmax_at,
        hints=(
            "Which of the two is divided by τ: what goes into the softmax, or what "
            "comes out?",
            "torch.softmax(…, dim=-1) works on rows of any number, and never "
            "overflows.",
            "For τ = 0: logits == logits.max(dim=-1, keepdim=True).values marks the "
            "winners of each row. How is their mass shared?",
        ),
    ),
    Exercise(
        id="07.6",
        title="Exactly k",
        check=cuts.check_top_k,
        reference=cuts.keep_k,
        hints=(
            "`logits < kth` cannot tell equal logits apart: choose *places* instead.",
            "logits.topk(k, dim=-1) gives values and places, and argsort gives places, "
            "too. What if k is larger than V?",
            "Start from rows of -inf; `scatter(-1, places, values)` puts the kept ones "
            "back.",
        ),
    ),
    Exercise(
        id="07.7",
        title="The nucleus",
        check=nucleus.check_nucleus,
        reference=nucleus.keep_nucleus,
        hints=(
            "Sort the probabilities, and add them up with cumsum.",
            "A character is needed as long as those *before* it have less than p "
            "together: cumsum minus its own.",
            "Your mask is in sorted order. `mask.scatter(-1, order, mask)` moves entry "
            "i to place order[i].",
        ),
    ),
    Exercise(
        id="07.8",
        title="One step of beam search",
        check=beams.check_expand,
        reference=beams.expand,
        hints=(
            "Put every hypothesis with every next id into one list, and sort that.",
            "P(text + v) = P(text) · P(v | text). What becomes of this with logs?",
            "What does a finished hypothesis put into the list? Mind the empty one: it "
            "has no last id.",
        ),
    ),
]

PREDICTIONS = [
    Prediction(
        id="07.p1",
        question="A model that knows nothing gives each of V characters the same "
        "probability. What is its perplexity?",
        options=("log2 V", "V", "1 / V"),
        answer=1,
        feedback=(
            "These are its bits per character; the perplexity is 2 to that power.",
            "2 to the log2 V is V: as unsure as a fair die with V sides.",
            "That is the probability of each character; the perplexity is one over it.",
        ),
    ),
    Prediction(
        id="07.p2",
        question="The trained model writes 300 characters, and always takes the most "
        "likely one. What will we read?",
        options=(
            "its best prose: no unlikely letter is ever chosen",
            "misspelt words and broken sentences",
            "correct words, and before long the same ones again and again",
        ),
        answer=2,
        feedback=(
            "Each letter is the best for its past. Nothing makes the whole text good.",
            "These come from *unlikely* letters. This decoder never takes one.",
            "The most likely continuation of a frequent phrase is, in the end, that "
            "phrase. Nothing random is there to lead out of the loop.",
        ),
    ),
    Prediction(
        id="07.p3",
        question="Someone divides the *probabilities* by τ = 2, and divides by their "
        "sum afterwards. What does the distribution look like?",
        options=(
            "flatter: a temperature above 1",
            "just as before",
            "sharper: a temperature below 1",
        ),
        answer=1,
        feedback=(
            "It would be, had the *logits* been divided: p to the power 1/τ.",
            "All are halved, so is their sum, and the quotient is the old one.",
            "That is what logits times 2 would do.",
        ),
    ),
    Prediction(
        id="07.p4",
        question="Four characters have the probabilities 0.5, 0.3, 0.15 and 0.05. "
        "Nucleus sampling with p = 0.7: how many of them may be drawn?",
        options=("1", "2", "3", "4"),
        answer=1,
        feedback=(
            "0.5 alone is less than 0.7: the set must reach p.",
            "0.5 is not enough, 0.5 + 0.3 is. The one that crosses p stays.",
            "0.5 + 0.3 = 0.8 is above 0.7 already; the smallest such set counts.",
            "With p = 1 all of them could.",
        ),
    ),
    Prediction(
        id="07.p5",
        question="Beam search keeps the 2 most likely beginnings at each step, greedy "
        "only 1. Can greedy end with the *more* likely text?",
        options=(
            "No: what greedy finds, the wider beam has seen as well.",
            "Yes: the greedy beginning may drop out of the two, and be the best in the "
            "end.",
            "Only if there are ties.",
        ),
        answer=1,
        feedback=(
            "It has seen its beginning. Two others may have pushed that out since.",
            "A beam is a bet on beginnings. Only a beam as wide as there are texts is "
            "sure to win it.",
            "It happens without any tie: look at the table of the next cell.",
        ),
    ),
    Prediction(
        id="07.p6",
        question="Which text does the model itself think more likely, character by "
        "character?",
        options=(
            "what people wrote: text that was kept from it",
            "what a beam search writes with it",
            "what is drawn from it, at temperature 1",
        ),
        answer=1,
        feedback=(
            "People surprise it in every word: that is its bits per character.",
            "The search looks for what is likely, and finds it: far likelier than "
            "anything a person writes, and duller.",
            "A draw is as surprising as the model expects text to be: about as much "
            "as real text, if it is well calibrated.",
        ),
    ),
]
