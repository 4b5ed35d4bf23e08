"""This library, as a notebook uses it on its second day: signed in already, one call, one frame."""

import confluence_nb


def reader(order):
    """A call that reads every page of the site into a frame."""
    wiki = confluence_nb.connect(order["site"], store=order["store"])
    return lambda: wiki.pages(body=order["body"])


def ids(frame, order):
    """The ids of the rows that have what was asked for; a body may be empty."""
    whole = frame if order["body"] is None else frame[frame["body"].notna()]
    return whole["id"].tolist()


def plan(frame):
    """What the library says of how it read."""
    return frame.attrs.get("plan")
