"""What a site would be made of, told from the bytes alone and in an instant, so that a build with nothing to do does nothing."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parents[1]


def run_folders(reports: Path) -> Iterator[Path]:
    """List the folders that hold runs, or should; those that begin with a dot belong to others."""
    for folder in sorted((reports / "runs").glob("*/*/")):
        if not folder.name.startswith(".") and not folder.parent.name.startswith("."):
            yield folder


def digest(folder: Path) -> str:
    """Hash what a run tells of itself: its JSON files, which name its tables by their own hashes."""
    files = [path for path in sorted(folder.glob("*.json")) if path.is_file()]
    return _hash(f"{path.name} {_hash(path.read_bytes())}".encode() for path in files)


def runs(reports: Path) -> str:
    """Hash what every run tells of itself, and where it lies."""
    return _hash(
        f"{folder.relative_to(reports)!a} {digest(folder)}".encode() for folder in run_folders(reports)
    )


def code() -> str:
    """Hash what the pages are written by: the package's modules, templates and ledger, the notebooks' introductions, the catalogue."""
    paths = [
        path for suffix in ("py", "j2", "css", "js", "yml") for path in sorted(_PACKAGE.rglob(f"*.{suffix}"))
    ]
    for notebooks in (_PACKAGE.parent / "notebooks", _PACKAGE / "_notebooks"):
        paths += sorted(notebooks.glob("*.ipynb"))
    for data in (_PACKAGE.parent / "data", _PACKAGE / "_data"):
        paths += data.glob("catalog.json")
    return _hash(_hash(path.read_bytes()).encode() for path in paths)


def _hash(content: bytes | Iterator[bytes]) -> str:
    return sha256(content if isinstance(content, bytes) else b"\n".join(content)).hexdigest()
