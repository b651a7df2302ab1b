"""Originals: files that a producer or a public repository has, and from which a raw file is made by a plain conversion.

`originals.toml` says which they are, where they are, and which function of `converters` makes the raw file, which is used only if
it has the pinned sha256.
"""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any
from urllib.parse import quote, urljoin

from mic2025lab import durable
from mic2025lab.errors import LabError, SourceError
from mic2025lab.sources._http import download, sha256_of
from mic2025lab.sources.forms import brought_into_form
from mic2025lab.sources.lock import locked
from mic2025lab.sources.source import Source

#: The folder of originals, in the folder of a source.
FOLDER = "originals"


@functools.cache
def _listed() -> dict[str, Any]:
    import tomllib  # not needed to load a table

    return tomllib.loads(Path(__file__).with_name("originals.toml").read_text(encoding="utf-8"))


def addresses(source: Source, path: str) -> dict[str, str]:
    """Return the originals of a raw file, path in the folder of originals -> address; none if it cannot be made of any."""
    about = _listed().get(f"{source.id}/{path}", {"files": []})
    base = f"https://raw.githubusercontent.com/{about.get('repository')}/{about.get('commit')}/"
    # An address is of another repository than the others.
    names = {name: name.rpartition("/")[2] if "://" in name else name for name in about["files"]}
    return {own: urljoin(base, quote(name, safe="/:")) for name, own in names.items()}


def make(source: Source, path: str, folder: Path) -> Path:
    """Make a raw file in a source's folder of the originals there; those that are missing are downloaded first.

    Raises
    ------
    SourceError
        If an original cannot be downloaded, or the result is not the pinned file; nothing but the originals is kept.
    """
    from mic2025lab.sources import converters

    places = addresses(source, path)
    paths = [folder / FOLDER / name for name in places]
    for original, (name, address) in zip(paths, places.items(), strict=True):
        if not original.is_file():
            download(address, original, sha256=None, what=f"{name}, of which {source.id} is made,")
    about = _listed()[f"{source.id}/{path}"]
    target, expected = folder / path, source.files[path]
    part = target.with_name(target.name + ".part")
    try:
        made = getattr(converters, about.get("convert", "unchanged"))(paths, **about.get("options", {}))
        part.parent.mkdir(parents=True, exist_ok=True)
        with locked(target.with_name(f".{target.name}.lock"), f"Another process makes {target}"):
            try:
                part.write_bytes(made if isinstance(made, bytes) else made.to_csv(index=False).encode())
                found = sha256_of(part)
                if found == expected or brought_into_form(part, expected):
                    durable.replace(part, target)
                    return target
            finally:
                part.unlink(missing_ok=True)
        wrong = f"would have the sha256 {found}, and {expected} is expected"
    except LabError:
        raise
    except ImportError as error:
        raise SourceError(f'{error}: pip install "mic2025lab[files]" to read a workbook') from None
    except (LookupError, TypeError, ValueError, OSError) as error:
        wrong = f"cannot be made ({type(error).__name__}: {error})"
    raise SourceError(
        f"{source.id}/{path} {wrong}.\nThe files in {folder / FOLDER} are not those that it was made of, or are damaged. Replace "
        f"them by {', '.join(places.values())}, or remove them so that they are downloaded. The tables in data/ do not change."
    )
