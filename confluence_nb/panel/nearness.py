"""Whether the person's browser runs on the kernel's own machine, as far as a kernel can know that."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path

from confluence_nb.cloud import is_loopback
from confluence_nb.panel.place import running_cell

# What hubs, hosted notebooks, clusters and remote shells set for what runs there: the browser is elsewhere.
SIGNS_OF_ELSEWHERE = (
    *("JUPYTERHUB_SERVICE_PREFIX", "JUPYTERHUB_API_URL", "BINDER_SERVICE_HOST", "COLAB_RELEASE_TAG"),
    *("KAGGLE_KERNEL_RUN_TYPE", "CODESPACES", "GITPOD_WORKSPACE_ID", "REMOTE_CONTAINERS"),
    *("KUBERNETES_SERVICE_HOST", "DATABRICKS_RUNTIME_VERSION", "SSH_CONNECTION", "SSH_TTY"),
)
CONTAINER_MARKS = ("/.dockerenv", "/run/.containerenv")
"""Files at the root of a container. The ports of one are its own, unless somebody opened each of them."""


def browser_is_near(environ: Mapping[str, str] = os.environ) -> bool:
    """True in a notebook's kernel that nothing says is far from its browser.

    A server that listens for other machines, a hub, a container or a remote shell says so. Where this errs, the
    consent page's answer does not arrive, and is pasted.
    """
    if running_cell() is None:
        return False
    if any(environ.get(name) for name in SIGNS_OF_ELSEWHERE):
        return False
    if any(Path(mark).exists() for mark in CONTAINER_MARKS):
        return False
    host = _server_host(environ)
    return host is None or is_loopback(host)


def _server_host(environ: Mapping[str, str]) -> str | None:
    """What the Jupyter server that started this kernel listens on; None where there is none or it left no note."""
    try:
        from jupyter_core.paths import jupyter_runtime_dir
    except ImportError:
        return None
    note = Path(jupyter_runtime_dir()) / f"jpserver-{environ.get('JPY_PARENT_PID', '')}.json"
    try:
        host = json.loads(note.read_bytes())["hostname"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return host if isinstance(host, str) else None
