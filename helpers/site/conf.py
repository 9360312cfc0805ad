"""What Sphinx is told: stored outputs only, and no other host, now or later."""

import shutil
from pathlib import Path

project = "Unrolled"
author = "The Unrolled authors"
copyright = "2026 The Unrolled authors: code BSD-3-Clause, text and pictures CC BY 4.0"
html_title = "Unrolled"
language = "en"

extensions = ["myst_nb", "sphinxcontrib.katex"]
nb_execution_mode = "off"
nb_merge_streams = True
nb_ipywidgets_js = {}  # the default names two hosts
myst_enable_extensions = ["dollarmath", "amsmath"]
myst_heading_anchors = 4
myst_heading_slug_func = "helpers.site.build.anchor"

# KaTeX writes the formulas now, if Node is there to run it, or else in the browser;
# its style sheet and fonts, which the package leaves to another host, lie in static.
katex_prerender = shutil.which("node") is not None
katex_css_path = "katex/katex.min.css"

html_theme = "sphinx_book_theme"
html_static_path = [str(Path(__file__).with_name("static"))]
html_favicon = str(Path(__file__).with_name("static") / "icon.svg")
html_css_files = ["site.css"]
html_js_files = [
    (f"{name}.js", {"type": "module"}) for name in ("player", "widgets", "predict")
]
html_copy_source = False
html_show_sourcelink = False
html_context = {"default_mode": "auto"}  # light or dark, as the reader's system is
html_theme_options = {
    "use_download_button": False,
    "use_fullscreen_button": False,
    "navbar_persistent": [],
    "search_bar_text": "Search the course",
    "show_toc_level": 2,
}
