"""A button that moves a bar on, tick by tick, while everything else stays alive."""

import asyncio
import contextlib

import ipywidgets as widgets

__all__ = ["Stream"]

PAUSE = 0.03  # seconds between two ticks, in which the kernel answers other controls


class Stream:
    """A "write" button and the bar that it moves, by 1 a tick, until stopped or full.

    Both are controls for a live figure. The ticks are a task of the kernel's own event
    loop, between whose steps sliders are answered; without a loop, as in a script, one
    press moves the bar to its end. Pressing once more stops it; at the end, a press
    begins anew.
    """

    def __init__(self, most, word="write"):
        self.word = word
        self.button = widgets.ToggleButton(value=False, description=word)
        self.bar = widgets.IntProgress(0, min=0, max=most, description="written")
        self._task = None
        self.button.observe(self._on_press, "value")

    def _on_press(self, change):
        self.button.description = "stop" if change["new"] else self.word
        if self._task is not None:
            self._task.cancel()
            self._task = None
        if not change["new"]:
            return
        if self.bar.value == self.bar.max:
            self.bar.value = 0
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            while self.bar.value < self.bar.max:
                self.bar.value += 1
            self.button.value = False
        else:
            self._task = loop.create_task(self._run())

    async def _run(self):
        with contextlib.suppress(asyncio.CancelledError):
            while self.bar.value < self.bar.max:
                self.bar.value += 1
                await asyncio.sleep(PAUSE)
            self._task = None
            self.button.value = False
