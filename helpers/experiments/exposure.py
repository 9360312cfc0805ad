"""The control of lesson 08: is a net that was never forced only better trained?"""

from __future__ import annotations

from helpers.experiments.seq2seq import learning_rows

__all__ = ["LESS_AND_MORE", "exposure_experiment"]

# The teacher, and the training steps: the forced nets get nearly three times as many.
LESS_AND_MORE = {"never": 500, "always": 1400}


def exposure_experiment(n_jobs=1, progress=True):
    """Dates → ISO with one injected error, where the forced nets end as the better."""
    rows = []
    for teacher, steps in LESS_AND_MORE.items():
        asked = {"steps": steps, "n_jobs": n_jobs, "progress": progress}
        rows += learning_rows("dates", (teacher,), **asked)
    told = {"train": 12_000, "test": 1000, "H": 128, "seeds": 3, **LESS_AND_MORE}
    return {
        "settings": {"B": 64, "E": 32, "lr": 5e-3, "clip": 1.0, **told},
        "rows": rows,
    }
