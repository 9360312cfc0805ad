"""Exercises and predictions of lesson 01, What is a sequence problem?"""

from __future__ import annotations

from helpers.data.batching import pad_batch
from helpers.data.digits import glimpses
from helpers.data.series import windows
from helpers.exercises.engine.core import Exercise, Prediction
from helpers.exercises.lesson_01.cuts import check_glimpses, check_windows
from helpers.exercises.lesson_01.losses import check_loss, check_shift
from helpers.exercises.lesson_01.padding import check_last, check_pad
from helpers.exercises.lesson_01.places import check_places, place_applications
from helpers.nets.small import last_real, shift_right, token_loss

__all__ = ["EXERCISES", "PREDICTIONS"]

EXERCISES = [
    Exercise(
        "01.1",
        "Pad a batch",
        check_pad,
        pad_batch,
        (
            "How wide must the array be, so that the longest sequence fits?",
            "Make the full array of `pad` first (np.full), then write into its rows.",
            "row[:3] = [5, 2, 9] writes three from the left; `len` knows the lengths.",
        ),
    ),
    Exercise(
        "01.2",
        "The last real step",
        check_last,
        last_real,
        (
            "At which index does a sequence of length 1 end?",
            "Two index lists are paired: a[[0, 1], [5, 6]] is a[0, 5] and a[1, 6].",
            "The first list is 0 … B - 1; the second is made from `lengths`.",
        ),
    ),
    Exercise(
        "01.3",
        "Glimpses",
        check_glimpses,
        glimpses,
        (
            "At which rows may a window of `size` begin, if it must stay inside?",
            "Two loops: over the top rows, and inside it over the left columns.",
            "images[:, i:i+size, j:j+size] cuts one window from the whole batch; "
            "reshape(B, -1) flattens it, np.stack(…, axis=1) joins the steps.",
        ),
    ),
    Exercise(
        "01.4",
        "A loss for every token, none for padding",
        check_loss,
        token_loss,
        (
            'cross_entropy with reduction="none" gives one number for each token.',
            "cross_entropy wants (N, K) and (N,): flatten B and T into one axis first.",
            "torch.arange(T) < lengths[:, None] is True where a token is real.",
        ),
    ),
    Exercise(
        "01.5",
        "Windows without a leak",
        check_windows,
        windows,
        (
            "Write down, for [3, 1, 4, 1, 5], length 3 and horizon 1, both windows.",
            "Window i reads values i … i + length - 1. Which value comes next?",
            "The last window's target ends with the series: that gives the count.",
        ),
    ),
    Exercise(
        "01.6",
        "What the writer is fed",
        check_shift,
        shift_right,
        (
            "To guess token 3, which tokens may the writer have seen?",
            "The first step has seen none: it is fed `bos`.",
            "torch.cat joins a column of `bos` (torch.full_like) and the rest.",
        ),
    ),
    Exercise(
        "01.7",
        "Place the applications",
        check_places,
        place_applications,
        (
            "Ask twice: is there one step or many going in? And coming out?",
            "Many on both sides: does each step in have its own step out?",
            "An answer cut out of a text is two marks on it, one score a word each.",
        ),
    ),
]

PREDICTIONS = [
    Prediction(
        "01.p1",
        "3,356 surnames go into one array. The longest has 13 letters; all the others "
        "are filled up to 13. What share of the array is padding?",
        ("about a tenth", "about a half", "about nine tenths"),
        1,
        (
            "Then an average surname would have nearly 12 letters; most are shorter.",
            "An average surname has about 7 letters, and the longest sets the width "
            "for all of them.",
            "Then an average surname would have one letter or two.",
        ),
    ),
    Prediction(
        "01.p2",
        "Which guesses the country of a surname best?",
        (
            "the most frequent country, always",
            "how often each letter occurs",
            "how often each run of 1 to 3 letters occurs",
            "a recurrent network reading letter by letter",
        ),
        2,
        (
            "That is the floor that any model has to beat.",
            "It beats the floor by far, without knowing any order of letters.",
            "Endings such as -nen or -ic give a country away, and runs of three "
            "letters hold them. With few examples such counts are hard to beat.",
            "It comes close, and learns which runs matter by itself. It does not win "
            "here: a baseline is the first thing to run.",
        ),
    ),
    Prediction(
        "01.p3",
        "A network was trained to name the digit after row 8, and nothing was asked "
        "of it before. What share does it get right when it is asked after row 4?",
        ("about 10 %: no better than guessing", "about 50 %", "about 90 %"),
        0,
        (
            "No loss ever looked at the output after row 4, so nothing shaped it. The "
            "memory may know much by then; the output was never taught to say it.",
            "Half of the image is read, and yet the output after row 4 was never "
            "trained: it says nothing useful.",
            "Nobody could: half of the image is still to come. And this network was "
            "never asked after row 4.",
        ),
    ),
    Prediction(
        "01.p4",
        "A network reads '2024-05-03' or '20 May 2024' from left to right and tags "
        "each character as day, month or year. Where will it go wrong?",
        (
            "at the last characters: by then it has forgotten the first",
            "at the first characters: it has not yet seen what follows",
            "nowhere: all the information is there",
        ),
        1,
        (
            "Ten characters are not long for this memory: its last tags are perfect.",
            "A 2 may begin a day or a year, and only what comes later tells. A tag "
            "due at once cannot wait; lesson 06 reads from both ends.",
            "It is there for a reader of the whole line. This one must answer at each "
            "character, before the rest is read.",
        ),
    ),
]
