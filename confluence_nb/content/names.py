"""The names of the elements and attributes that Confluence adds to XHTML in its storage format."""

from __future__ import annotations

AC_URI = "http://atlassian.com/content"
RI_URI = "http://atlassian.com/resource/identifier"
AT_URI = "http://atlassian.com/template"

AC = f"{{{AC_URI}}}"
"""Content: macros, links, images, tasks, layouts. `AC + "link"` is the name that lxml gives to `<ac:link>`."""
RI = f"{{{RI_URI}}}"
"""Resource identifiers: what a link or an image is of."""
AT = f"{{{AT_URI}}}"
"""Variables of templates."""

NAMESPACES = {"ac": AC_URI, "ri": RI_URI, "at": AT_URI}
