"""Shared rooms of the course: data, nets, plots, explorers and exercises."""

import os
from pathlib import Path

__all__ = ["setup"]

STYLE = Path(__file__).with_name("unrolled.mplstyle")


def setup():
    """Make this session look and behave like the course; return None.

    Figures get the course's style, arrays print with four digits in lines of 88
    characters, torch uses at most two threads and lets idle ones sleep, and widgets are
    answered by the thread that runs the cells. Calling it again changes nothing.
    """
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # read once, when torch loads

    import matplotlib.style
    import numpy as np
    import torch

    from ._kernel import answer_widgets_on_the_main_thread

    matplotlib.style.use(STYLE)
    np.set_printoptions(precision=4, suppress=True, linewidth=88)
    torch.set_printoptions(precision=4, sci_mode=False, linewidth=88)
    torch.set_num_threads(min(2, torch.get_num_threads()))
    answer_widgets_on_the_main_thread()
