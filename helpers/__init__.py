"""Shared rooms of the course: data, nets, plots, explorers and exercises."""

import os
import sys
from numbers import Integral
from pathlib import Path

__all__ = ["setup"]

STYLE = Path(__file__).with_name("unrolled.mplstyle")

for _stream in (sys.stdout, sys.stderr):
    # Sent to a file, output may be in a code page without ✓ and σ: it then says ?.
    if hasattr(_stream, "reconfigure") and _stream.errors == "strict":
        _stream.reconfigure(errors="replace")


def setup(*, threads=1):
    """Make this session look and behave like the course; return None.

    Figures get the course's style, arrays print with four digits in lines of 88
    characters, and widgets are answered by the thread that runs the cells. Calling it
    again changes nothing. A kernel without the course's packages gets a WrongKernel, an
    ImportError that says which one to choose.

    threads: how many compute one matrix product. For nets as small as ours one thread
    is as fast as two where the machine is idle, many times faster where it is not, and
    gives the same digits on every machine. ValueError unless it is 1 or more.
    """
    if not isinstance(threads, Integral) or threads < 1:
        raise ValueError(f"threads: got {threads!r}, want an integer, 1 or more")
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # idle threads sleep, not spin
    os.environ.setdefault("OMP_NUM_THREADS", str(threads))  # read by NumPy's BLAS, too

    from helpers._kernel import WrongKernel, absent, answer_widgets_on_the_main_thread

    try:
        if absent():
            raise ModuleNotFoundError(name=absent())
        import matplotlib.style  # these read the environment once, when they load
        import numpy as np
        import torch
    except ModuleNotFoundError as error:
        raise WrongKernel(error.name) from None

    matplotlib.style.use(STYLE)
    np.set_printoptions(precision=4, suppress=True, linewidth=88)
    torch.set_printoptions(precision=4, sci_mode=False, linewidth=88)
    torch.set_num_threads(int(threads))
    answer_widgets_on_the_main_thread()
