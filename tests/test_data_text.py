"""The English text, its ids, its streams and the table of pairs."""

import numpy as np
import pytest

from helpers.data.text import Characters, bigram_bits, prose, streams


def test_prose_is_long_plain_and_the_same_each_time():
    text = prose()
    assert len(text) > 200_000
    assert text.isascii()
    assert "  " not in text
    assert "\n\n" not in text
    assert all(any(c.isalpha() for c in line) for line in text.splitlines())
    assert text.count("the ") > 1000
    assert prose() is text


def test_encode_and_decode_are_inverse():
    characters = Characters("hello world")
    assert characters.chars == " dehlorw"
    assert len(characters) == 8
    assert characters.encode("hold").tolist() == [3, 5, 4, 1]
    assert characters.decode(characters.encode("low hell")) == "low hell"
    assert characters.encode("").shape == (0,)


def test_an_unknown_character_is_named():
    with pytest.raises(ValueError, match="'z'"):
        Characters("abc").encode("abz")
    with pytest.raises(ValueError, match="text is empty"):
        Characters("")


def test_streams_go_on_where_they_stopped():
    ids = np.arange(100, 147)
    chunks = list(streams(ids, B=3, T=4))
    X = np.concatenate([x for x, _ in chunks], axis=1)
    Y = np.concatenate([y for _, y in chunks], axis=1)
    assert X.shape == Y.shape == (3, 12)
    assert (np.diff(X, axis=1) == 1).all()  # each row reads on
    assert (Y == X + 1).all()
    assert len(np.unique(X)) == X.size  # nothing is read twice
    assert all(x.shape == (3, 4) for x, _ in chunks)


@pytest.mark.parametrize(("n", "chunks"), [(7, 1), (12, 1), (13, 2)])
def test_streams_leave_out_what_fills_no_chunk(n, chunks):
    assert len(list(streams(np.arange(n), B=2, T=3))) == chunks


@pytest.mark.parametrize(("n", "B", "T"), [(6, 2, 3), (50, 0, 3), (50, 2, -1)])
def test_streams_refuse_what_gives_no_chunk(n, B, T):
    with pytest.raises(ValueError, match=f"ids holds {n}"):
        next(streams(np.arange(n), B, T))


def test_bigram_bits_by_hand():
    train, test = np.array([0, 1, 0, 1, 0]), np.array([0, 1, 1])
    # seen after 0: 1 twice, after 1: 0 twice; plus one each: 3/4 for 0→1, 1/4 for 1→1
    assert bigram_bits(train, test, 2) == pytest.approx(-np.log2([3 / 4, 1 / 4]).mean())


def test_bigram_bits_is_between_nothing_and_guessing():
    characters = Characters(prose())
    ids = characters.encode(prose()[:60_000])
    bits = bigram_bits(ids[:50_000], ids[50_000:], len(characters))
    assert 2 < bits < np.log2(len(characters)) - 1


def test_bigram_bits_refuses_too_little():
    with pytest.raises(ValueError, match="1 and 5"):
        bigram_bits(np.zeros(1, int), np.zeros(5, int), 2)
