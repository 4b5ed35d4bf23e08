"""atlassian-python-api's v2 class, unmodified, with the largest window it can ask for."""

import logging
import os

from atlassian import ConfluenceV2

# The sandbox speaks plain http on loopback, and oauthlib signs nothing for http unless told so.
os.environ["OAUTHLIB_INSECURE_TRANSPORT"] = "1"
logging.disable(logging.CRITICAL)


def reader(order):
    """A call that reads every page of the site into a list."""
    token = {"access_token": order["token"], "token_type": "Bearer"}
    client = ConfluenceV2(
        url=f"{order['gateway']}/wiki", oauth2={"client_id": order["client_id"], "token": token}, cloud=True
    )
    # Its default status is current alone; without one it reads, as all the others, archived pages too.
    return lambda: client.get_pages(status=None, body_format=order["body"], limit=250)


def ids(rows, order):
    """The ids of the rows that have what was asked for; a body may be empty."""
    return [row["id"] for row in rows if order["body"] in row["body"]]
