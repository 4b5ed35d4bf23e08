"""Calls methods of an unmodified atlassian-python-api and prints the rows; run by the interpreter that has it.

On standard input: `[{"call": "get_pages", "given": {"limit": 100}}]`; on standard output: the rows of each call.
"""

import json
import os
import sys

from atlassian import ConfluenceV2

# The sandbox speaks plain http on loopback, and oauthlib signs nothing for http unless told so.
os.environ["OAUTHLIB_INSECURE_TRANSPORT"] = "1"


class Reader(ConfluenceV2):
    """The library's v2 class; `listed` reads with its own pager the lists that it has no method for."""

    def listed(self, path, **params):
        return list(self._get_paged(path, params=params))


def main() -> None:
    reader = Reader(
        url=os.environ["INTEROP_GATEWAY"] + "/wiki",
        oauth2={
            "client_id": os.environ["INTEROP_CLIENT_ID"],
            "token": {"access_token": os.environ["INTEROP_TOKEN"], "token_type": "Bearer"},
        },
        cloud=True,
    )
    answers = [getattr(reader, order["call"])(**order["given"]) for order in json.load(sys.stdin)]
    json.dump([said["results"] if isinstance(said, dict) else said for said in answers], sys.stdout)


if __name__ == "__main__":
    main()
