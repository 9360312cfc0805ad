"""setup(): what a session looks like after it, in a plain Python and in a kernel."""

import os
import re
import subprocess
import sys
import tomllib

import matplotlib as mpl
import numpy as np
import pytest
import torch

from helpers import setup
from helpers._kernel import NEEDED
from helpers.tools.book import ROOT

KERNEL = """
import ipykernel.comm.comm as c
from helpers import setup
if {attribute}:
    c.BaseComm._reply_subshell_for = lambda self, data, default: default
elif hasattr(c.BaseComm, "_reply_subshell_for"):
    del c.BaseComm._reply_subshell_for
setup()
setup()
route = getattr(c.BaseComm, "_reply_subshell_for", None)
print("absent" if route is None else repr(route(None, {{}}, "a subshell")))
"""


def run(code):
    """Return what a fresh Python prints for `code`."""
    keep = {k: v for k, v in os.environ.items() if not k.startswith("OMP_")}
    done = subprocess.run(
        [sys.executable, "-c", code], env=keep, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_importing_helpers_loads_nothing_heavy():
    heavy = "{'torch', 'numpy', 'matplotlib', 'ipywidgets', 'ipykernel'}"
    code = f"import sys, helpers; print(sorted({heavy} & sys.modules.keys()))"
    assert run(code) == "[]"


def test_threads_are_few_and_sleep_when_idle():
    code = """
import os
from helpers import setup
setup({})
import torch
print(torch.get_num_threads(), os.environ["OMP_NUM_THREADS"],
      os.environ["OMP_WAIT_POLICY"])
"""
    assert run(code.format("")) == "1 1 PASSIVE"
    assert run(code.format("threads=2")) == "2 2 PASSIVE"
    assert (
        run("import numpy as np" + code.format("threads=np.int64(2)")) == "2 2 PASSIVE"
    )
    late = "import torch; torch.set_num_threads(2)"  # torch was there before us
    assert run(late + code.format("")) == "1 1 PASSIVE"


def test_what_the_user_has_set_stays():
    code = """
import os
os.environ["OMP_WAIT_POLICY"] = "ACTIVE"
from helpers import setup
setup()
print(os.environ["OMP_WAIT_POLICY"])
"""
    assert run(code) == "ACTIVE"


@pytest.mark.parametrize("threads", [0, -1, 1.5, "2", None])
def test_bad_threads_are_refused(threads):
    with pytest.raises(ValueError, match=r"threads: got .*, want an integer"):
        setup(threads=threads)


def test_arrays_and_tensors_print_short():
    setup()
    x = np.full(40, 1 / 3)
    assert "0.3333," in repr(x)
    assert "e-" not in repr(np.array([1.0, 1e-7]))
    assert "e-" not in repr(torch.tensor([1.0, 1e-7]))
    assert max(map(len, repr(x).splitlines())) <= 88
    assert max(map(len, repr(torch.tensor(x)).splitlines())) <= 88


def test_the_style_is_readable_and_colour_blind_safe():
    setup()
    rc = mpl.rcParams
    assert rc["figure.facecolor"] == rc["savefig.facecolor"] == "white"
    assert rc["figure.dpi"] == 100
    for label in ("axes.labelsize", "xtick.labelsize", "ytick.labelsize"):
        assert rc[label] >= 10
    colours = rc["axes.prop_cycle"].by_key()["color"]
    okabe_ito = "000000 0072B2 009E73 56B4E9 CC79A7 D55E00 E69F00 F0E442"
    assert " ".join(sorted(c.strip("#").upper() for c in colours)) == okabe_ito


def test_widgets_are_answered_on_the_main_thread():
    assert run(KERNEL.format(attribute=True)) == "None"


def test_another_ipykernel_is_left_alone():
    assert run(KERNEL.format(attribute=False)) == "absent"


def test_without_a_kernel_ipykernel_is_not_loaded():
    code = "import sys; from helpers import setup; print(setup())"
    code += "; print('ipykernel' in sys.modules)"
    assert run(code) == "None\nFalse"


def test_a_kernel_without_a_package_says_which_one_to_choose():
    code = """
import sys
from importlib.machinery import PathFinder
from helpers import setup
from helpers._kernel import NEEDED
real = PathFinder.find_spec
for gone in NEEDED:
    PathFinder.find_spec = lambda name, *a: None if name == gone else real(name, *a)
    try:
        setup()
    except ImportError as error:
        print(type(error).__name__, error.name, error, *error._render_traceback_())
"""
    told = run(code).splitlines()
    for package, line in zip(NEEDED, told, strict=True):
        assert line.startswith(f"WrongKernel {package} this notebook runs in")
        assert f"has no {package}." in line
        assert "`make lab`" in line
        assert "Select Kernel in VS Code" in line


def test_a_package_that_is_half_there_is_named():
    code = "import sys; sys.modules['torch._C'] = None\nfrom helpers import setup\n"
    code += "try: setup()\nexcept ImportError as e: print(type(e).__name__, e.name)"
    assert run(code) == "WrongKernel torch._C"


def test_what_a_kernel_is_asked_for_is_what_the_course_needs():
    given = {"ipykernel", "jupyterlab"}  # a kernel has the one, the server the other
    named = {"pillow": "PIL", "scikit-learn": "sklearn"}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wanted = project["project"]["dependencies"]
    names = {re.match(r"[\w-]+", one)[0].lower() for one in wanted} - given
    assert {named.get(name, name).replace("-", "_") for name in names} == {*NEEDED}


@pytest.mark.parametrize(
    "command",
    [
        ["-c", "from helpers.exercises import check, hint; check('00.1', ...); "
               "check('00.1', lambda xs: [sum(xs[:n + 1]) for n in range(len(xs))])"],
        ["-c", "from helpers.exercises import *; hint('03.1'); solution('03.1'); "
               "progress_table(); print('σ ✓')"],
        ["-m", "helpers.course.selfcheck"],
        ["-m", "helpers.tools.form", "03"],
        ["-m", "helpers.tools.mine", "77"],
        ["-m", "helpers.tools.portable", "--help"],
        ["helpers/tools/install.py", "--help"],
        ["helpers/tools/verify.py", "σ"],
    ],
)  # fmt: skip
def test_output_in_an_old_code_page_is_no_error(command, tmp_path):
    page = "cp437"  # has σ but neither ✓ nor —
    alone = {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}  # others may be busy
    done = subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        env=os.environ
        | alone
        | {"PYTHONIOENCODING": page, "UNROLLED_HOME": str(tmp_path)},
        capture_output=True,
        encoding=page,
        errors="replace",
    )
    assert "UnicodeEncodeError" not in done.stderr + done.stdout
    assert done.returncode == 0 or command[-1] in ("77", "σ"), done.stderr
    assert done.stdout
