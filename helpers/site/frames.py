"""Draw the frames of a live figure, or keep the state of a widget, for a page."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import anywidget
import numpy as np
from PIL import Image

from helpers.explore.kit.live import Live
from helpers.site.plan import Axis, axes_of, grid_keys, is_grid

__all__ = ["FORM", "export"]

FORM = 1  # of what is written; a page script of another form cannot read it
HIDDEN = {"layout", "tabbable", "tooltip", "comm", "keys"}


def export(shown: object, folder: Path, said: Callable = lambda *_: None) -> dict:
    """Write what a page needs to show `shown` without a kernel; return its index.

    shown: a Live, whose frames are drawn as the plan of its controls asks, or an
    anywidget, whose module and state are kept. The index is `folder/index.json` too,
    written last. said: called with the frames done and wanted. ValueError for others.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if isinstance(shown, Live):
        index = _Album(shown, folder, said).index()
    elif isinstance(shown, anywidget.AnyWidget):
        state = {k: v for k, v in shown.get_state().items() if k not in HIDDEN}
        state = {k: v for k, v in state.items() if not k.startswith("_")}
        (folder / "module.js").write_text(str(shown._esm), encoding="utf-8")
        index = {"kind": "widget", "alt": shown.alt, "state": state}
    else:
        want = "a Live figure or an anywidget"
        raise ValueError(f"shown: {want} wanted, got {type(shown).__name__}")
    text = json.dumps(index | {"form": FORM}, ensure_ascii=False, separators=(",", ":"))
    (folder / "index.json").write_text(text, encoding="utf-8")
    return json.loads(text)


class _Album:
    """The frames drawn so far: equal ones are kept once."""

    def __init__(self, live: Live, folder: Path, said: Callable):
        self.live, self.folder, self.said = live, folder, said
        self.axes, self.others = axes_of(live.controls)
        self.files: dict[tuple, str] = {}  # stops -> name of the picture
        self.readings: dict[tuple, str] = {}
        self.start = tuple(axis.at for axis in self.axes)
        arms = sum(len(axis.values) - 1 for axis in self.axes) + 1
        whole = is_grid(self.axes)
        self.wanted = len([*grid_keys(self.axes)]) if whole else arms

    def index(self) -> dict:
        """Draw all; return what the page script reads."""
        whole = is_grid(self.axes)
        bases = [self.start] * len(self.axes)
        if whole:
            for key in grid_keys(self.axes):
                self.draw(key)
        else:
            bases = [self.arm(place) for place in range(len(self.axes))]
        self.draw(self.start)
        self.live.frame()
        readings = list(dict.fromkeys(self.readings.values()))
        pictures = list(dict.fromkeys(self.files.values()))
        frames = {
            "-".join(map(str, key)): [
                pictures.index(file),
                readings.index(self.readings[key]),
            ]
            for key, file in self.files.items()
        }
        dpi = self.live.painter.fig.get_dpi()
        height, width = self.pixels().shape[:2]
        return {
            "kind": "frames",
            "alt": self.live.alt,
            "size": [round(100 * width / dpi), round(100 * height / dpi)],
            "grid": whole,
            "play": self.live._play,
            "controls": [
                {"name": axis.name, "label": axis.label, "kind": axis.kind}
                | {"words": axis.words, "at": axis.at, "base": base}
                for axis, base in zip(self.axes, bases, strict=True)
            ],
            "others": self.others,
            "pictures": pictures,
            "readings": readings,
            "frames": frames,
        }

    def arm(self, place: int) -> tuple:
        """Draw one control over its stops; return where the others stand meanwhile.

        They stand at their start, unless this control then changes nothing and one of
        the others makes it matter.
        """
        base, axis = self.start, self.axes[place]
        keys = [_moved(base, place, stop) for stop in range(len(axis.values))]
        if len({self.draw(key) for key in keys}) == 1:
            base = self.where_it_matters(place)
            for stop in range(len(axis.values)):
                self.draw(_moved(base, place, stop))
        return base

    def where_it_matters(self, place: int) -> tuple:
        """Return stops of which one is not at its start, so that this control acts."""
        probes = _ends(self.axes[place])
        for other, axis in enumerate(self.axes):
            for stop in _ends(axis) if other != place else ():
                base = _moved(self.start, other, stop)
                keys = [_moved(base, place, probe) for probe in probes]
                if len({self.draw(key, keep=False) for key in keys}) > 1:
                    return base
        return self.start

    def draw(self, key: tuple, keep: bool = True) -> str:
        """Return the name of the picture at these stops, drawn if it was not yet."""
        if key in self.files:
            return self.files[key]
        stops = zip(self.axes, key, strict=True)
        self.live.frame(**{axis.name: axis.values[stop] for axis, stop in stops})
        pixels = self.pixels()
        file = hashlib.sha1(pixels.tobytes()).hexdigest()[:12] + ".webp"
        if keep:
            self.files[key] = file
            self.readings[key] = "\n".join([self.live.reading, self.live.note]).strip()
            if not (self.folder / file).exists():
                _save(pixels, self.folder / file)
            self.said(len(self.files), self.wanted)
        return file

    def pixels(self) -> np.ndarray:
        """Return the present picture, (height, width, 3)."""
        return np.asarray(self.live.painter.fig.canvas.buffer_rgba())[..., :3]


def _save(pixels: np.ndarray, path: Path) -> None:
    """Keep a picture in 256 colours, without further loss."""
    image = Image.fromarray(np.ascontiguousarray(pixels))
    image = image.quantize(256, dither=Image.Dither.NONE).convert("RGB")
    image.save(path, "webp", lossless=True, quality=50, method=2)


def _moved(key: tuple, place: int, stop: int) -> tuple:
    return (*key[:place], stop, *key[place + 1 :])


def _ends(axis: Axis) -> list[int]:
    """Return the last stop, one in the middle and the first."""
    last = len(axis.values) - 1
    return list(dict.fromkeys([last, last // 2, 0]))
