"""The form of the golden files in test/files/."""

import json
import platform
import sys
from importlib.metadata import version
from pathlib import Path


def write_golden(path: Path, libraries: tuple[str, ...], cases: list[dict], **facts: object) -> None:
    """One JSON document, one case per line, so that a change of one case is one line of a diff."""
    made_by = {"script": f"scripts/{Path(sys.argv[0]).name}", "python": platform.python_version()}
    made_by |= {library: version(library) for library in libraries}
    # Escaped, because the texts hold controls and direction marks that no editor or diff should meet raw.
    compact = {"ensure_ascii": True, "allow_nan": False, "separators": (",", ":")}
    head = "".join(
        f"{json.dumps(k)}:{json.dumps(v, **compact)},\n" for k, v in {"made_by": made_by, **facts}.items()
    )
    lines = ",\n".join(json.dumps(case, **compact) for case in cases)
    path.write_text(f'{{{head}"cases":[\n{lines}\n]}}\n', encoding="utf-8")
    print(f"{path}: {len(cases)} cases, {path.stat().st_size} bytes")
