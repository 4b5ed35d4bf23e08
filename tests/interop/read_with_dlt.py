"""Reads lists with an unmodified dlt's REST client and prints the rows; run by the interpreter that has it.

On standard input: `[{"call": "/wiki/api/v2/pages", "given": {"limit": 100}}]`; a body is under `json`, and
`"links": "stock"` takes dlt's own reading of the next link. On standard output: the rows of each list.
"""

import json
import os
import sys

from dlt.sources.helpers.rest_client import RESTClient
from dlt.sources.helpers.rest_client.auth import BearerTokenAuth
from dlt.sources.helpers.rest_client.paginators import JSONLinkPaginator

GATEWAY = os.environ["INTEROP_GATEWAY"]


class GatewayLinkPaginator(JSONLinkPaginator):
    """A next link is a path of the wiki, below the gateway's address and not below its host."""

    def update_state(self, response, data=None):
        super().update_state(response, data)
        if self._next_reference:
            below = "" if self._next_reference.startswith("/wiki/") else response.json()["_links"]["context"]
            self._next_reference = GATEWAY + below + self._next_reference


def read(client, path, *, links=None, json=None, **params):
    """Every row of a list."""
    paginator = JSONLinkPaginator if links == "stock" else GatewayLinkPaginator
    windows = client.paginate(
        path, "POST" if json else "GET", params=params, json=json, paginator=paginator("_links.next")
    )
    return [row for window in windows for row in window]


def main() -> None:
    client = RESTClient(
        base_url=GATEWAY, auth=BearerTokenAuth(os.environ["INTEROP_TOKEN"]), data_selector="results"
    )
    lists = [read(client, order["call"], **order["given"]) for order in json.load(sys.stdin)]
    json.dump(lists, sys.stdout)


if __name__ == "__main__":
    main()
