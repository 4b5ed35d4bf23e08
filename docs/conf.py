"""How Sphinx builds these pages: offline, from Markdown and the docstrings, a warning being an error."""

import sys
from pathlib import Path

from confluence_nb import __version__

sys.path.insert(0, str(Path(__file__).resolve().parent / "extensions"))

project = "confluence_nb"
author = "The confluence_nb authors"
release = version = __version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "docstrings", "listings"]
exclude_patterns = ["callback", "extensions", "static"]

myst_enable_extensions = ["deflist"]
myst_heading_anchors = 4

# Docstrings are written for `help()` and for `?` in a notebook, in the wiki's own Markdown: `name` is code.
default_role = "code"
autodoc_member_order = "bysource"
autodoc_typehints = "none"
add_module_names = False

html_theme = "furo"
html_title = "confluence_nb"
html_static_path = ["static"]
html_css_files = ["tables.css"]
html_show_sourcelink = False
html_copy_source = False
html_show_copyright = False
# One look of code in the light, one in the dark, both with enough contrast for AA.
pygments_style = "a11y-light"
pygments_dark_style = "a11y-dark"
