"""Real sentences in the encodings that files of their language are found in."""

import codecs
import contextlib
import encodings.aliases
import json
from pathlib import Path

import pytest

from helpers.data.files.encodings import (
    ENCODINGS,
    known_encoding,
    likely_encodings,
    strange_words,
)
from helpers.data.text import read_text

# The first article of the Universal Declaration of Human Rights, and some more words.
SENTENCES = Path(__file__).with_name("sentences.json")
HUMAN_RIGHTS = json.loads(SENTENCES.read_text(encoding="utf-8"))
OLD = [  # language, the encoding that Python writes, the name that it is told by
    ("Russian", "cp1251", "cp1251"),
    ("Russian", "koi8-r", "koi8_r"),
    ("Russian", "cp866", "cp866"),
    ("Russian", "mac-cyrillic", "mac_cyrillic"),
    ("Ukrainian", "cp1251", "cp1251"),
    ("Greek", "cp1253", "cp1253"),
    ("Greek", "iso8859-7", "iso8859_7"),
    ("Japanese", "shift_jis", "cp932"),
    ("Japanese", "euc_jp", "euc_jp"),
    ("Chinese", "gbk", "gb18030"),
    ("Chinese", "gb2312", "gb18030"),
    ("Chinese of Taiwan", "big5", "big5"),
    ("Korean", "euc-kr", "cp949"),
    ("Korean", "cp949", "cp949"),
    ("French", "cp1252", "cp1252"),
    ("French", "latin-1", "cp1252"),
    ("German", "cp1252", "cp1252"),
    ("German", "latin-1", "cp1252"),
    ("Polish", "cp1250", "cp1250"),
    ("Turkish", "cp1254", "cp1254"),
    ("Hebrew", "cp1255", "cp1255"),
    ("Arabic", "cp1256", "cp1256"),
    ("Thai", "cp874", "cp874"),
]
NEAR = [  # letters of which a part has another place in a neighbour's encoding
    ("Hungarian", "cp1250"),
    ("Hungarian", "iso8859-2"),
    ("Romanian", "cp1250"),
    ("Romanian", "iso8859-2"),
    ("Czech", "cp1250"),
    ("Czech", "iso8859-2"),
    ("Croatian", "cp1250"),
    ("Swedish", "cp1252"),
    ("Swedish", "cp850"),
    ("Swedish", "mac-roman"),
    ("Finnish", "cp1252"),
    ("Danish", "cp1252"),
    ("Danish", "cp850"),
    ("Portuguese", "cp1252"),
    ("Portuguese", "cp850"),
    ("Italian", "cp1252"),
    ("Spanish", "cp1252"),
    ("Spanish", "cp850"),
    ("Lithuanian", "cp1257"),
    ("Bulgarian", "cp1251"),
    ("Persian", "cp1256"),
    ("Icelandic", "cp1252"),
    ("Russian", "iso8859-5"),
    ("Ukrainian", "koi8-u"),
    ("German", "cp850"),
    ("Polish", "iso8859-2"),
]


