"""How many rows a list has, about: the count of a search, before anybody has read the list."""

from __future__ import annotations

from confluence_nb.api.catalog import collection
from confluence_nb.api.client import ApiClient
from confluence_nb.api.paging import ListReader
from confluence_nb.oauth.sites import Site


def count_reader(client: ApiClient, site: Site, cql: str) -> ListReader:
    """A reader of one row whose `total` counts what a query finds.

    In archived spaces too, which a search leaves out unless told: the lists that are counted by it have them.
    """
    query = {"cql": cql, "includeArchivedSpaces": True}
    return ListReader(client, site, collection("/wiki/rest/api/search"), query, wanted=1)
