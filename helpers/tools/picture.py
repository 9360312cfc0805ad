"""Draw the README's picture: an explorer whose slider is moved.

    python -m helpers.tools.picture

The frames are the explorer's own, so the picture shows what a learner gets.
"""

from __future__ import annotations

import io

import numpy as np
from PIL import Image

from helpers.data.text import Characters
from helpers.explore.recurrence import explore_steps
from helpers.nets.numpy_rnn import RNN
from helpers.tools.book import ROOT

__all__ = ["animate", "main"]

PICTURE = ROOT / "notebooks" / "media" / "explorer.gif"
WORD = "unrolled"
MOST_BYTES = 300_000


def animate(frames: list[bytes], pause: int = 700, colours: int = 96) -> bytes:
    """Return an endless GIF of PNG frames, each shown for ``pause`` milliseconds.

    The last frame stays three times as long.  All frames share one palette of
    ``colours`` colours, so that what stands still does not flicker.
    """
    if not frames:
        raise ValueError("frames: got none, at least one wanted")
    pictures = [Image.open(io.BytesIO(frame)).convert("RGB") for frame in frames]
    together = Image.fromarray(np.concatenate([np.asarray(p) for p in pictures]))
    palette = together.quantize(colours, method=Image.Quantize.MEDIANCUT)
    still = [p.quantize(palette=palette, dither=Image.Dither.NONE) for p in pictures]
    target = io.BytesIO()
    still[0].save(
        target,
        format="GIF",
        save_all=True,
        append_images=still[1:],
        duration=[pause] * (len(still) - 1) + [3 * pause],
        loop=0,
        optimize=False,
    )
    return target.getvalue()


def main() -> int:
    """Draw and store the picture; return 1 if it grew too large for a README."""
    letters = Characters(WORD)
    rnn = RNN(len(letters), 8, len(letters), rng=np.random.default_rng(0))
    explorer = explore_steps(rnn, letters, WORD)
    picture = animate([explorer.frame(t=t) for t in range(len(WORD) + 1)])
    if len(picture) > MOST_BYTES:
        print(f"{len(picture) // 1000} kB, at most {MOST_BYTES // 1000}: not stored")
        return 1
    PICTURE.parent.mkdir(exist_ok=True)
    PICTURE.write_bytes(picture)
    print(f"{PICTURE.relative_to(ROOT)}: {len(picture) // 1000} kB")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
