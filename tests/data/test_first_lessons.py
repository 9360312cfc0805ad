"""The data sets: shapes, no leak between training and test, clear refusals."""

import datetime
import unicodedata

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.data import (
    applications,
    batching,
    dates,
    digits,
    names,
    numbers,
    series,
    tagging,
)


def rng(seed=0):
    return np.random.default_rng(seed)


# --- digits ---------------------------------------------------------------------------


def test_digits_are_split_without_overlap_and_scaled():
    (x, y), (xt, yt) = digits.load(rng())
    assert x.shape[1:] == xt.shape[1:] == (8, 8)
    assert x.dtype == np.float32
    assert y.dtype == np.int64
    assert x.min() == 0
    assert x.max() == 1
    assert len(x) + len(xt) == 1797
    assert len(x) == len(y)
    assert len(xt) == len(yt)
    assert abs(len(xt) / 1797 - 0.25) < 0.01


def test_the_generator_decides_the_split():
    (a, _), _ = digits.load(rng(1))
    (b, _), _ = digits.load(rng(1))
    (c, _), _ = digits.load(rng(2))
    assert (a == b).all()
    assert not (a == c).all()


def test_views_hold_the_same_numbers_in_another_order():
    image = np.arange(64.0).reshape(1, 8, 8)
    assert (digits.rows(image)[0, 2] == image[0, 2]).all()
    assert digits.pixels(image)[0, :, 0].tolist() == list(range(64))
    looks = digits.glimpses(image)
    assert looks.shape == (1, 9, 16)
    assert looks[0, 1].tolist() == image[0, 0:4, 2:6].ravel().tolist()
    assert looks[0, 3].tolist() == image[0, 2:6, 0:4].ravel().tolist()


def test_moving_digits_move_where_they_say():
    image = np.zeros((40, 8, 8), dtype=np.float32)
    image[:, 0, 0] = 1
    film, direction = digits.moving(image, rng(), frames=4, size=12)
    assert film.shape == (40, 4, 12, 12)
    assert set(direction) == {0, 1, 2, 3}
    for one, way in zip(film, direction, strict=True):
        place = np.argwhere(one)[:, 1:]
        assert len(place) == 4
        step = np.array(list(digits.DIRECTIONS.values())[way])
        assert ((np.diff(place, axis=0) - step) % 12 == 0).all()


@pytest.mark.parametrize(
    ("act", "words"),
    [
        (lambda: digits.load(rng(), test=1.5), "test is 1.5"),
        (lambda: digits.rows(np.zeros((8, 8))), "images has shape"),
        (lambda: digits.glimpses(np.zeros((1, 8, 8)), size=9), "size 9"),
        (lambda: digits.glimpses(np.zeros((1, 8, 8)), stride=0), "stride 0"),
        (lambda: digits.moving(np.zeros((1, 8, 8)), rng(), frames=1), "frames 1"),
        (lambda: digits.moving(np.zeros((1, 8, 8)), rng(), size=5), "size 5"),
    ],
)
def test_digits_refuse(act, words):
    with pytest.raises(ValueError, match=words):
        act()


# --- names ----------------------------------------------------------------------------


def test_no_surname_is_in_two_countries_and_all_are_plain_letters():
    pairs = names.load()
    surnames = [name for name, _ in pairs]
    assert len(surnames) == len(set(surnames)) > 3000
    assert {c for _, c in pairs} == set(names.LOCALES)
    assert set("".join(surnames)) <= set("abcdefghijklmnopqrstuvwxyz")
    assert pairs == names.load()


def test_shared_surnames_depend_on_the_countries_asked_for():
    few = {name for name, _ in names.load(["Czechia", "Spain"])}
    many = {name for name, c in names.load() if c in ("Czechia", "Spain")}
    assert many < few


def test_split_keeps_every_pair_once():
    pairs = names.load(["Finland", "Spain"])
    train, held = names.split(pairs, rng(), test=0.2)
    assert sorted(train + held) == pairs
    assert abs(len(held) / len(pairs) - 0.2) < 0.01


def test_names_refuse():
    with pytest.raises(ValueError, match="Atlantis"):
        names.load(["Atlantis", "Spain"])
    with pytest.raises(ValueError, match="at least two"):
        names.load(["Spain"])
    with pytest.raises(ValueError, match="test is 0"):
        names.split([("a", "b")], rng(), test=0)


