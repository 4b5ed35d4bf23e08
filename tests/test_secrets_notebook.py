"""A notebook with a whole session in it is run and saved: no secret is in the file, nor in any other that was left."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from leaky_session import CELLS
from nbclient import NotebookClient
from traitlets.config import Config

CLIENT_SECRET = "canary-of-the-client-secret-77ab"
HERE = Path(__file__).resolve().parent


class Folders:
    """Where the kernel's whole world lies, and beside it the vault and what only the test knows."""

    def __init__(self, root: Path) -> None:
        self.world, self.secrets = root / "world", root / "secrets"
        for folder in (self.world, self.secrets, self.world / "tmp"):
            folder.mkdir()
        (self.secrets / "client secret").write_text(CLIENT_SECRET)
        self.notebook = self.world / "session.ipynb"
        cells = [nbformat.v4.new_code_cell(source) for source in CELLS]
        nbformat.write(nbformat.v4.new_notebook(cells=cells), self.notebook)

    def environment(self) -> dict[str, str]:
        world = str(self.world)
        own = dict.fromkeys(("HOME", "IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_RUNTIME_DIR"), world)
        own |= {f"XDG_{kind}_HOME": world for kind in ("STATE", "DATA", "CACHE", "CONFIG")}
        own |= {"LEAKS_FOLDER": world, "SECRETS_FOLDER": str(self.secrets), "TMPDIR": f"{world}/tmp"}
        paths = [str(HERE), str(HERE.parent), os.environ.get("PYTHONPATH", "")]
        return {**os.environ, **own, "PYTHONPATH": os.pathsep.join(filter(None, paths))}

    def leaks(self) -> list[str]:
        """Each secret that is in a file of the world, and in which."""
        secrets = json.loads((self.secrets / "secrets.json").read_text())
        kinds = {name.rstrip(" 0123456789") for name in secrets}
        assert kinds == {"client secret", "state", "code", "access token", "refresh token"}
        assert len(secrets) == 7, "the pair was renewed once"
        return [
            f"{name} in {path.relative_to(self.world)}"
            for path in self.world.rglob("*")
            if path.is_file()
            for content in [path.read_bytes()]
            for name, secret in secrets.items()
            if secret.encode() in content
        ]


def with_nbclient(folders: Folders) -> None:
    notebook = nbformat.read(folders.notebook, as_version=4)
    encrypted = Config({"KernelManager": {"transport_encryption": "auto"}})
    NotebookClient(notebook, timeout=300, allow_errors=True, config=encrypted).execute(
        env=folders.environment()
    )
    nbformat.write(notebook, folders.notebook)


def with_nbconvert(folders: Folders) -> None:
    words = ["--to", "notebook", "--execute", "--allow-errors", "--inplace", str(folders.notebook)]
    subprocess.run(
        [sys.executable, "-m", "nbconvert", *words],
        env=folders.environment(),
        capture_output=True,
        timeout=300,
        check=True,
    )


@pytest.mark.slow
@pytest.mark.parametrize("run_and_save", [with_nbclient, with_nbconvert])
def test_no_secret_is_left_in_a_saved_notebook_or_any_file(tmp_path: Path, run_and_save) -> None:
    folders = Folders(tmp_path)
    run_and_save(folders)
    assert folders.leaks() == []

    saved = nbformat.read(folders.notebook, as_version=4)
    errors = [
        [output.ename for output in cell.outputs if output.output_type == "error"] for cell in saved.cells
    ]
    fail = {5: ["WrongPaste"], 6: ["WrongPaste"], 7: ["NotFound"], 8: ["Unreachable"], 13: ["SignInRequired"]}
    assert errors == [fail.get(number, []) for number in range(len(CELLS))], "each cell went as it was meant"
    state = json.dumps(saved.metadata["widgets"])
    assert "Confluence sign-in" in state, "the panel's state is saved with the notebook"
    left = {path.name for path in folders.world.rglob("*")}
    assert {"history", "debug.log", "objects", "processes", "crash", "rich", "_delta_log"} <= left
    assert "HTTP Request" in (folders.world / "debug.log").read_text()
    assert "told.register()" in (folders.world / "history").read_text()
    assert "locals" in (folders.world / "rich").read_text()