def long(language, n=6000):
    text = HUMAN_RIGHTS[language]
    return (text * (n // len(text) + 1))[:n].strip()


@pytest.mark.parametrize(("language", "encoding", "told"), OLD)
def test_a_long_old_file_is_read_right_and_the_reader_is_told(
    tmp_path, capsys, language, encoding, told
):
    file = tmp_path / "mine.txt"
    file.write_bytes(long(language).encode(encoding))
    assert read_text(file) == long(language)
    line = capsys.readouterr().out
    assert f"'mine.txt' is not in UTF-8; it is read as {told} (" in line
    words = strange_words(long(language))  # in which mojibake would be seen
    assert repr(words) in line
    assert not words.isascii()


@pytest.mark.parametrize(
    ("language", "encoding"), [*NEAR, *((old[0], old[1]) for old in OLD)]
)
def test_a_wrong_encoding_is_never_said_to_be_sure(language, encoding):
    for n in 12, 60, 300, 700, 2000, 6000, 20_000:
        text = long(language, n)
        found = likely_encodings(text.encode(encoding))
        right = [text.startswith(reading.text.strip()) for reading in found]
        assert not (found and found[0].sure and not right[0])
        assert n < 300 or any(right), "the right one is not even a guess"


ALL = sorted({*encodings.aliases.aliases.values()})
ALIKE = {"big5hkscs", "shift_jis_2004", "shift_jisx0213"}  # of a few letters


@pytest.mark.parametrize("language", HUMAN_RIGHTS)
def test_of_all_encodings_that_python_has_none_is_surely_another(language):
    tried = 0
    for encoding in sorted({*ALL} - ALIKE):
        with contextlib.suppress(LookupError, UnicodeError, TypeError):
            text, raw = long(language), long(language).encode(encoding)
            if raw.isascii() or "a".encode(encoding) != b"a" or known_encoding(raw):
                continue
            found = likely_encodings(raw)
            tried += 1
            assert not found[0].sure or text.startswith(found[0].text.strip()), encoding
    assert tried > 1


def test_a_short_old_file_is_told_as_a_guess_with_its_words(tmp_path, capsys):
    file = tmp_path / "mine.txt"
    file.write_bytes(HUMAN_RIGHTS["Greek"][:60].encode("cp1253"))
    with pytest.raises(ValueError, match=r"not in utf-8: see byte 0; try enc") as said:
        read_text(file, at_least=10)
    words = str(said.value)
    assert "'cp1253' ('Όλοι οι άνθρωποι" in words
    assert words.count(" or ") == 2  # other encodings, and how they read
    assert capsys.readouterr().out == ""
    named = read_text(file, encoding="cp1253", at_least=10)
    assert named == HUMAN_RIGHTS["Greek"][:60].strip()


@pytest.mark.parametrize("language", HUMAN_RIGHTS)
@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le"])
def test_wide_characters_without_a_mark_are_known(tmp_path, language, encoding):
    assert known_encoding(long(language).encode(encoding)) == encoding
    file = tmp_path / "mine.txt"
    file.write_bytes(long(language).encode(encoding))
    assert read_text(file) == long(language)


def test_escapes_are_known():
    assert known_encoding(long("Japanese").encode("iso2022_jp")) == "iso2022_jp"
    assert known_encoding(long("Korean").encode("iso2022_kr")) == "iso2022_kr"


@pytest.mark.parametrize("language", HUMAN_RIGHTS)
def test_utf_8_is_read_without_a_word(tmp_path, capsys, language):
    file = tmp_path / "mine.txt"
    for mark in b"", codecs.BOM_UTF8:
        file.write_bytes(mark + long(language).encode())
        assert read_text(file) == long(language)
    assert capsys.readouterr().out == ""


def test_what_is_no_text_is_not_taken_for_one():
    assert known_encoding(bytes(range(256)) * 40) is None
    assert known_encoding(b"\x7fELF\x02\x01\x01" + bytes(9) + b"\x03\0>\0" * 99) is None
    assert known_encoding(b"") is None
    assert likely_encodings(b"") == []


def test_strange_letters_after_a_long_plain_beginning_are_found(tmp_path, capsys):
    file = tmp_path / "mine.txt"
    text = "A plain beginning, long enough for any sample. " * 3000 + long("Russian")
    file.write_bytes(text.encode("cp1251"))
    assert read_text(file) == text
    assert "read as cp1251" in capsys.readouterr().out


def test_one_bad_byte_in_utf_8_is_said_to_be_one(tmp_path):
    file = tmp_path / "mine.txt"
    half = long("Japanese", 2000).encode()
    file.write_bytes(half + b"\xff" + half)
    with pytest.raises(
        ValueError, match=rf"byte {len(half):,}; nearly all of it is; mend"
    ):
        read_text(file)


def test_what_is_in_no_encoding_throughout_is_said_so(tmp_path):
    file = tmp_path / "mine.txt"
    old = long("Japanese").encode("shift_jis")
    file.write_bytes(old * 9 + b"\x81 " + old)
    with pytest.raises(
        ValueError, match=r"not in utf-8: see byte 0; nor in cp932: see"
    ):
        read_text(file)


def test_every_guess_is_an_encoding_that_python_has():
    for name, words in ENCODINGS.items():
        assert codecs.lookup(name)
        assert words


def test_strange_words_are_those_beyond_ascii():
    assert strange_words("all plain here, then café and more", 12) == "café and mor…"
    assert strange_words("déjà vu") == "déjà vu"
    assert strange_words("a\nb\nné\nc") == "né c"
    assert strange_words("") == ""
