"""Fails when a file to commit names a package registry or a folder of one machine: neither fits others."""

import re
import subprocess
import sys
from pathlib import Path

# Written in pieces, so that this file passes its own check.
REGISTRIES = (
    "pypi" + r"\.org",
    "python" + r"hosted\.org",
    "npm" + r"js\.(?:org|com)",
    "deb" + r"\.debian",
    "anaconda" + r"\.org",
)
# A path such as /home/jovyan is the same on every Binder machine.
MACHINE_FOLDERS = ("root", "work", r"home/(?!jovyan\b)\w+", r"Users/\w+")
FORBIDDEN = re.compile("|".join(REGISTRIES) + rf"|(?<![\w.:}}/-])/(?:{'|'.join(MACHINE_FOLDERS)})/")


def committed_files(folder: Path) -> list[Path]:
    """What git tracks, plus what it would add: a check before the commit is the useful one."""
    names = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=folder,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    return [folder / name for name in names.split("\0") if name and (folder / name).is_file()]


def findings(path: Path) -> list[str]:
    """The offending lines of one text file, as `line number: text`."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except UnicodeDecodeError:
        return []
    return [
        f"{number}: {line.strip()[:160]}" for number, line in enumerate(lines, 1) if FORBIDDEN.search(line)
    ]


def main() -> int:
    """Print every offending line and say how many there are."""
    root = Path(__file__).resolve().parent.parent
    files = committed_files(root)
    offences = [f"{path.relative_to(root)}:{line}" for path in files for line in findings(path)]
    for offence in offences:
        print(offence)
    print(f"Registry hosts and machine paths in {len(files)} files: {len(offences)}")
    return 1 if offences else 0


if __name__ == "__main__":
    sys.exit(main())
