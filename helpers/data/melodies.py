"""Old tunes that belong to everybody, written as notes in the letters of ABC.

All are traditional or by composers who died before 1900, entered from memory in C major
(one in A minor). In ABC, C D E F G A B is the octave from middle C and c d e … the one
above; a comma lowers a note by an octave, ^ raises it by a semitone, z is a rest. A
number is the length in eighths, 1 where there is none; bars end with |.
"""

from __future__ import annotations

import itertools
import re

__all__ = ["TUNES", "bars", "load", "pitch_and_length"]

TUNES = {
    "Twinkle, twinkle": "C2C2G2G2|A2A2G4|F2F2E2E2|D2D2C4|G2G2F2F2|E2E2D4|G2G2F2F2|"
    "E2E2D4|C2C2G2G2|A2A2G4|F2F2E2E2|D2D2C4",
    "Frère Jacques": "C2D2E2C2|C2D2E2C2|E2F2G4|E2F2G4|GAGFE2C2|GAGFE2C2|C2G,2C4|"
    "C2G,2C4",
    "Ode to Joy": "E2E2F2G2|G2F2E2D2|C2C2D2E2|E3DD4|E2E2F2G2|G2F2E2D2|C2C2D2E2|D3CC4|"
    "D2D2E2C2|D2EFE2C2|D2EFE2D2|C2D2G,4|E2E2F2G2|G2F2E2D2|C2C2D2E2|D3CC4",
    "Mary had a little lamb": "E2D2C2D2|E2E2E4|D2D2D4|E2G2G4|E2D2C2D2|E2E2E2E2|"
    "D2D2E2D2|C8",
    "London Bridge": "G3AG2F2|E2F2G4|D2E2F4|E2F2G4|G3AG2F2|E2F2G4|D4G4|E2C6",
    "Au clair de la lune": "C2C2C2D2|E4D4|C2E2D2D2|C8|C2C2C2D2|E4D4|C2E2D2D2|C8|"
    "D2D2D2D2|A,4A,4|D2C2B,2A,2|G,8|C2C2C2D2|E4D4|C2E2D2D2|C8",
    "Row your boat": "C3C3|C2DE3|E2DE2F|G6|cccGGG|EEECCC|G2FE2D|C6",
    "Hänschen klein": "G2E2E4|F2D2D4|C2D2E2F2|G2G2G4|G2E2E4|F2D2D4|C2E2G2G2|C8|"
    "D2D2D2D2|D2E2F4|E2E2E2E2|E2F2G4|G2E2E4|F2D2D4|C2E2G2G2|C8",
    "Jingle Bells": "E2E2E4|E2E2E4|E2G2C3D|E8|F2F2F3F|F2E2E2EE|E2D2D2E2|D4G4|E2E2E4|"
    "E2E2E4|E2G2C3D|E8|F2F2F3F|F2E2E2EE|G2G2F2D2|C8",
    "Oh! Susanna": "CD|E2G2G3A|G2E2C3D|E2E2D2C2|D6CD|E2G2G3A|G2E2C3D|E2E2D2D2|C8|F4F4|"
    "A2A4A2|G2G2E2C2|D6CD|E2G2G3A|G2E2C3D|E2E2D2D2|C6",
    "When the saints": "C2E2F2|G8|z2C2E2F2|G8|z2C2E2F2|G4E4|C4E4|D8|z2E2E2D2|C6C2|"
    "E4G4|G2F6|F4E2F2|G4E4|C4D4|C8",
    "Good King Wenceslas": "C2C2C2D2|C2C2G,4|A,2G,2A,2B,2|C4C4|C2C2C2D2|C2C2G,4|"
    "A,2G,2A,2B,2|C4C4|G2F2E2D2|E2D2C4|A,2G,2A,2B,2|C4C4|G,2G,2A,2B,2|C2C2D4|"
    "G2F2E2D2|C4F4|C8",
    "Yankee Doodle": "C2C2D2E2|C2E2D2G,2|C2C2D2E2|C4B,2G,2|C2C2D2E2|F2E2D2C2|"
    "B,2G,2A,2B,2|C4C4|A,3B,A,2G,2|A,2B,2C4|G,3A,G,2F,2|E,4G,4|A,3B,A,2G,2|"
    "A,2B,2C2A,2|G,2C2B,2D2|C4C4",
    "Auld lang syne": "G,2|C3CC2E2|D3CD2E2|C3CE2G2|A6A2|G3EE2C2|D3CD2E2|C3A,A,2G,2|"
    "C6A2|G3EE2C2|D3CD2A2|G3EE2G2|A6A2|G3EE2C2|D3CD2E2|C3A,A,2G,2|C6",
    "Amazing grace": "G,2|C4EC|E4D2|C4A,2|G,4G,2|C4EC|E4D2|G6|z4E2|G4EC|E4D2|C4A,2|"
    "G,4G,2|C4EC|E4D2|C6",
    "Greensleeves": "A|c2defe|d2BGAB|c2AA^GA|B2^GE2A|c2defe|d2BGAB|cBA^G^F^G|A6|g3gfe|"
    "d2BGAB|c2AA^GA|B3E3|g3gfe|d2BGAB|cBA^G^F^G|A6",
    "Old MacDonald": "C2C2C2G,2|A,2A,2G,4|E2E2D2D2|C6G,2|C2C2C2G,2|A,2A,2G,4|E2E2D2D2|"
    "C6G,G,|C2C2C2G,G,|C2C2C4|CCC2CCC2|CCCCC2C2|C2C2C2G,2|A,2A,2G,4|E2E2D2D2|C8",
    "Deck the halls": "G3FE2D2|C2D2E2C2|DEFDE3D|C2B,2C4|G3FE2D2|C2D2E2C2|DEFDE3D|"
    "C2B,2C4|D3EF2D2|E3FG2D2|EFG2ABc2|B2A2G4|G3FE2D2|C2D2E2C2|AAAAG3F|E2D2C4",
    "Alouette": "C3DE2E2|DCDEC2G,2|C3DE2E2|DCDEC4",
    "Sur le pont d'Avignon": "C2C2C4|D2D2D4|E2F2G2C2|B,2C2D2G,2|C2C2C4|D2D2D4|"
    "E2F2G2C2|D2B,2C4",
    "Brahms's lullaby": "EE|G4EE|G4EG|c2B3A|A2G2DE|F4DE|F4DF|BAG2B2|c4CC|c4AF|G4EC|"
    "F2G2A2|G4CC|c4AF|G4EC|F2E2D2|C4",
    "Pop goes the weasel": "C2CD2D|EGEC3|C2CD2D|E3C3|C2CD2D|EGEC3|A3D2F|E3C3",
    "Skip to my Lou": "E2E2C2C2|E2EEG4|D2D2B,2B,2|D2DDF4|E2E2C2C2|E2EEG4|D2EFE2D2|C4C4",
    "This old man": "G2E2G4|G2E2G4|A2G2F2E2|D2E2F4|EFG2C2CC|CDEFG4|G2D2D2F2|E2D2C4",
    "Clementine": "CC|C2G,2EE|E2C2CE|G2G2FE|D4DE|F2F2ED|E2C2CE|D2G,2B,D|C4",
    "My Bonnie": "G,2|E3DC2|D2C2A,2|G,2E,4|z4G,2|E3DC2|C2B,2C2|D6|z4G,2|E3DC2|D2C2A,2|"
    "G,2E,4|z4G,2|A,2D2C2|B,2A,2B,2|C6",
    "Silent night": "G3AG2|E6|G3AG2|E6|d4d2|B6|c4c2|G6|A4A2|c3BA2|G3AG2|E6|A4A2|c3BA2|"
    "G3AG2|E6|d4d2|f3dB2|c6|e6|c2G2E2|G3FD2|C6",
    "Joy to the world": "c4B3A|G6F2|E4D4|C6G2|A6A2|B6B2|c8",
}

