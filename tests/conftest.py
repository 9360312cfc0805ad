"""Give the tests folders of their own: a learner's progress is never touched."""

from __future__ import annotations

import os
import sys
import tempfile

import pytest
from hypothesis import settings

# An example takes longer while another worker has the core.
settings.register_profile("unhurried", parent=settings.default, deadline=None)
settings.load_profile("unhurried")


def pytest_configure(config: pytest.Config) -> None:
    config._unrolled_scratch = tempfile.TemporaryDirectory(prefix="unrolled-test-")
    for name in ("UNROLLED_HOME", "UNROLLED_CACHE"):
        folder = os.path.join(config._unrolled_scratch.name, name.lower())
        os.environ.setdefault(name, folder)
    os.environ.setdefault("MPLBACKEND", "agg")


def pytest_unconfigure(config: pytest.Config) -> None:
    config._unrolled_scratch.cleanup()


@pytest.fixture(autouse=True)
def same_look():
    """Take back what a test has told Matplotlib: `setup` changes fonts and sizes."""
    before = (
        dict(sys.modules["matplotlib"].rcParams)
        if "matplotlib" in sys.modules
        else None
    )
    yield
    if before is not None:
        sys.modules["matplotlib"].rcParams.update(before)


@pytest.fixture(autouse=True)
def same_draws():
    """Seed what a test draws from without a generator: the order of tests varies."""
    if "torch" in sys.modules:
        sys.modules["torch"].default_generator.manual_seed(0)
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed(0)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    from checkers import parametrize

    parametrize(metafunc)
