"""dlt's REST client, its paginator told where a next link of the gateway leads, its own retries on."""

import logging

from dlt.sources.helpers.rest_client import RESTClient
from dlt.sources.helpers.rest_client.auth import BearerTokenAuth
from dlt.sources.helpers.rest_client.paginators import JSONLinkPaginator

logging.disable(logging.CRITICAL)


def reader(order):
    """A call that reads every page of the site into a list."""
    gateway = order["gateway"]

    class GatewayLinkPaginator(JSONLinkPaginator):
        def update_state(self, response, data=None):
            super().update_state(response, data)
            if self._next_reference:
                self._next_reference = gateway + self._next_reference

    client = RESTClient(base_url=gateway, auth=BearerTokenAuth(order["token"]), data_selector="results")

    def read():
        windows = client.paginate(
            "/wiki/api/v2/pages",
            params={"limit": 250, "body-format": order["body"]},
            paginator=GatewayLinkPaginator("_links.next"),
        )
        return [row for window in windows for row in window]

    return read


def ids(rows, order):
    """The ids of the rows that have what was asked for; a body may be empty."""
    return [row["id"] for row in rows if order["body"] in row["body"]]
