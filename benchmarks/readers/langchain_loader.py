"""LangChain's loader by a query (`cql=`): by space it asks what the gateway no longer has for OAuth apps."""

import logging
import os

from langchain_community.document_loaders import ConfluenceLoader
from langchain_community.document_loaders.confluence import ContentFormat

os.environ["OAUTHLIB_INSECURE_TRANSPORT"] = "1"
logging.disable(logging.CRITICAL)


def reader(order):
    """A call that reads every page of the site into documents of plain text."""
    token = {"access_token": order["token"], "token_type": "Bearer"}
    loader = ConfluenceLoader(
        url=f"{order['gateway']}/wiki",
        oauth2={"client_id": order["client_id"], "token": token},
        cloud=True,
        cql="type = page",
        content_format=ContentFormat.STORAGE,
        include_restricted_content=True,  # else it asks one more question for each page
        limit=250,
        max_pages=10**7,
    )
    return loader.load


def ids(documents, order):
    """The ids of the documents; the loader refuses one without a body."""
    return [document.metadata["id"] for document in documents]
