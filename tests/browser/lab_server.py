"""A JupyterLab or Notebook 7 of its own for the browser tests: private folders, no pop-ups, gone without a trace."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import time
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

START_SECONDS = 120

# Autosave would race with what a test saves; a cell out of sight would be missing from the document;
# the news pop-up lies over the notebook.
PREFERENCES: dict[str, dict[str, Any]] = {
    "@jupyterlab/apputils-extension:notification": {
        "fetchNews": "false",
        "checkForUpdates": False,
        "doNotDisturbMode": True,
    },
    "@jupyterlab/docmanager-extension:plugin": {"autosave": False},
    "@jupyterlab/notebook-extension:tracker": {"windowingMode": "none"},
}


@dataclass(frozen=True)
class LabServer:
    """A running JupyterLab or Notebook 7: where it is, and the folder whose notebooks it serves."""

    url: str
    folder: Path
    settings: Path
    path: str
    token: str = field(repr=False)

    def address_of(self, notebook: str) -> str:
        """The link that opens `notebook`; `reset` forgets what an earlier test had open."""
        return f"{self.url}{self.path}/{notebook}?reset&token={self.token}"

    def prefer(self, plugin: str, **values: Any) -> None:
        """Set one plugin's settings as the settings editor would, for pages opened from now on."""
        package, name = plugin.split(":")
        path = self.settings / package / f"{name}.jupyterlab-settings"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(values), encoding="utf-8")

    def stop_kernels(self) -> None:
        """End every kernel: each keeps a sandbox and some 150 MB."""
        for kernel in json.loads(self._call("GET", "api/kernels")):
            self._call("DELETE", f"api/kernels/{kernel['id']}")

    def _call(self, method: str, path: str) -> bytes:
        request = urllib.request.Request(
            self.url + path, method=method, headers={"Authorization": f"token {self.token}"}
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            body: bytes = answer.read()
        return body


FRONT_ENDS = {"jupyterlab": ("LabApp", "lab/tree"), "notebook": ("JupyterNotebookApp", "notebooks")}
"""How each is set, and where it shows a notebook."""


@contextlib.contextmanager
def lab_server(
    python: str,
    home: Path,
    *,
    base_url: str = "/",
    front_end: str = "jupyterlab",
    environment: Mapping[str, str] | None = None,
) -> Iterator[LabServer]:
    """Run the front end of the interpreter `python` under `base_url`; `home` takes all it writes."""
    app, path = FRONT_ENDS[front_end]
    folders = {name: home / name for name in ("notebooks", "config", "data", "runtime", "ipython")}
    for folder in folders.values():
        folder.mkdir(parents=True)
    overrides = folders["config"] / "labconfig" / "default_setting_overrides.json"
    overrides.parent.mkdir()
    overrides.write_text(json.dumps(PREFERENCES), encoding="utf-8")

    command = [
        *(python, "-m", front_end, "--no-browser", "--allow-root", "--ip=127.0.0.1", "--port=0"),
        f"--ServerApp.root_dir={folders['notebooks']}",
        f"--ServerApp.base_url={base_url}",
        f"--{app}.expose_app_in_browser=True",
        "--LabApp.extension_manager=readonly",
    ]
    environ = {
        **os.environ,
        "HOME": str(home),
        "JUPYTER_CONFIG_DIR": str(folders["config"]),
        "JUPYTER_DATA_DIR": str(folders["data"]),
        "JUPYTER_RUNTIME_DIR": str(folders["runtime"]),
        "IPYTHONDIR": str(folders["ipython"]),
        **(environment or {}),
    }
    log_path = home / "server.log"
    with log_path.open("w") as log:
        # A session of its own: ending the process group ends the kernels with it.
        process = subprocess.Popen(
            command, env=environ, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
        )
    try:
        url, token = _wait_for(process, folders["runtime"], log_path)
        yield LabServer(
            url=url,
            token=token,
            folder=folders["notebooks"],
            path=path,
            settings=folders["config"] / "lab" / "user-settings",
        )
    finally:
        end(process)


def _wait_for(process: subprocess.Popen[bytes], runtime: Path, log: Path) -> tuple[str, str]:
    deadline = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        for path in runtime.glob("jpserver-*.json"):
            with contextlib.suppress(OSError, ValueError):  # half written, or written before it listens
                server = json.loads(path.read_text(encoding="utf-8"))
                url = f"http://127.0.0.1:{server['port']}{server['base_url']}"
                urllib.request.urlopen(f"{url}api", timeout=10).read()
                return url, server["token"]
        time.sleep(0.1)
    raise RuntimeError(f"The server did not start:\n{log.read_text(encoding='utf-8')[-4000:]}")


def end(process: subprocess.Popen[bytes]) -> None:
    """End a process that leads a session of its own, and all that it started."""
    for ending in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, ending)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(10)