# --- numbers, dates, tags -------------------------------------------------------------


def test_number_words():
    assert numbers.words(725) == ["seven", "hundred", "and", "twenty", "five"]
    assert numbers.words(np.int64(0)) == ["zero"]
    assert numbers.words(21, lang="de") == ["einundzwanzig"]


def test_held_out_numbers_are_not_in_training():
    train, held = numbers.sample(rng(), 100, below=1000)
    assert len(held) == 100
    assert not set(train) & set(held)
    assert sorted([*train, *held]) == list(range(1000))


@pytest.mark.parametrize(
    ("act", "words"),
    [
        (lambda: numbers.words(-1), "number is -1"),
        (lambda: numbers.words(1.5), "whole number"),
        (lambda: numbers.words(True), "whole number"),
        (lambda: numbers.words(1, lang="klingon"), "klingon"),
        (lambda: numbers.sample(rng(), 0), "count is 0"),
        (lambda: numbers.sample(rng(), 1000, below=1000), "count is 1000"),
    ],
)
def test_numbers_refuse(act, words):
    with pytest.raises(ValueError, match=words):
        act()


def test_dates_differ_and_the_split_is_by_date():
    drawn = dates.draw(rng(), 500)
    assert len(set(drawn)) == 500
    train, held = dates.split(drawn + drawn[:100], test=0.2)
    assert not set(train) & set(held)
    assert len(train) + len(held) == 500


def test_pairs_end_in_iso_and_use_many_languages():
    drawn = dates.draw(rng(), 300)
    pairs = dates.pairs(drawn, rng(1))
    assert [iso for _, iso in pairs] == [d.isoformat() for d in drawn]
    assert all(str(d.day) in text for d, (text, _) in zip(drawn, pairs, strict=True))
    assert any("月" in text for text, _ in pairs)
    assert all(text == " ".join(text.split()).lower() for text, _ in pairs)


def test_dates_refuse():
    with pytest.raises(ValueError, match="count is 400"):
        dates.draw(rng(), 400, first=2000, last=2000)
    with pytest.raises(ValueError, match="test is 1"):
        dates.split([datetime.date(2000, 1, 1)], test=1)
    with pytest.raises(ValueError, match="xx"):
        dates.pairs([datetime.date(2000, 1, 1)], rng(), locales=["xx"])
    with pytest.raises(ValueError, match="forms is "):
        dates.pairs([datetime.date(2000, 1, 1)], rng(), forms=["short"])
    with pytest.raises(ValueError, match="form is 'short'; known: medium"):
        dates.write(datetime.date(2000, 1, 1), "en", "short")
    with pytest.raises(ValueError, match="locale is 'xx'; known: en de"):
        dates.write(datetime.date(2000, 1, 1), "xx", "long")


SHORT_DATES = st.dates(datetime.date(1950, 1, 1), datetime.date(2049, 12, 31))


@given(SHORT_DATES, st.sampled_from(dates.LOCALES), st.sampled_from(dates.SHORTER))
def test_a_date_written_may_mean_that_date(date, locale, form):
    text = dates.write(date, locale, form)
    assert len(text) <= 25
    found = dates.readings(text.upper() if text.isascii() else f" {text} ")
    assert locale in found[date.isoformat()]
    if len(found) > 1:  # the two orders of day and month, and nothing else
        swapped = date.replace(month=date.day, day=date.month).isoformat()
        assert {*found} == {date.isoformat(), swapped}


def test_a_date_is_read_whether_its_accents_are_apart_or_not():
    for text in ("4 août 1998", "2005년 4월 3일", "4 ağustos 1998"):
        found = dates.readings(unicodedata.normalize("NFD", text))
        assert found == dates.readings(text) != {}


def test_what_nobody_writes_has_no_reading():
    for text in ("", "2005", "4 march", "31/31/2005", "30 february 2005", "52,047"):
        assert dates.readings(text) == {}
    assert len(dates.readings("3/4/2005")) == 2
    assert len(dates.readings("3/25/2005")) == 1
    assert {*dates.readings("4 mars 2005")["2005-03-04"]} == {"fr", "sv"}


