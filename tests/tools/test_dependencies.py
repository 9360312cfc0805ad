"""pyproject.toml, constraints.txt and environment.yml ask for the same packages."""

from __future__ import annotations

import contextlib
import re
import tomllib
from importlib import metadata

import pytest
import rattler
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

from helpers.tools.book import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
CONSTRAINTS = (ROOT / "constraints.txt").read_text(encoding="utf-8")
ENVIRONMENT_TEXT = (ROOT / "environment.yml").read_text(encoding="utf-8")
ENVIRONMENT = yaml.safe_load(ENVIRONMENT_TEXT)

# conda-forge calls these by other names: pytorch takes the CPU build where there is
# no GPU, matplotlib-base leaves out a graphical toolkit that notebooks do not use.
CONDA_NAMES = {"torch": "pytorch", "matplotlib": "matplotlib-base"}


def asked() -> dict[str, SpecifierSet]:
    """What the course needs to run."""
    needs = map(Requirement, PROJECT["project"]["dependencies"])
    return {canonicalize_name(need.name): need.specifier for need in needs}


def extras() -> dict[str, SpecifierSet]:
    """What tests and lectures need beside that."""
    groups = PROJECT["project"]["optional-dependencies"].values()
    needs = (Requirement(text) for group in groups for text in group)
    return {canonicalize_name(need.name): need.specifier for need in needs}


def pinned() -> dict[str, str]:
    """The tested version of every package."""
    lines = (line.split("#")[0].strip() for line in CONSTRAINTS.splitlines())
    pairs = [re.fullmatch(r"([\w.-]+)==([\w.]+)", line) for line in lines if line]
    assert all(pairs), "a constraint is something else than name==version"
    names = [canonicalize_name(pair[1]) for pair in pairs]
    assert len(names) == len(set(names)), "a package is pinned twice"
    return dict(zip(names, (pair[2] for pair in pairs), strict=True))


def conda() -> dict[str, str]:
    """The specs of environment.yml by conda's names."""
    specs = [spec for spec in ENVIRONMENT["dependencies"] if isinstance(spec, str)]
    pairs = (spec.partition(" ") for spec in specs)
    return {name: version for name, _, version in pairs}


@pytest.mark.parametrize(("name", "range_"), sorted((asked() | extras()).items()))
def test_every_package_is_pinned_within_its_range(name, range_):
    assert name in pinned(), f"constraints.txt has no version of {name}"
    assert pinned()[name] in range_


def test_the_tested_torch_is_the_one_that_every_platform_has():
    assert pinned()["torch"] == "2.13.0"


def refusals(python: str) -> list[str]:
    """The pins whose own metadata refuse a Python; of those that are installed."""
    found = []
    for name, version in pinned().items():
        with contextlib.suppress(metadata.PackageNotFoundError):
            there = metadata.distribution(name)
            wants = SpecifierSet(there.metadata["Requires-Python"] or "")
            same = Version(there.version).public == version
            if same and not wants.contains(python):
                found.append(f"{name} {version} wants {wants}")
    return found


@pytest.mark.parametrize("python", ["3.11.0", "3.12.0", "3.13.0", "3.14.0"])
def test_every_pin_can_be_installed_on_every_python_promised(python):
    assert SpecifierSet(PROJECT["project"]["requires-python"]).contains(python)
    assert refusals(python) == []


def test_a_pin_for_newer_pythons_only_is_seen():
    assert refusals("3.8.0")


def test_conda_gets_the_same_packages():
    own = {"python", "pip"}
    assert set(conda()) - own == {CONDA_NAMES.get(n, n) for n in asked()}


@pytest.mark.parametrize(("name", "range_"), sorted(asked().items()))
def test_conda_gets_the_same_ranges(name, range_):
    assert SpecifierSet(conda()[CONDA_NAMES.get(name, name)]) == range_


def test_conda_gets_one_of_the_pythons_that_are_promised():
    """repo2docker reads `=3.13`; of a range it makes its own, older Python."""
    minor = re.fullmatch(r"=(3\.\d+)", conda()["python"])
    assert minor, conda()["python"]
    python = f"{minor[1]}.0"
    assert SpecifierSet(PROJECT["project"]["requires-python"]).contains(python)
    assert refusals(python) == []


@pytest.mark.parametrize("name", sorted(conda()))
def test_conda_can_read_every_spec_and_it_takes_the_tested_version(name):
    spec = rattler.MatchSpec(f"{name} {conda()[name]}".strip(), strict=True)
    back = {there: here for here, there in CONDA_NAMES.items()}
    tested = pinned().get(back.get(name, name))
    if tested and spec.version:
        range_ = rattler.VersionSpec(spec.version)
        assert range_.matches(rattler.Version(tested))


def test_conda_installs_the_course_itself_and_only_that_by_pip():
    (by_pip,) = [d["pip"] for d in ENVIRONMENT["dependencies"] if isinstance(d, dict)]
    assert by_pip == ["-e ."]
    assert ENVIRONMENT["channels"][0] == "conda-forge"


@pytest.mark.parametrize("text", [CONSTRAINTS, ENVIRONMENT_TEXT])
def test_no_index_is_named(text):
    assert not re.search(
        r"(?m)https?://|--(extra-)?index-url|--find-links|^-[if] ", text
    )
