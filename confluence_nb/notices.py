"""Every warning of this package, so that a notebook can hide one kind of them, or make it an error.

ConfluenceNBWarning
├── LeftOut                  something that was asked for is not in the answer
├── ManyPoints               a call costs a large share of the hour's points
├── NotStored                a renewed sign-in could not be kept
└── DeprecatedByAtlassian    Atlassian announces the end of something that a call used

warnings.simplefilter("error", cnb.LeftOut)       # rather no frame than one without a page
"""

from __future__ import annotations


class ConfluenceNBWarning(UserWarning):
    """Base of everything this package warns of. The answer that came with it is right."""


class LeftOut(ConfluenceNBWarning):
    """Something that was asked for is not in the answer; its `attrs` list each with the reason."""


class ManyPoints(ConfluenceNBWarning):
    """A call costs a large share of the points that the app has for this hour."""


class NotStored(ConfluenceNBWarning, RuntimeWarning):
    """A renewed sign-in could not be kept: it lasts as long as this process."""
