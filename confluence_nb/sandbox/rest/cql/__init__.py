"""CQL, the query language of the search endpoint: read into a tree, then asked of the wiki."""

from confluence_nb.sandbox.rest.cql.functions import Asker
from confluence_nb.sandbox.rest.cql.grammar import CQLError, Query, parse
from confluence_nb.sandbox.rest.cql.results import Results, run

__all__ = ["Asker", "CQLError", "Query", "Results", "parse", "run"]
