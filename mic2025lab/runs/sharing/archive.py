"""Zip files whose bytes depend on their content only, and the package as a wheel that pip installs."""

from __future__ import annotations

import base64
import io
import zipfile
from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from importlib import metadata

from mic2025lab import __version__, catalog
from mic2025lab.errors import RunError

#: The file name of the package as `wheel` writes it.
WHEEL = f"mic2025lab-{__version__}-py3-none-any.whl"

_INFO = f"mic2025lab-{__version__}.dist-info"
_TAG = "Wheel-Version: 1.0\nGenerator: mic2025lab\nRoot-Is-Purelib: true\nTag: py3-none-any\n"


def pack(files: Mapping[str, bytes], moment: datetime) -> bytes:
    """Write a zip file.

    Parameters
    ----------
    files : mapping
        Name -> content. They are stored in the order of their names.
    moment : datetime
        The time that all of them bear. The same files give the same bytes.

    Examples
    --------
    >>> noon = datetime(2026, 1, 2, 12)
    >>> pack({"b": b"1", "a": b""}, noon) == pack({"a": b"", "b": b"1"}, noon)
    True
    """
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, data in sorted(files.items()):
            info = zipfile.ZipInfo(name, moment.timetuple()[:6])
            info.compress_type = zipfile.ZIP_DEFLATED
            info.create_system = 3  # the same on all systems
            info.external_attr = 0o644 << 16
            archive.writestr(info, data)
    return made.getvalue()


def wheel(moment: datetime) -> bytes:
    """Return the running package as a wheel, with its notebooks and without its tables.

    Raises
    ------
    RunError
        If the package is not installed, because its dependencies are then not known.
    """
    try:
        installed = metadata.distribution("mic2025lab")
    except metadata.PackageNotFoundError:
        raise RunError(
            "mic2025lab is not installed here, so it cannot be packed. Install it: pip install -e ."
        ) from None
    files = {f"mic2025lab/{name}": data for name, data in _modules().items()}
    files |= {f"mic2025lab/_notebooks/{name}": data for name, data in _notebooks().items()}
    about = {
        "METADATA": _text(installed, "METADATA"),
        "entry_points.txt": _text(installed, "entry_points.txt"),
    }
    about |= {"WHEEL": _TAG, "licenses/LICENSE": license_text()}
    files |= {f"{_INFO}/{name}": text.encode() for name, text in about.items()}
    lines = [f"{name},sha256={_hash(data)},{len(data)}" for name, data in sorted(files.items())]
    record = "\n".join([*lines, f"{_INFO}/RECORD,,", ""])
    return pack({**files, f"{_INFO}/RECORD": record.encode()}, moment)


def license_text() -> str:
    """Return the license of the code."""
    return _text(metadata.distribution("mic2025lab"), "licenses/LICENSE")


def _modules() -> dict[str, bytes]:
    found = {}
    for path in sorted(catalog.PACKAGE.rglob("*")):
        name = path.relative_to(catalog.PACKAGE)
        if (
            path.is_file()
            and name.parts[0] not in ("_data", "_notebooks")
            and "__pycache__" not in name.parts
        ):
            found[name.as_posix()] = path.read_bytes()
    return found


def _notebooks() -> dict[str, bytes]:
    checkout = catalog.PACKAGE.parent / "notebooks"
    folder = checkout if checkout.is_dir() else catalog.PACKAGE / "_notebooks"
    found = sorted([*folder.glob("*.ipynb"), *folder.glob("plans/*.yml")])
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}


def _text(installed: metadata.Distribution, name: str) -> str:
    text = installed.read_text(name)
    if text is None:
        raise RunError(f"The installed mic2025lab has no {name}. Install it again: pip install -e .")
    return text


def _hash(data: bytes) -> str:
    return base64.urlsafe_b64encode(sha256(data).digest()).rstrip(b"=").decode()
