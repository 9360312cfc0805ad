"""What is published is what `make site` builds."""

import re

import yaml

from helpers.site.build import anchor
from helpers.tools.book import ROOT

WORKFLOW = ROOT / ".github" / "workflows" / "site.yml"


def test_the_workflow_publishes_the_folder_that_make_site_fills():
    jobs = yaml.safe_load(WORKFLOW.read_text(encoding="utf-8"))["jobs"]
    steps = jobs["build"]["steps"]
    assert "make site" in [step.get("run") for step in steps]
    (upload,) = (s for s in steps if "upload-pages-artifact" in s.get("uses", ""))
    assert upload["with"]["path"] == "build/site"
    assert jobs["publish"]["needs"] == "build"


def test_no_style_sheet_or_script_names_a_host():
    """But for the names of SVG and of licences, which nobody asks."""
    static = ROOT / "helpers" / "site" / "static"
    for path in static.rglob("*.*"):
        if path.suffix in {".js", ".css", ".svg"}:
            text = path.read_text(encoding="utf-8")
            hosts = set(re.findall(r"https?://([\w.]+)", text))
            assert hosts <= {"www.w3.org"}, path


def test_every_font_of_the_style_sheet_is_there():
    sheet = ROOT / "helpers" / "site" / "static" / "katex" / "katex.min.css"
    named = re.findall(r"url\(([\w/.-]+)\)", sheet.read_text(encoding="utf-8"))
    assert len(named) == 20
    assert all((sheet.parent / name).is_file() for name in named)


def test_scripts_of_the_page_are_short():
    script = ROOT / "helpers" / "site" / "static" / "player.js"
    assert len(script.read_text(encoding="utf-8").splitlines()) <= 100


def test_an_anchor_is_jupyter_labs():
    assert anchor("1. One step, again and again") == "1.-One-step,-again-and-again"
