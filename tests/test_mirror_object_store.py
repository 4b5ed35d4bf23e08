"""A mirror in an object store: written, read, brought up to date, and never by two at once."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator

import pandas as pd
import pytest

import confluence_nb as cnb
from confluence_nb import ConfluenceNBError, Wiki, content
from confluence_nb.mirror.schema import arrow_schema, promised
from confluence_nb.mirror.store import Store
from confluence_nb.sandbox import Sandbox

pytest.importorskip("moto", reason="moto's S3 server is not installed: make test does")

# In a process of its own: deltalake keeps Python's lock while it asks, so nobody here could answer.
SERVER = """
import logging, sys
from moto.server import ThreadedMotoServer
logging.getLogger("werkzeug").setLevel(logging.CRITICAL)
server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
server.start()
print("http://{}:{}".format(*server.get_host_and_port()), flush=True)
sys.stdin.read()
"""


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    command = [sys.executable, "-c", SERVER]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as server:
        assert server.stdin is not None
        assert server.stdout is not None
        yield server.stdout.readline().strip()
        server.stdin.close()


@pytest.fixture
def bucket(endpoint: str, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> str:
    import boto3

    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    for name, value in {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ALLOW_HTTP": "true",
        "AWS_ACCESS_KEY_ID": "somebody",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_REGION": "us-east-1",
    }.items():
        monkeypatch.setenv(name, value)
    called = request.node.name.replace("_", "-")[:60]
    boto3.client("s3", region_name="us-east-1").create_bucket(Bucket=called)
    return f"s3://{called}/wiki"


def test_a_mirror_is_kept_and_brought_up_to_date(wiki: Wiki, sandbox: Sandbox, bucket: str) -> None:
    mirror = wiki.sync(bucket, collections=["spaces", "pages"])
    live = wiki.pages(body="storage")
    pd.testing.assert_frame_equal(mirror.pages(), live)
    sandbox.edit_page(live["id"].iloc[3], body="<p>said anew</p>")
    sandbox.delete_page(live["id"].iloc[4])
    wiki.sync(bucket)
    opened = cnb.open_mirror(bucket)
    found = opened.changes().set_index("id")["change"]
    assert (found[live["id"].iloc[3]], found[live["id"].iloc[4]]) == ("changed", "deleted")
    assert opened.sql("select count(*) as n from pages")["n"].tolist() == [59]
    pd.testing.assert_frame_equal(opened.pages(version=1), live)


def test_results_of_a_cluster_are_kept_there_too(wiki: Wiki, bucket: str) -> None:
    distributed = pytest.importorskip("distributed")
    mirror = wiki.sync(bucket, collections=["pages"])
    with distributed.Client(
        n_workers=1, threads_per_worker=1, processes=False, dashboard_address="127.0.0.1:0"
    ) as client:
        texts = mirror.map(content.to_text, "body", client=client).compute()
        assert len(mirror.dask("pages").compute()) == 60
    pages = mirror.pages()
    assert dict(zip(texts["id"], texts["text"], strict=True)) == dict(
        zip(pages["id"], content.to_text(pages["body"]), strict=True)
    )


def test_of_two_writers_one_is_refused(bucket: str) -> None:
    """What the lease rests on: the store takes a commit of a number only once."""
    from deltalake import CommitProperties, write_deltalake
    from deltalake.exceptions import CommitFailedError

    store = Store(bucket)
    schema = arrow_schema(promised("spaces") or ())
    store.make("spaces", schema)
    first, second = store.table("spaces"), store.table("spaces")
    once = CommitProperties(max_commit_retries=0)
    write_deltalake(first, schema.empty_table(), mode="overwrite", commit_properties=once)
    with pytest.raises(CommitFailedError):
        write_deltalake(second, schema.empty_table(), mode="overwrite", commit_properties=once)


def test_nothing_there_is_said_so(bucket: str) -> None:
    with pytest.raises(ConfluenceNBError, match=r"There is no mirror in s3://.*wiki\.sync"):
        cnb.open_mirror(bucket)
