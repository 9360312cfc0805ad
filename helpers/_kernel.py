"""What `setup` asks of the notebook's kernel."""

import sys
from importlib.util import find_spec

__all__ = ["NEEDED", "WrongKernel", "absent", "answer_widgets_on_the_main_thread"]

NEEDED = (  # modules that the cells import, by way of helpers too
    *("torch", "numpy", "matplotlib", "ipywidgets", "anywidget", "tqdm", "joblib"),
    *("sklearn", "scipy", "PIL", "platformdirs", "threadpoolctl"),
    *("charset_normalizer", "babel", "num2words", "faker"),
)


class WrongKernel(ImportError):
    """This kernel's Python lacks what the course needs; shown as one line."""

    def __init__(self, package):
        super().__init__(
            f"this notebook runs in {sys.executable}, which has no {package}. Start "
            "JupyterLab with `make lab`, or choose the Python of the course's .venv: "
            "Kernel → Change Kernel in JupyterLab, Select Kernel in VS Code",
            name=package,
        )

    def _render_traceback_(self):
        return [f"WrongKernel: {self}"]


def absent():
    """Return the first of NEEDED that this Python lacks, or None; nothing is loaded."""
    return next((n for n in NEEDED if not (sys.modules.get(n) or find_spec(n))), None)


def answer_widgets_on_the_main_thread():
    """Return True once widget messages are handled by the thread that runs the cells.

    JupyterLab 4.6 asks ipykernel 7 to answer them on a thread of their own. A slider
    moved while a cell draws with pyplot then draws into the cell's figure. ipykernel
    decides in `BaseComm._reply_subshell_for`, where None stands for the main thread.
    The name is private: where it is absent nothing is changed and False comes back.
    """
    if "ipykernel" not in sys.modules:
        return False
    from ipykernel.comm.comm import BaseComm

    if not hasattr(BaseComm, "_reply_subshell_for"):
        return False
    BaseComm._reply_subshell_for = _main_thread
    return True


def _main_thread(comm, data, default):
    return None