NOTE = re.compile(r"([\^_]?)([A-Ga-gz])([,']*)(\d*)")
SEMITONES = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}


def bars(abc):
    """Return a list of bars, each a list of notes such as 'C2', 'G,' and '^F'."""
    found = []
    for bar in abc.split("|"):
        notes = [match[0] for match in NOTE.finditer(bar)]
        if not notes or "".join(notes) != bar:
            raise ValueError(f"abc: bar {bar!r} is not made of notes such as C2, ^F, z")
        found.append(notes)
    return found


def load():
    """Return {title: list of notes} of all tunes, without their bar lines."""
    return {title: [*itertools.chain(*bars(abc))] for title, abc in TUNES.items()}


def pitch_and_length(note):
    """Return (pitch, length): in semitones, middle C being 60, and in eighths.

    The pitch of a rest is None. ValueError if it is no note.
    """
    match = NOTE.fullmatch(note)
    if not match:
        raise ValueError(f"note: got {note!r}, want one such as 'C2', '^F' or 'z4'")
    sign, letter, octaves, length = match.groups()
    length = int(length or 1)
    if letter == "z":
        return None, length
    pitch = 60 + SEMITONES[letter.upper()] + 12 * letter.islower()
    pitch += {"^": 1, "_": -1, "": 0}[sign]
    return pitch + 12 * (octaves.count("'") - octaves.count(",")), length
