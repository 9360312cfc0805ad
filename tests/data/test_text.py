"""The English text, its ids, its streams, the table of pairs, and a learner's file."""

import contextlib
import tracemalloc
import unicodedata
from types import SimpleNamespace

import numpy as np
import pytest

from helpers.data.files.forms import in_form_of
from helpers.data.text import (
    Characters,
    bigram_bits,
    prose,
    read_text,
    streams,
)


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


@pytest.mark.parametrize(("here", "there"), [("NFC", "NFD"), ("NFD", "NFC")])
def test_a_text_whose_accents_are_apart_is_told_how_to_put_them_right(here, there):
    text = "naïve 한국어"
    characters = Characters(unicodedata.normalize(there, text))
    typed = unicodedata.normalize(here, text)
    with pytest.raises(ValueError, match=rf"unicodedata.normalize\('{there}', text\)"):
        characters.encode(typed)
    assert in_form_of(characters.chars, typed) == unicodedata.normalize(there, text)
    with pytest.raises(ValueError, match=r"was made from$"):
        characters.encode("ü")


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


@pytest.mark.parametrize(
    ("n", "B", "T", "words"),
    [
        (6, 2, 3, "ids holds 6; .* = 7 are"),
        (50, 0, 3, "B: got 0"),
        (50, 2, -1, "T: got -1"),
        (50, 2.0, 3, "B: got 2.0"),
    ],
)
def test_streams_refuse_what_gives_no_chunk(n, B, T, words):
    with pytest.raises(ValueError, match=words):
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


# --- a file of the learner -----------------------------------------------------------


LONG = "Once upon a time there was a net. " * 10


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_a_file_is_read_whatever_mark_it_begins_with(tmp_path, encoding):
    file = tmp_path / "mine.txt"
    file.write_bytes(("Äpfel\r\n나무\r\n" + LONG).encode(encoding))
    text = read_text(file, at_least=10)
    assert text == "Äpfel\n나무\n" + LONG.strip()
    assert read_text(str(file), at_least=10, at_most=5) == "Äpfel"


def test_letters_in_two_parts_are_composed(tmp_path):
    file = tmp_path / "mac.txt"
    file.write_text("e\u0301" + LONG, encoding="utf-8")
    assert read_text(file, at_least=10)[0] == "é"


def test_an_encoding_may_be_named(tmp_path):
    file = tmp_path / "old.txt"
    file.write_bytes(("naïve " + LONG).encode("cp1252"))
    with pytest.raises(ValueError, match=r"not in utf-8: see byte 2; try encoding="):
        read_text(file)
    assert read_text(file, encoding="cp1252", at_least=10).startswith("naïve")
    with pytest.raises(ValueError, match="encoding: 'latin-one'"):
        read_text(file, encoding="latin-one")


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"path": None}, "path: got None, want the name of a file"),
        ({"path": 5}, "path: got 5, want"),
        ({"path": "~nobody-of-that-name/x"}, "path: .*nobody here has such a home"),
        ({"at_most": -5}, "at_most: got -5, want a whole number from 1 on"),
        ({"at_most": 2.5}, r"at_most: got 2\.5"),
        ({"at_least": "many"}, "at_least: got 'many'"),
        ({"encoding": 5}, "encoding: got 5, want a name"),
        ({"encoding": ""}, "encoding: '' is none that Python knows for a text"),
        ({"encoding": "undefined"}, "encoding: 'undefined' is none"),
        ({"encoding": "punycode"}, "encoding: 'punycode' is none"),
        ({"encoding": "idna"}, "encoding: 'idna' is none"),
        ({"encoding": "rot13"}, "encoding: 'rot13' is none"),
        ({"encoding": "utf-8\0"}, "encoding: .* is none"),
    ],
)
def test_bad_arguments_of_the_reader_are_named(tmp_path, given, words):
    file = tmp_path / "mine.txt"
    file.write_text(LONG)
    with pytest.raises(ValueError, match=words):
        read_text(**{"path": file, "at_least": 10} | given)


def test_a_file_without_the_mark_that_its_encoding_wants(tmp_path):
    file = tmp_path / "mine.txt"
    file.write_text(LONG, encoding="utf-16-le")
    with pytest.raises(
        ValueError, match=r"in utf-16: see byte 0; try encoding='utf-16-le"
    ):
        read_text(file, encoding="utf-16")


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"", "holds no characters at all; at least 5,000"),
        (b"\xef\xbb\xbf \n\n ", "no characters at all"),
        (b"too short", "holds 9 characters; at least 5,000 are wanted"),
        (b"PK\x03\x04\x00\x00word/document.xml" * 400, "is no plain text"),
    ],
)
def test_files_that_teach_nothing_are_refused(tmp_path, raw, words):
    file = tmp_path / "mine.txt"
    file.write_bytes(raw)
    with pytest.raises(ValueError, match=words) as caught:
        read_text(file)
    assert str(tmp_path) not in str(caught.value)


def test_a_file_that_is_not_there_and_a_folder(tmp_path):
    with pytest.raises(ValueError, match=r"'gone.txt' is not there"):
        read_text(tmp_path / "gone.txt")
    with pytest.raises(ValueError, match="is a folder; a text file is wanted"):
        read_text(tmp_path)


def test_of_a_very_long_file_only_what_is_kept_is_read(tmp_path, monkeypatch):
    file, text = tmp_path / "library.txt", "Der Bär übt täglich. " * 60_000
    with file.open("wb") as out:
        out.write(text.encode())
        out.truncate(300_000_000)  # the rest takes no room on the disk
    read, whole = [], type(file).open

    def counting(self, *args):
        opened = whole(self, *args)
        real = opened.read
        handle = SimpleNamespace(seek=opened.seek, tell=opened.tell)
        handle.read = lambda n: read.append(n) or real(n)
        return contextlib.nullcontext(handle)

    monkeypatch.setattr(type(file), "open", counting)
    tracemalloc.start()
    kept = read_text(file)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert kept == text[:1_000_000]
    assert min(read) > 0
    assert sum(read) < 3_000_000
    assert peak < 30_000_000


@pytest.mark.parametrize("n", [65_534, 65_535, 65_536, 65_537])
def test_no_letter_and_no_line_end_is_lost_where_two_pieces_meet(tmp_path, n):
    file, text = tmp_path / "mine.txt", "x" * n + "é\r\ne\u0301\r\n" * 5000
    file.write_text(text, encoding="utf-8", newline="")
    want = "x" * n + "é\né\n" * 5000
    assert read_text(file) == want.strip()
    assert read_text(file, at_most=n + 4) == want[: n + 4]


def test_accents_in_two_parts_do_not_shorten_what_is_kept(tmp_path):
    file = tmp_path / "mine.txt"
    file.write_text("e\u0301" * 200_000, encoding="utf-8")
    assert read_text(file, at_most=150_000) == "é" * 150_000
    file.write_text("\n " * 200_000 + "한국어" * 9, encoding="utf-8")
    assert read_text(file, at_least=5, at_most=9) == "한국어" * 3


def test_a_file_that_may_not_be_read_is_said_so(tmp_path, monkeypatch):
    file = tmp_path / "locked.txt"
    file.write_text(LONG)

    def locked(self, *args):
        raise PermissionError(13, "Permission denied", str(self))

    for step in ("open", "is_file"):
        with monkeypatch.context() as patch:
            patch.setattr(type(file), step, locked)
            with pytest.raises(
                ValueError, match=r"'locked.txt' cannot be read \(Permission denied\)"
            ):
                read_text(file)
