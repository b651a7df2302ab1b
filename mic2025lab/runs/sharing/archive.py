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
LICENSE = f"{_INFO}/licenses/LICENSE"
_TAG = b"Wheel-Version: 1.0\nGenerator: mic2025lab\nRoot-Is-Purelib: true\nTag: py3-none-any\n"


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


def package() -> dict[str, bytes]:
    """Return the files of the running package, with its notebooks and without its tables. What else lies in its folder is left out.

    Notebooks have no outputs, and the plan that comes with them is there.
    """
    modules = {*identity.code_files(), *identity.files_of_package(_DATA)}
    files = {f"mic2025lab/{name}": (catalog.PACKAGE / name).read_bytes() for name in modules}
    folder = notebook.folder()
    for name in notebook.PACKAGED:
        files[f"mic2025lab/_notebooks/{name}.ipynb"] = source_bytes(folder / f"{name}.ipynb")
    files[f"mic2025lab/_notebooks/{_PLAN}"] = (folder / _PLAN).read_bytes()
    files |= {f"mic2025lab/_docs/{name}.md": cited.source(name).read_bytes() for name in cited.NAMES}
    for name in ("METADATA", "entry_points.txt", "licenses/LICENSE"):
        text = metadata.distribution("mic2025lab").read_text(name)
        if text is None:
            raise RunError(f"The installed mic2025lab has no {name}. Install it again: pip install -e .")
        files[f"{_INFO}/{name}"] = text.encode()
    return files | {f"{_INFO}/WHEEL": _TAG}


def wheel(files: Mapping[str, bytes], moment: datetime) -> bytes:
    """Return the files of a package as a wheel."""
    hashes = {name: base64.urlsafe_b64encode(sha256(data).digest()) for name, data in sorted(files.items())}
    lines = [
        f"{name},sha256={hashed.decode().rstrip('=')},{len(files[name])}" for name, hashed in hashes.items()
    ]
    record = "\n".join([*lines, f"{_INFO}/RECORD,,", ""])
    return pack({**files, f"{_INFO}/RECORD": record.encode()}, moment)