def test_numeric_dates_have_the_year_in_full():
    for locale in dates.LOCALES:
        text = dates.write(datetime.date(1998, 3, 4), locale, "numeric")
        assert "1998" in text
    assert dates.write(datetime.date(1998, 3, 4), "en", "numeric") == "3/4/1998"


@pytest.mark.parametrize("order", tagging.ORDERS)
def test_tags_spell_the_parts_of_the_date(order):
    date = datetime.date(1998, 5, 3)
    text, tags = tagging.write(date, order)
    assert len(text) == len(tags)
    part = {
        k: "".join(c for c, t in zip(text, tags, strict=True) if t == k) for k in "DMY"
    }
    assert int(part["D"]) == 3
    assert part["Y"] == "1998"
    assert part["M"] in ("05", "May")


def test_tagged_uses_every_order_and_refuses_others():
    pairs = tagging.tagged(dates.draw(rng(), 50), rng(1))
    assert len({tags.replace("DD", "D") for _, tags in pairs}) == 3
    with pytest.raises(ValueError, match="order is 'Y'"):
        tagging.write(datetime.date(2000, 1, 1), "Y")


# --- series and windows ---------------------------------------------------------------


def test_the_series_has_a_daily_cycle_and_noise_of_the_named_size():
    smooth = series.seasonal(rng(), 400, noise=0)
    day = np.sin(2 * np.pi * np.arange(400) / 24)
    week = 0.5 * np.sin(2 * np.pi * np.arange(400) / 168)
    assert np.allclose(smooth, day + week, atol=1e-6)
    rough = series.seasonal(rng(), 20_000, noise=0.3)
    rest = rough - series.seasonal(rng(), 20_000, noise=0)
    new = rest[1:] - 0.7 * rest[:-1]
    assert abs(new.std() - 0.3) < 0.01


def test_windows_against_a_loop():
    values = rng().normal(size=20)
    inputs, targets = series.windows(values, 5, 3)
    assert len(inputs) == len(targets) == 13
    for i in range(13):
        assert (inputs[i] == values[i : i + 5]).all()
        assert (targets[i] == values[i + 5 : i + 8]).all()


def test_series_refuse():
    with pytest.raises(ValueError, match="steps 1"):
        series.seasonal(rng(), 1)
    for length, horizon in ((0, 1), (3, 0), (5, 1)):
        with pytest.raises(ValueError, match=f"length {length} and horizon {horizon}"):
            series.windows(np.zeros(5), length, horizon)


# --- batching -------------------------------------------------------------------------


def test_coder_round_trip_and_refusals():
    coder = batching.Coder("cab")
    assert coder.encode("abc", end=True) == [3, 4, 5, coder.EOS]
    assert coder.decode([1, 3, 4, 0, 2, 5]) == ["a", "b"]
    assert len(coder) == 6
    with pytest.raises(ValueError, match="'z'"):
        coder.encode("abz")
    with pytest.raises(ValueError, match="empty"):
        batching.Coder("")


@pytest.mark.parametrize("reserved", ["∅", "<bos>", "<eos>"])
def test_no_text_is_encoded_to_a_reserved_id(reserved):
    coder = batching.Coder("abc")
    with pytest.raises(ValueError, match=f"'{reserved}', which this coder never saw"):
        coder.encode(["a", reserved])
    coder = batching.Coder(["a", reserved])  # written alike, and another symbol
    ids = coder.encode(["a", reserved, "a"], end=True)
    assert min(ids[:-1]) > coder.EOS
    assert coder.decode(ids) == ["a", reserved, "a"]


def test_pad_batch():
    ids, lengths = batching.pad_batch([[1, 2], [3], []], pad=9)
    assert ids.tolist() == [[1, 2], [3, 9], [9, 9]]
    assert lengths.tolist() == [2, 1, 0]
    with pytest.raises(ValueError, match="empty"):
        batching.pad_batch([])


def test_one_hot():
    x = batching.one_hot([[0, 2]], 3)
    assert x.tolist() == [[[1, 0, 0], [0, 0, 1]]]
    assert x.dtype == np.float32
    with pytest.raises(ValueError, match="size 3"):
        batching.one_hot([3], 3)
    with pytest.raises(ValueError, match="ids: got float64, want integers"):
        batching.one_hot([1.5], 3)
    assert batching.one_hot([], 3).shape == (0, 3)


