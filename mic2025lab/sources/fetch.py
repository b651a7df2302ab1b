"""Raw files: found in a mirror, in the cache, or downloaded; always checked against their sha256."""

from __future__ import annotations

import hashlib
import http.client
import os
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import BinaryIO

from mic2025lab.errors import SourceError
from mic2025lab.sources.base import RawFile, Source

ATTEMPTS = 4
TIMEOUT = 60.0
LONGEST_WAIT = 120.0
CHUNK = 1 << 16
_WORTH_ANOTHER_TRY = {408, 425, 429, 500, 502, 503, 504}


def mirror_dir() -> Path | None:
    """Give the folder of raw files named by `MIC2025LAB_MIRROR`, if any."""
    named = os.environ.get("MIC2025LAB_MIRROR")
    return Path(named).expanduser() if named else None


def cache_dir() -> Path:
    """Give the folder for downloads: `MIC2025LAB_CACHE`, else the platform's cache folder."""
    named = os.environ.get("MIC2025LAB_CACHE")
    if named:
        return Path(named).expanduser()
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local"
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Caches"
    else:
        base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "mic2025lab" / "raw"


def locate(
    source: Source,
    path: str,
    *,
    mirror: Path | str | None = None,
    cache: Path | str | None = None,
    sleep: Callable[[float], None] = time.sleep,
) -> Path:
    """Find a raw file: in the mirror, then in the cache, then at its public address.

    Parameters
    ----------
    source : Source
        The publication the file belongs to.
    path : str
        The file, relative to the source's folder.
    mirror, cache : path, optional
        Instead of `MIC2025LAB_MIRROR` and `MIC2025LAB_CACHE`. Both are laid out as `<source id>/<path>`.
    sleep : callable, optional
        How to wait between attempts.

    Returns
    -------
    pathlib.Path
        A file whose sha256 is the pinned one.

    Raises
    ------
    SourceError
        If the file is nowhere to be had (says what to get and where to put it), if the server refuses (url and
        status), or if the file is not the pinned one (both hashes). The tables built before stay as they are.
    """
    file = source.file(path)
    mirrored = Path(mirror).expanduser() if mirror else mirror_dir()
    target = (Path(cache).expanduser() if cache else cache_dir()) / source.id / path
    for candidate in (mirrored / source.id / path if mirrored else None, target):
        if candidate is not None and candidate.is_file():
            return _checked(candidate, source, file)
    if file.url is None:
        raise SourceError(_how_to_get(source, file, target))
    download(file.url, target, sha256=file.sha256, sleep=sleep, what=f"{source.id}/{path}")
    return target


def sha256_of(path: Path) -> str:
    """Hash a file without reading it whole."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _checked(path: Path, source: Source, file: RawFile) -> Path:
    found = sha256_of(path)
    if found != file.sha256:
        raise SourceError(
            f"{path} is not the file that {source.id} was built from.\n"
            f"  sha256 of the file:  {found}\n"
            f"  sha256 expected:     {file.sha256}\n"
            "Either it was damaged (put the right one in its place, or remove it), or the producer has revised it: "
            "then its hash and its vintage are to be entered in mic2025lab/sources. The tables in data/ stay as they are."
        )
    return path


def _how_to_get(source: Source, file: RawFile, target: Path) -> str:
    made_from = f" It was made from: {file.url_note}." if file.url_note else ""
    page = f" The producer's page is {source.url}." if source.url else ""
    return (
        f"{source.id}/{file.path} is needed and no public address holds exactly this file.{made_from}{page}\n"
        f"Put the file (sha256 {file.sha256}) at {target}, or set MIC2025LAB_MIRROR to a folder that has it as "
        f"{source.id}/{file.path}. The tables in data/ can be used without it."
    )


def download(
    url: str,
    target: Path,
    *,
    sha256: str | None,
    what: str = "",
    attempts: int = ATTEMPTS,
    timeout: float = TIMEOUT,
    sleep: Callable[[float], None] = time.sleep,
) -> None:
    """Download a file, whole or not at all.

    The bytes go to `<target>.part`, are hashed, and are moved into place only if the hash is right. A transfer that
    breaks off is taken up where it ended; a busy server is asked again, after the time it names in `Retry-After`.
    With `sha256=None`, for a file that a user names, the length alone is checked.

    Raises
    ------
    SourceError
        With the url, the status and what to do.
    """
    what = what or target.name
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(target.name + ".part")
    trouble = ""
    for attempt in range(attempts):
        wait = float(2**attempt)
        try:
            resumed = _transfer(url, part, timeout)
        except urllib.error.HTTPError as error:
            if error.code == 416:  # the part is longer than the file: begin again
                part.unlink(missing_ok=True)
            elif error.code not in _WORTH_ANOTHER_TRY:
                raise SourceError(_refused(what, url, f"HTTP {error.code} {error.reason}", target)) from error
            trouble = f"HTTP {error.code} {error.reason}"
            wait = _retry_after(error.headers.get("Retry-After")) or wait
        except (
            OSError,
            http.client.HTTPException,
        ) as error:  # URLError, time-outs and broken connections are OSError
            trouble = f"{type(error).__name__}: {error}"
        else:
            found = sha256_of(part)
            if sha256 in (None, found):
                os.replace(part, target)
                return
            part.unlink()
            if not resumed:
                raise SourceError(
                    f"{what}: the file at {url} is not the one expected.\n"
                    f"  sha256 of the download:  {found}\n"
                    f"  sha256 expected:         {sha256}\n"
                    "The source has been revised, or something on the way has changed it. Nothing was kept, and the tables in data/ "
                    "stay as they are. To take the new version up, enter its hash and vintage in mic2025lab/sources."
                )
            trouble = "the resumed transfer did not fit together"
        if wait > LONGEST_WAIT:
            raise SourceError(
                _refused(what, url, f"{trouble}; asks to come back in {wait:.0f} seconds", target)
            )
        if attempt + 1 < attempts:
            sleep(wait)
    raise SourceError(_refused(what, url, f"{trouble}, {attempts} attempts", target))


def _refused(what: str, url: str, status: str, target: Path) -> str:
    return (
        f"{what} could not be downloaded from {url} ({status}). "
        f"Try again later, or put the file at {target} yourself; a download that broke off is resumed."
    )


def _transfer(url: str, part: Path, timeout: float) -> bool:
    """Fetch into `part`, adding to what is there; say whether it was resumed."""
    have = part.stat().st_size if part.exists() else 0
    headers = {"User-Agent": "mic2025lab", "Accept-Encoding": "identity"}
    if have:
        headers["Range"] = f"bytes={have}-"
    if not url.startswith(("https://", "http://")):
        raise SourceError(f"{url!r} is not an http(s) address.")
    with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=timeout) as response:
        resumed = bool(have) and response.status == 206
        with part.open("ab" if resumed else "wb") as stream:
            received = _copy(response, stream)
        expected = response.headers.get("Content-Length")
        if expected is not None and received != int(expected):
            raise ConnectionError(f"the transfer broke off after {received} of {expected} bytes")
    return resumed


def _copy(response: http.client.HTTPResponse, stream: BinaryIO) -> int:
    received = 0
    while chunk := response.read(CHUNK):
        stream.write(chunk)
        received += len(chunk)
    return received


def _retry_after(header: str | None) -> float | None:
    """Read `Retry-After`: seconds or a date."""
    if not header:
        return None
    if header.strip().isdigit():
        return float(header)
    try:
        moment = parsedate_to_datetime(header)
    except ValueError:
        return None  # not a form that the standard knows: wait as long as without it
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())
