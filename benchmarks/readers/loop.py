"""The shortest program that reads every page: httpx, orjson, and the cursor that each window brings."""

from urllib.parse import parse_qs, urlsplit

import httpx
import orjson


def reader(order):
    """A call that reads every page of the site into a list."""
    signed = {"Authorization": f"Bearer {order['token']}"}
    http = httpx.Client(headers=signed, trust_env=False, timeout=60.0)
    asked = {"limit": "250", "body-format": order["body"], "status": order["status"]}
    given = {name: value for name, value in asked.items() if value is not None}
    return lambda: every_page(http, f"{order['gateway']}/wiki/api/v2/pages", given)


def every_page(http, address, asked):
    asked = dict(asked)
    rows = []
    while True:
        answer = http.get(address, params=asked)
        answer.raise_for_status()
        said = orjson.loads(answer.content)
        rows += said["results"]
        following = said["_links"].get("next")
        if following is None:
            return rows
        asked["cursor"] = parse_qs(urlsplit(following).query)["cursor"][0]


def ids(rows, order):
    """The ids of the rows that have what was asked for; a body may be empty."""
    body = order["body"]
    return [row["id"] for row in rows if body is None or body in row["body"]]