def test_padding_takes_whole_numbers_only():
    assert batching.pad_batch([[], np.array([1, 2])])[0].tolist() == [[0, 0], [1, 2]]
    with pytest.raises(ValueError, match=r"sequences\[1\]: got float64, want integers"):
        batching.pad_batch([[1], [1.7]])
    with pytest.raises(ValueError, match="pad: got float64"):
        batching.pad_batch([[1]], 0.5)


def test_minibatches_show_every_row_once_per_pass_and_keep_rows_together():
    a, b = np.arange(10), 10 * np.arange(10)
    batches = batching.minibatches(rng(), 5, a, b)
    (a1, b1), (a2, b2) = next(batches), next(batches)
    assert sorted([*a1.tolist(), *a2.tolist()]) == list(range(10))
    assert (b1 == 10 * a1).all()
    assert (b2 == 10 * a2).all()
    again = batching.minibatches(rng(), 5, a, b)
    assert (next(again)[0] == a1).all()


def test_minibatches_leave_out_what_fills_no_batch_and_draw_anew():
    batches = batching.minibatches(rng(), 4, np.arange(10))
    passes = [
        [*next(batches)[0].tolist(), *next(batches)[0].tolist()] for _ in range(9)
    ]
    assert all(len(set(rows)) == 8 for rows in passes)
    assert set().union(*passes) == set(range(10))


def test_minibatches_refuse_before_the_first_batch():
    with pytest.raises(ValueError, match="rows"):
        batching.minibatches(rng(), 2, [1, 2], [1])
    with pytest.raises(ValueError, match="size is 3"):
        batching.minibatches(rng(), 3, [1, 2])
    with pytest.raises(ValueError, match=r"size is 2\.0; want a whole number, 1 to 2"):
        batching.minibatches(rng(), 2.0, [1, 2])


# --- applications ---------------------------------------------------------------------


def test_every_application_has_a_type_and_every_type_an_application():
    assert {a.type for a in applications.APPLICATIONS} == set(applications.TYPES)
    table = applications.describe()
    assert all(a.name in table for a in applications.APPLICATIONS)
    wrong = applications.APPLICATIONS[0]._replace(type="none")
    with pytest.raises(ValueError, match="none"):
        applications.describe([wrong])


def test_a_coder_says_all_that_it_knows_or_how_much_it_leaves_out():
    with pytest.raises(ValueError, match=r"it knows: ␣ ! a b c d .* x y z$"):
        batching.Coder("abcdefghijklmnopqrstuvwxyz !").encode("a.")
    many = [f"w{n:02}" for n in range(75)]
    with pytest.raises(ValueError, match=r"it knows: w00 w01 .* w59 and 15 more$"):
        batching.Coder(many).encode(["w75"])


@pytest.mark.parametrize(("here", "there"), [("NFC", "NFD"), ("NFD", "NFC")])
def test_a_coder_says_how_accents_are_put_right(here, there):
    words = ["müde", "한국어", "a"]
    mine = [unicodedata.normalize(there, word) for word in words]
    typed = [unicodedata.normalize(here, word) for word in words]
    call = rf"take unicodedata.normalize\('{there}', "
    with pytest.raises(ValueError, match=call + r"tokens\)$"):
        batching.Coder("".join(mine)).encode("".join(typed))
    with pytest.raises(ValueError, match=call + r"one\) for each one of tokens$"):
        batching.Coder(mine).encode(iter(typed))
    with pytest.raises(ValueError, match=r"it knows: [^;]*$"):
        batching.Coder(mine).encode([*typed, "new"])


def test_the_map_hides_what_is_not_placed_yet():
    placed = {"driving": ..., "translation": "aligned", "sentiment": "many-to-one"}
    table = applications.describe(placed=placed).splitlines()
    hidden = [f"| ? | {name} | ? | ? | ? |" for name in ("driving", "translation")]
    assert table[-2:] == hidden
    assert "| many-to-one | sentiment | words (B, T) | a class (B, K) | 13 |" in table
    assert len(table) == len(applications.APPLICATIONS) + 2
    with pytest.raises(ValueError, match="placed is \\['driving'\\]"):
        applications.describe(placed=["driving"])
