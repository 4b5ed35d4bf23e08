"""What is published: a wheel and a source archive that build and run with nothing else of the repository."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from email import message_from_string
from email.message import Message
from pathlib import Path
from typing import Any

import pytest
import yaml
from trove_classifiers import classifiers

import confluence_nb

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "confluence_nb"
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
IMAGES = (".png", ".svg", ".ipynb", ".pyc")


def build(kind: str, source: Path, target: Path) -> Path:
    """One archive, made by the build backend as pip would, without the network."""
    call = f"from hatchling.build import build_{kind}; print(build_{kind}({str(target)!r}))"
    run = subprocess.run([sys.executable, "-c", call], cwd=source, check=True, capture_output=True, text=True)
    return target / run.stdout.split()[-1]


@pytest.fixture(scope="module")
def sdist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The source archive, unpacked."""
    folder = tmp_path_factory.mktemp("sdist")
    with tarfile.open(build("sdist", ROOT, folder)) as archive:
        archive.extractall(folder, filter="data")
    return next(path for path in folder.iterdir() if path.is_dir())


@pytest.fixture(scope="module")
def wheel(sdist: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel that the source archive makes, unpacked."""
    folder = tmp_path_factory.mktemp("wheel")
    with zipfile.ZipFile(build("wheel", sdist, folder)) as archive:
        archive.extractall(folder / "unpacked")
    return folder / "unpacked"


@pytest.fixture(scope="module")
def metadata(wheel: Path) -> Message:
    return message_from_string(next(wheel.glob("*.dist-info/METADATA")).read_text(encoding="utf-8"))


def files_in(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def of_the_package() -> set[str]:
    return {name for name in files_in(PACKAGE) if "__pycache__" not in name}


def test_the_source_archive_has_what_builds_and_no_more(sdist: Path) -> None:
    made = {"PKG-INFO", ".gitignore"}  # by hatchling
    kept = {"confluence_nb", "pyproject.toml", "README.md", "LICENSE", "CHANGELOG.md"}
    assert {path.name for path in sdist.iterdir()} - made == kept
    assert files_in(sdist / "confluence_nb") == of_the_package()


def test_the_wheel_has_the_whole_package_and_no_more(wheel: Path) -> None:
    names = files_in(wheel)
    package = {name.removeprefix("confluence_nb/") for name in names if name.startswith("confluence_nb/")}
    assert package == of_the_package()
    assert {"py.typed", "api/catalog.json"} <= package
    assert not [name for name in names if name.endswith(IMAGES)]
    beside = {name.partition("/")[2] for name in names if ".dist-info/" in name}
    assert beside == {"METADATA", "RECORD", "WHEEL", "entry_points.txt", "licenses/LICENSE"}
    assert len(package) + len(beside) == len(names)


def test_it_says_what_it_is(metadata: Message) -> None:
    assert metadata["Name"] == "confluence_nb"
    assert metadata["License-Expression"] == "MIT"
    assert metadata["Requires-Python"] == ">=3.11"
    assert metadata["Description-Content-Type"] == "text/markdown"
    assert set(metadata.get_all("Classifier", [])) <= classifiers
    assert {line.partition(",")[0] for line in metadata.get_all("Project-URL", [])} >= {
        "Documentation",
        "Changelog",
        "Issues",
        "Source",
    }


def test_a_plain_install_brings_nothing_that_only_an_extra_takes(metadata: Message) -> None:
    plain = [line for line in metadata.get_all("Requires-Dist", []) if "extra ==" not in line]
    assert len(plain) == len(PROJECT["dependencies"])
    assert not re.search(r"plotly|starlette|deltalake|duckdb|dask|pytest|jupyterlab", " ".join(plain))


def test_extras_are_the_ones_that_errors_and_docs_name() -> None:
    """Each named somewhere exists, and each that is for users is named in the README."""
    extras = set(PROJECT["optional-dependencies"])
    texts = [*PACKAGE.rglob("*.py"), *ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    named = {
        extra
        for path in texts
        for group in re.findall(r"confluence_nb\[([\w,]+)\]", path.read_text(encoding="utf-8"))
        for extra in group.split(",")
    }
    assert named == extras - {"dev", "docs", "lab"}


def test_the_wheel_runs_alone(wheel: Path, tmp_path: Path) -> None:
    """From its own folder, as installed: the embedded Confluence starts and is read to its end."""
    call = (
        f"import sys; sys.path.insert(0, {str(wheel)!r}); import confluence_nb; "
        f"assert confluence_nb.__file__.startswith({str(wheel)!r}); "
        "from confluence_nb.cli import main; main(['demo', '--json'])"
    )
    run = subprocess.run(
        [sys.executable, "-c", call], cwd=tmp_path, capture_output=True, text=True, timeout=120
    )
    assert run.returncode == 0, run.stderr
    assert sum(space["pages"] for space in json.loads(run.stdout)["spaces"]) == 600


def test_one_version_is_told_everywhere(metadata: Message) -> None:
    version = confluence_nb.__version__
    assert metadata["Version"] == version
    assert yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))["version"] == version
    changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.findall(r"^## (\S+)", changes, re.MULTILINE)[0] == version


def test_a_tag_is_the_version() -> None:
    git = subprocess.run(["git", "tag", "--points-at", "HEAD"], cwd=ROOT, capture_output=True, text=True)
    versions = [tag for tag in git.stdout.split() if re.fullmatch(r"v\d+\.\d+.*", tag)]
    assert set(versions) <= {f"v{confluence_nb.__version__}"}


def test_it_can_be_cited() -> None:
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert citation["cff-version"] == "1.2.0"
    assert {"message", "title", "authors", "version", "license", "repository-code"} <= set(citation)
    assert citation["license"] == PROJECT["license"]
    assert citation["repository-code"] == PROJECT["urls"]["Source"]
    assert [author["name"] for author in citation["authors"]] == [one["name"] for one in PROJECT["authors"]]


def test_hooks_before_a_commit_are_those_of_make_lint() -> None:
    config = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
    assert [repository["repo"] for repository in config["repos"]] == ["local"]  # nothing is fetched
    hooks = [hook["entry"] for hook in config["repos"][0]["hooks"]]
    recipe = (ROOT / "Makefile").read_text(encoding="utf-8").partition("\nlint:")[2].partition("\n\n")[0]
    for command in ("ruff check", "ruff format", "mypy", "lint-imports", "python tools/check_committed.py"):
        assert f"$(bin)/{command}" in recipe
        assert any(entry.startswith(f".venv/bin/{command}") for entry in hooks), command


def test_updates_leave_old_jupyters_alone() -> None:
    config = yaml.safe_load((ROOT / ".github" / "dependabot.yml").read_text(encoding="utf-8"))
    for update in config["updates"]:
        assert (ROOT / update["directory"].strip("/")).is_dir()
        assert [path for path in update.get("exclude-paths", []) if not (ROOT / path).is_file()] == []
