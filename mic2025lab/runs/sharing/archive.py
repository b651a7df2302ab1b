"""Zip files whose bytes depend on their content only, and the package as a wheel that pip installs."""

from __future__ import annotations

import base64
import io
import zipfile
from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from importlib import metadata

from mic2025lab import catalog
from mic2025lab.analyses import notebook
from mic2025lab.errors import RunError
from mic2025lab.runs import identity
from mic2025lab.runs.notebook_files import source_bytes
from mic2025lab.runs.pages import cited
from mic2025lab.version import __version__

#: The file name of the package as `wheel` writes it.
WHEEL = f"mic2025lab-{__version__}-py3-none-any.whl"

#: The package's files besides its code (`identity.code_files`).
_DATA = ("py.typed", "**/*.j2", "**/*.css", "**/*.js", "**/*.json", "**/*.yml", "**/hs_products.parquet")
_PLAN = "plans/default.yml"

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
    """Return the running package as a wheel, with its notebooks and without its tables. What else lies in its folder is left out."""
    installed = metadata.distribution("mic2025lab")
    files = {f"mic2025lab/{name}": data for name, data in _modules().items()}
    files |= {f"mic2025lab/_notebooks/{name}": data for name, data in _notebooks().items()}
    files |= {f"mic2025lab/_docs/{name}.md": cited.source(name).read_bytes() for name in cited.NAMES}
    about = {name: _text(installed, name) for name in ("METADATA", "entry_points.txt", "licenses/LICENSE")}
    about["WHEEL"] = _TAG
    files |= {f"{_INFO}/{name}": text.encode() for name, text in about.items()}
    hashes = {name: base64.urlsafe_b64encode(sha256(data).digest()) for name, data in sorted(files.items())}
    lines = [
        f"{name},sha256={hashed.decode().rstrip('=')},{len(files[name])}" for name, hashed in hashes.items()
    ]
    record = "\n".join([*lines, f"{_INFO}/RECORD,,", ""])
    return pack({**files, f"{_INFO}/RECORD": record.encode()}, moment)


def license_text() -> str:
    """Return the license of the code."""
    return _text(metadata.distribution("mic2025lab"), "licenses/LICENSE")


def _modules() -> dict[str, bytes]:
    names = {*identity.code_files(), *identity.files_of_package(_DATA)}
    return {name: (catalog.PACKAGE / name).read_bytes() for name in sorted(names)}


def _notebooks() -> dict[str, bytes]:
    """The package's own notebooks without outputs, whatever else lies in their folder, and the plan that comes with them."""
    folder = notebook.folder()
    found = {f"{name}.ipynb": source_bytes(folder / f"{name}.ipynb") for name in notebook.PACKAGED}
    return found | {_PLAN: (folder / _PLAN).read_bytes()}


def _text(installed: metadata.Distribution, name: str) -> str:
    text = installed.read_text(name)
    if text is None:
        raise RunError(f"The installed mic2025lab has no {name}. Install it again: pip install -e .")
    return text
