"""A pytest plugin: workers side by side share the cache and nothing else.

    pytest -n 2 --dist loadfile -p helpers.tools.apart

pytest-xdist starts the workers; each gives the kernels and the processes that it starts
a progress file and a history of its own.
"""

import os

__all__ = ["pytest_configure"]

OWN = "UNROLLED_HOME", "IPYTHONDIR"


def pytest_configure(config) -> None:
    """Move what belongs to one learner into a folder with this worker's name."""
    worker = os.environ.get("PYTEST_XDIST_WORKER")  # none in the process that waits
    for name in OWN:
        if worker and name in os.environ:
            os.makedirs(os.environ[name], exist_ok=True)  # IPython makes one level
            os.environ[name] = os.path.join(os.environ[name], worker)
