"""What Binder would build from this checkout, asked of repo2docker itself, without building it."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from importlib import resources
from pathlib import Path

import pytest

repo2docker = pytest.importorskip(
    "repo2docker", reason="jupyter-repo2docker is not installed: make test does"
)

ROOT = Path(__file__).resolve().parents[1]
BINDER = ROOT / "binder"


@pytest.fixture(scope="module")
def dockerfile() -> str:
    """The Dockerfile that repo2docker writes for this checkout."""
    run = subprocess.run(
        [sys.executable, "-m", "repo2docker", "--no-build", "--debug", "."],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    return run.stdout


def test_the_checkout_is_installed_from_the_binder_folder(dockerfile: str) -> None:
    install = dockerfile.index('pip install --no-cache-dir -r "binder/requirements.txt"')
    # Only after the sources are there does "." in the requirements mean this checkout.
    assert dockerfile.index("COPY --chown=0:0 src/ ${REPO_DIR}/") < install

    requirements = (BINDER / "requirements.txt").read_text().split()
    extras = re.fullmatch(r"\.\[([\w,]+)\]", requirements[0])
    assert extras is not None
    offered = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    assert {"demo", "charts"} <= set(extras[1].split(",")) <= set(offered)


def test_the_notebook_starts_in_the_demo(dockerfile: str) -> None:
    assert 'ENV R2D_ENTRYPOINT="${REPO_DIR}/binder/start"' in dockerfile
    run = subprocess.run(
        [BINDER / "start", sys.executable, "-c", "import os; print(os.environ['CONFLUENCE_NB_DEMO'])"],
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    )
    assert run.stdout == "1\n"


def test_the_matrix_has_the_versions_of_the_image() -> None:
    """The image's Jupyter is not ours to choose: when repo2docker moves it, the matrix has to follow."""
    python = (BINDER / "runtime.txt").read_text().strip().removeprefix("python-")
    lock = resources.files("repo2docker") / f"buildpacks/conda/environment.py-{python}-linux-64.lock"
    in_image = dict(re.findall(r"/([a-z]+)-(\d[\d.]*)-[^/]*\.conda", lock.read_text()))
    pins = dict(
        re.findall(r"^(ipykernel|ipywidgets|jupyterlab)==(.+)$", _requirements_of_the_matrix(), re.MULTILINE)
    )
    assert {name: in_image[name] for name in ("ipykernel", "ipywidgets", "jupyterlab")} == pins


def _requirements_of_the_matrix() -> str:
    return (ROOT / "tests" / "requirements" / "binder.txt").read_text()
