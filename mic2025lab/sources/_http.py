"""The package's one way to the network: a download that is whole or absent, resumed, retried, and checked."""

from __future__ import annotations

import hashlib
import http.client
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import IO

from tenacity import RetryCallState, Retrying, retry_if_exception_type, wait_exponential

from mic2025lab import durable
from mic2025lab.errors import LabError, SourceError
from mic2025lab.sources.lock import locked

ATTEMPTS = 4
TIMEOUT = 60.0
LONGEST_WAIT = 120.0
#: The most bytes that are downloaded; the largest zip of BACI has less than a third of it.
LARGEST = 8 << 30
_CHUNK = 1 << 16
_TRANSIENT = {408, 425, 429, 500, 502, 503, 504}


class _TransientError(Exception):
    """A failure that may not happen again: the status, and how long the server asks to wait."""

    def __init__(self, status: str, wait: float | None = None) -> None:
        super().__init__(status)
        self.wait = wait


def sha256_of(path: Path) -> str:
    """Hash a file without reading it into memory."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def download(
    url: str,
    target: Path,
    *,
    sha256: str | None,
    what: str = "",
    timeout: float = TIMEOUT,
    largest: int = LARGEST,
    sleep: Callable[[float], None] = time.sleep,
) -> None:
    """Download a file, whole or not at all, one process at a time.

    The bytes go to `<target>.part`, are hashed, and are moved into place only if the hash is right. An interrupted transfer is
    resumed where it ended. A busy server is asked again after 1, 2, 4 ... seconds, or after the time it names in `Retry-After`.
    With `sha256=None`, for a file that a user names, only the length is checked. A file of more than `largest` bytes is refused.

    Raises
    ------
    SourceError
        Names the url, the status, and what to do.
    """
    what = what or target.name
    if not url.startswith(("https://", "http://")):
        raise SourceError(f"{url!r} is not an http(s) address.")
    part = target.with_name(target.name + ".part")
    retrying = Retrying(
        retry=retry_if_exception_type(_TransientError),
        wait=lambda state: _asked(state) or wait_exponential()(state),
        stop=lambda state: state.attempt_number >= ATTEMPTS or state.upcoming_sleep > LONGEST_WAIT,
        sleep=sleep,
        reraise=True,
    )
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with locked(target.with_name(f".{target.name}.lock"), f"Another process downloads {target}"):
            retrying(_attempt, url, part, sha256, what, timeout, largest)
            durable.replace(part, target)
    except LabError:
        raise
    except _TransientError as error:
        late = error.wait is not None and error.wait > LONGEST_WAIT
        gave_up = f"; asks to come back in {error.wait:.0f} seconds" if late else f", {ATTEMPTS} attempts"
        raise SourceError(_refused(what, url, f"{error}{gave_up}", target)) from error
    except urllib.error.HTTPError as error:
        raise SourceError(_refused(what, url, f"HTTP {error.code} {error.reason}", target)) from error
    except (OSError, ValueError) as error:  # a folder that cannot be written to, or an address that is none
        raise SourceError(_refused(what, url, f"{type(error).__name__}: {error}", target)) from error


def _asked(state: RetryCallState) -> float | None:
    """Return the wait that the server asked for in its last answer."""
    return getattr(state.outcome.exception() if state.outcome else None, "wait", None)


def _refused(what: str, url: str, status: str, target: Path) -> str:
    return (
        f"{what} could not be downloaded from {url} ({status}). "
        f"Try again later, which resumes an interrupted download, or put the file at {target} yourself."
    )


def _attempt(url: str, part: Path, sha256: str | None, what: str, timeout: float, largest: int) -> None:
    """Transfer the file once and check its hash."""
    try:
        resumed = _transfer(url, part, timeout, largest)
    except urllib.error.HTTPError as error:
        if error.code == 416:  # the part is longer than the file: start over
            part.unlink(missing_ok=True)
        elif error.code not in _TRANSIENT:
            raise
        wait = _retry_after(error.headers.get("Retry-After"))
        raise _TransientError(f"HTTP {error.code} {error.reason}", wait) from error
    except (OSError, http.client.HTTPException) as error:  # timeouts and broken connections are OSError
        raise _TransientError(f"{type(error).__name__}: {error}") from error
    found = sha256_of(part)
    if sha256 in (None, found):
        return
    part.unlink()
    if resumed:
        raise _TransientError("the resumed transfer does not match its first part")
    raise SourceError(
        f"{what}: the file at {url} is not the expected one.\n"
        f"  sha256 of the download:  {found}\n"
        f"  sha256 expected:         {sha256}\n"
        "Either the source has been revised or something has changed the file on its way. Nothing was kept, and the tables in "
        "data/ do not change. To use the new version, enter its hash and vintage in mic2025lab/sources."
    )


def _transfer(url: str, part: Path, timeout: float, largest: int) -> bool:
    """Download into `part`, after what is already there, and return True if the transfer was resumed."""
    have = part.stat().st_size if part.exists() else 0
    headers = {"User-Agent": "mic2025lab", "Accept-Encoding": "identity"}
    if have:
        headers["Range"] = f"bytes={have}-"
    with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=timeout) as response:
        resumed = bool(have) and response.status == 206
        with part.open("ab" if resumed else "wb") as stream:
            start = stream.tell()
            whole = _copy(response, stream, largest - start)
            received = stream.tell() - start
        if not whole:
            part.unlink()
            raise SourceError(
                f"{url} sends more than {largest:,} bytes, so it is not the file that is wanted. Nothing was kept. "
                f"If it is, download it yourself and give its path."
            )
        expected = response.headers.get("Content-Length")
        if expected is not None and str(received) != expected.strip():
            raise ConnectionError(f"the transfer ended after {received} of {expected} bytes")
    return resumed


def _copy(source: IO[bytes], target: IO[bytes], room: int) -> bool:
    """Copy to the end; False if there are more bytes than there is room for."""
    while chunk := source.read(_CHUNK):
        room -= len(chunk)
        if room < 0:
            return False
        target.write(chunk)
    return True


def _retry_after(header: str | None) -> float | None:
    """Read `Retry-After`: seconds or a date; None if it is neither."""
    text = (header or "").strip()
    if text.isascii() and text.isdigit():
        return float(text)
    try:
        moment = parsedate_to_datetime(text)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        return max(0.0, (moment - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError, IndexError, OverflowError):  # the parser of dates raises all of these
        return None
