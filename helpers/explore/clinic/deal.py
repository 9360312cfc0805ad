"""The clinic: a sick run is dealt, and three tests may be chosen to name its fault."""

from __future__ import annotations

import numpy as np

from helpers.explore.clinic.panels import TESTS, Panel, said
from helpers.explore.kit.live import Live, choice, figure
from helpers.explore.kit.settings import settable

__all__ = ["explore_clinic"]

NOT_YET = "not yet"


@settable
def explore_clinic(rows, faults, patient=1, seed=0):
    """Return a live figure in which a run's fault is found by at most three tests.

    rows: a dict for each fault, with `fault`, `curve` and the outcome of every test;
    faults: dict from these names to how each came about. seed: of the order in which
    the patients wait. ValueError if a row lacks an outcome or a fault has no row.
    """
    by_fault = _checked(rows, faults)
    waiting = [
        [*faults][i] for i in np.random.default_rng(seed).permutation(len(faults))
    ]
    healthy = by_fault["none"]["curve"]
    fig, axes = figure(1, 4, height=2.7)
    fig.set_layout_engine("none")
    panels = []
    for k, ax in enumerate(axes):
        ax.set_position((0.005 + 0.249 * k, 0.0, 0.245, 1.0))
        panels.append(Panel(ax))
    tests = {NOT_YET: "", **{name: key for key, name in TESTS.items()}}

    def update(patient, first, second, third, fault):
        found = by_fault[waiting[patient - 1]]
        mark = (
            "" if fault == NOT_YET else ": right" if fault == found["fault"] else ": no"
        )
        curves = [found["curve"], healthy]
        panels[0].show("curve", curves, f"its loss, in nats{mark}")
        words = []
        for panel, test in zip(panels[1:], (first, second, third), strict=True):
            panel.show(test, found.get(test), TESTS.get(test, "no test chosen"))
            if test:
                words.append(f"{TESTS[test]}: {said(test, found[test])}")
        told = "; ".join(words) or "No test yet: choose one that could prove you wrong"
        return f"{told}. {_verdict(fault, found['fault'], faults, len(words))}".strip()

    controls = {
        "patient": choice(
            "patient", {f"no. {k + 1}": k + 1 for k in range(len(faults))}
        ),
        "first": choice("first test", tests),
        "second": choice("second test", tests),
        "third": choice("third test", tests),
        "fault": choice("the fault is", [NOT_YET, *sorted(faults)]),
    }
    controls["patient"].value = patient
    for name in "second", "third", "fault":  # a page has one test for every patient
        controls[name].on_page = False
    alt = (
        "Four small plots: a run's loss beside that of a healthy one, and what three "
        "tests of your choice say of it."
    )
    return Live(fig, update, controls, alt=alt)


def _verdict(named, true, faults, n):
    if named == NOT_YET:
        return ""
    if named == true:
        tests = {0: "without a test", 1: "with one test"}.get(n, f"with {n} tests")
        return f"Right, {tests}: {faults[true]}."
    return f"No: {named!r} would look otherwise. Which test tells the two apart?"


def _checked(rows, faults):
    """Rows by fault; ValueError names what is missing."""
    by_fault = {row.get("fault"): row for row in rows}
    lacking = [fault for fault in ("none", *faults) if fault not in by_fault]
    if lacking:
        raise ValueError(f"rows: one for {', '.join(lacking)} wanted, got none")
    for fault, row in by_fault.items():
        holes = [key for key in ("curve", *TESTS) if key not in row]
        if holes:
            raise ValueError(f"rows: {', '.join(holes)} missing for {fault!r}")
    return by_fault
