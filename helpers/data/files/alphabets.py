"""Which letters beyond a … z does a language write? A text misread has others.

Sources: the exemplar letters of the Unicode CLDR, shortened to those that old encodings
have; the first levels of GB 2312, Big5, JIS X 0208 and KS X 1001.
"""

from __future__ import annotations

from collections import Counter
from functools import cache
from typing import NamedTuple
from unicodedata import category, normalize

__all__ = ["Fit", "fit"]

RUSSIAN = "абвгдежзийклмнопрстуфхцчшщъыьэюя"
PERSIAN = "ابتثجحخدذرزسشصضطظعغفقلمنهويءآأؤئپچژگکیۀةكىإ"
TONES = "", "\u0300", "\u0301", "\u0303", "\u0309", "\u0323"  # of Vietnamese
VOWELS = "".join(v + tone for v in "aăâeêioôơuưy" for tone in TONES)
LATIN = (
    *("àâæçéèêëîïôœùûüÿ", "äöüß", "áéíñóúüïºª", "áâãàçéêíóôõúüºª"),  # to the west
    *("àèéìíîòóùúºª", "àçèéíïòóúü", "áäéèëïíóöúü", "âêîôûŵŷáéíóöäëïàè"),
    *("åäöéà", "æøåéèêóòô", "äöåšžé", "äöõüšž", "áéíóúýðþæöø", "ċġħżàèìòù"),
    *("ąćęłńóśźż", "áčďéěíňóřšťúůýž", "áäčďéíĺľňóôŕšťúýž", "áéíóöőúüű"),  # middle
    *("ăâîșț", "ăâîşţ", "čćđšž", "çëéê", "ĉĝĥĵŝŭ", "ąčęėįšųūž", "āčēģīķļņōŗšūž"),
    *("çğıiİöşüâîû", "əçğıiİöşü", normalize("NFC", VOWELS) + "đ"),
)
OTHERS = (
    *(RUSSIAN + "ё", RUSSIAN + "ґєії", RUSSIAN + "ёіў", RUSSIAN + "ёәғқңөұүһі"),
    *("абвгдђежзијклљмнњопрстћуфхцчџш", "абвгдѓежзѕијклљмнњопрстќуфхцчџшѐѝ"),
    *("αβγδεζηθικλμνξοπρσςτυφχψωάέήίόύώϊϋΐΰ", "אבגדהוזחטיכךלמםנןסעפףצץקרשת"),
    PERSIAN + "ـ" + "".join(map(chr, range(0x64B, 0x656))) + "ٹڈڑںےہھ،؛؟",
    "".join(map(chr, [*range(0xE01, 0xE3B), *range(0xE3F, 0xE5C)])),
)
LEVELS = (  # the encoding of a language, and the first bytes of its usual characters
    ("gb2312", range(0xA1, 0xD8)),
    ("big5", range(0xA1, 0xC7)),
    ("euc_jp", range(0xA1, 0xD0)),
    ("euc_kr", range(0xA1, 0xFE)),
)
USUAL = set("\u00a0\u00ad\ufeff«»“”„‚‘’‹›–—…•·§©®°№¡¿€£")  # signs of any language
SIGNS = "No", "Sc", "Sk", "Sm", "So"
JOINTS = set("’·‐‑–—\u00ad")  # what may stand inside of words
LAST = set("ςםןץףךة")  # letters that end a word
AHEAD, UPON = set("เแโใไ"), set("ัิีึืฺุู็่้๊๋์ํ๎")  # of Thai: before, on a consonant


class Fit(NamedTuple):
    """How a text fits one language: of `strange` characters beyond ASCII so many are
    none of its letters or signs, or belong to a word where one stands that cannot.
    kinds: how many different letters; latin: most letters of the alphabet are a … z;
    shouts: most of the strange characters are capitals."""

    misfits: int
    strange: int
    kinds: int
    latin: bool
    shouts: bool

    @property
    def share(self):
        return self.misfits / max(self.strange, 1)


def fit(text):
    """Return the Fit of a text to the language that it fits best."""
    text = normalize("NFC", text)
    found = {c: n for c, n in Counter(text).items() if c > "\x7f"}
    letters = {c: n for c, n in found.items() if c not in USUAL}
    best, known = max(
        enumerate(_alphabets()),
        key=lambda one: sum(n for c, n in letters.items() if c in one[1]),
    )
    unknown = sum(n for c, n in letters.items() if c not in known)
    strange = sum(found.values())
    misplaced = 0
    if unknown * 4 <= strange:  # or it is far from any language
        words = Counter(word for word in text.split() if not word.isascii())
        words = {word: n for word, n in words.items() if _misplaced(word)}
        misplaced = sum(n * sum(c > "\x7f" for c in w) for w, n in words.items())
    kinds = len({c.lower() for c in letters} & known)
    shouts = 2 * sum(n for c, n in letters.items() if c.isupper()) > strange
    misfits = min(unknown + misplaced, strange)
    return Fit(misfits, strange, kinds, best < len(LATIN), shouts)


@cache
def _alphabets():
    letters = [{*own, *own.upper(), *own.title()} for own in (*LATIN, *OTHERS)]
    second = range(0x40, 0xFF)
    for name, rows in LEVELS:
        pairs = (bytes((i, j)).decode(name, "ignore") for i in rows for j in second)
        letters.append(set("".join(pairs)))
    return letters


def _misplaced(word):
    """Tell whether a character of a word stands where no language has it.

    A sign inside: the ¹ of "rodz¹", say; a capital inside; a last letter or a mark at
    the start; a Greek letter among Latin ones.
    """
    for i, c in enumerate(word):
        if c <= "\x7f":
            continue
        kind, before, after = category(c), word[i - 1 : i], word[i + 1 : i + 2]
        latin = sum("A" <= side <= "z" for side in (before, after))
        if kind[0] in "SNP" and "\u3000" > c not in JOINTS:
            wrong = before.isalpha() and (kind in SIGNS or after.isalpha())
        elif latin and c > "\u036f":
            wrong = c < "\u1e00" or (c > "\u3040" and latin == 2)
        elif c in AHEAD:
            wrong = not "ก" <= after <= "ฮ"
        elif c in UPON:
            wrong = not ("ก" <= before <= "ฮ" or before in UPON)
        elif kind == "Mn":
            wrong = not before.isalpha() and not word[i - 2 : i - 1].isalpha()
        else:
            wrong = before.islower() if kind == "Lu" else c in LAST and after.isalpha()
        if wrong:
            return True
    return False
