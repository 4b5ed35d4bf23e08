"""Write down every operation of Atlassian's two OpenAPI files, and its scopes, as the sandbox's `operations.json`.

    python tools/build_operations.py FOLDER     # with confluence-v1.json and confluence-v2.json in it

The sandbox serves some of them; of the others it knows from here who may call them at all.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from specification import Specification

OPERATIONS = Path(__file__).parent.parent / "confluence_nb" / "sandbox" / "rest" / "operations.json"
V2 = "/wiki/api/v2"


def build(folder: Path) -> dict[str, list[list[str]]]:
    """The scope sets of each operation, any one of which lets a call through; none where no app may call it."""
    found: dict[str, list[list[str]]] = {}
    for name in ("confluence-v2.json", "confluence-v1.json"):
        spec = Specification(folder / name)
        for path, method, operation in spec.operations():
            declared = operation.get("x-atlassian-oauth2-scopes", ())
            sets = [sorted(entry["scopes"]) for entry in declared if entry["scopes"]]
            address = V2 + path if spec.is_v2 else path
            found[f"{method.upper()} {address}"] = sorted(sets)
    return found


def written(operations: dict[str, list[list[str]]]) -> str:
    """As text, an operation to a line."""
    lines = ",\n".join(f"  {json.dumps(key)}: {json.dumps(sets)}" for key, sets in operations.items())
    return f"{{\n{lines}\n}}\n"


def main(arguments: list[str]) -> None:
    if len(arguments) != 1:
        raise SystemExit(__doc__)
    operations = build(Path(arguments[0]))
    OPERATIONS.write_text(written(operations), encoding="utf-8")
    print(f"{OPERATIONS.name}: {len(operations)} operations")


if __name__ == "__main__":
    main(sys.argv[1:])
