"""The package's one way to the network: a file or a body, whole or absent, from the host that was named, with bounded time and size."""

from __future__ import annotations

import functools
import hashlib
import json
import logging
import os
import random
import ssl
import time
import zlib
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlencode

from mic2025lab import durable
from mic2025lab.errors import LabError, SourceError
from mic2025lab.sources.forms import brought_into_form
from mic2025lab.sources.lock import locked
from mic2025lab.version import __version__

if TYPE_CHECKING:
    import httpx
    from tenacity import RetryCallState, Retrying

ATTEMPTS = 4
TIMEOUT = 60.0
LONGEST_WAIT = 120.0
#: Fewer bytes a second than this, once `TIMEOUT` has passed, and the transfer is begun again.
SLOWEST = 1_000
REDIRECTS = 5
#: The most bytes that are downloaded; the largest zip of BACI has less than a third of it.
LARGEST = 8 << 30
#: The most bytes of a body that is read into memory, decompressed.
LARGEST_BODY = 256 << 20
AGENT = f"mic2025lab/{__version__} (+https://github.com/mic2025lab/mic2025lab)"
OFFLINE = "MIC2025LAB_OFFLINE"
_TRANSIENT = {408, 416, 425, 429, 500, 502, 503, 504}
_Parsed = TypeVar("_Parsed")


class _TransientError(Exception):
    """A failure that may not happen again: the status, and how long the server asks to wait."""

    def __init__(self, status: str, wait: float | None = None) -> None:
        super().__init__(status)
        self.wait = wait


class _RefusedError(Exception):
    """An answer that will be the same next time."""


class _TooLargeError(_RefusedError):
    """More bytes than are asked for."""


def sha256_of(path: Path) -> str:
    """Hash a file without reading it into memory."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def pause(seconds: float) -> None:
    """Wait, and up to a quarter longer, so that many clients do not come back at the same moment."""
    time.sleep(seconds * random.uniform(1, 1.25))


@dataclass(frozen=True)
class Request:
    """What is asked for: the address, its limits, and what is said if it fails.

    Attributes
    ----------
    url : str
    params, keys, headers : mapping
        `keys` are parameters that no message and no file shows, and neither are the values of `headers`.
    what, remedy : str
        What is asked for, and what to do if it fails.
    timeout : float
        Seconds without an answer.
    largest : int
        The most bytes, decompressed.
    hosts : collection of str
        Other hosts that a redirect may lead to.
    """

    url: str
    params: Mapping[str, str] = field(default_factory=dict)
    keys: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    what: str = ""
    remedy: str = "Try again later."
    timeout: float = TIMEOUT
    largest: int = LARGEST_BODY
    hosts: Collection[str] = ()

    @property
    def shown(self) -> str:
        """The address as messages and files show it."""
        return f"{self.url}?{urlencode(self.params)}" if self.params else self.url

    @contextmanager
    def explained(self) -> Iterator[None]:
        """Turn every failure into a SourceError with what, url, status, and remedy, and without secrets; its cause is the status."""
        if not self.url.startswith(("https://", "http://")):
            raise SourceError(f"{self.url!r} is not an http(s) address.")
        try:
            yield
            return
        except LabError:
            raise
        except _TransientError as error:
            late = error.wait is not None and error.wait > LONGEST_WAIT
            wait = f"asks to come back in {error.wait:.0f} seconds" if late else f"{ATTEMPTS} attempts"
            status = f"{error}{';' if late else ','} {wait}"
        except _RefusedError as error:
            status = str(error)
        # A folder that cannot be written to, or a body that is not data.
        except (OSError, ValueError) as error:
            status = f"{type(error).__name__}: {error}"
        text = f"{self.what or self.url} could not be downloaded from {self.shown} ({status}). {self.remedy}"
        for secret in filter(None, [*self.keys.values(), *self.headers.values()]):
            text, status = text.replace(secret, "***"), status.replace(secret, "***")
        raise SourceError(text) from _RefusedError(status)


def download(url: str, target: Path, *, sha256: str | None, **options: Any) -> None:
    """Download a file, whole or not at all, one process at a time.

    The bytes go to `<target>.part`, are hashed, and are moved into place only if the hash is right. An interrupted transfer is
    resumed where it ended. A busy server is asked again after 1, 2, 4 ... seconds, or after the time it names in `Retry-After`.
    With `sha256=None`, for a file that a user names, only the length is checked. The options are attributes of `Request`. With
    `MIC2025LAB_OFFLINE=1` nothing is asked for.

    Raises
    ------
    SourceError
        Names the url, the status, and what to do.
    """
    remedy = f"Try again later, which resumes an interrupted download, or put the file at {target} yourself."
    request = Request(url, **{"what": target.name, "remedy": remedy, "largest": LARGEST, **options})
    part = target.with_name(target.name + ".part")
    with request.explained():
        target.parent.mkdir(parents=True, exist_ok=True)
        with locked(target.with_name(f".{target.name}.lock"), f"Another process downloads {target}"):
            _retrying()(_attempt, request, part, sha256)
            durable.replace(part, target)


def get(url: str, parse: Callable[[bytes], _Parsed], folder: Path, **options: Any) -> _Parsed:
    """Return what `parse` makes of the body at an address.

    A body that `parse` accepts is kept in `folder`; the next time the server is asked only whether it has changed. The options
    are attributes of `Request`. Offline, the kept body is used.

    Raises
    ------
    SourceError
        Names what, the url, the status, and the remedy. `parse` raises it, or ValueError, for a body that it does not accept.
    """
    request = Request(url, **options)
    kept = folder / hashlib.sha256(request.shown.encode()).hexdigest()[:24]
    with request.explained():
        before = _kept(kept)
        body, about = (None, {}) if before and offline() else _retrying()(_body, request, before)
        if body is None:
            return parse(kept.read_bytes())
        made = parse(body)
        about |= {"url": request.shown, "sha256": hashlib.sha256(body).hexdigest()}
        for path, content in ((kept, body), (kept.with_suffix(".json"), json.dumps(about).encode())):
            durable.write(path, content)
    return made


def modified(url: str, **options: Any) -> str:
    """Ask once for the headers at an address, and return the day (YYYY-MM-DD) on which its body last changed, or "".

    The options are attributes of `Request`.

    Raises
    ------
    SourceError
        Names what, the url, the status, and the remedy.
    """
    request = Request(url, **options)
    with request.explained():
        try:
            with _answer(request) as response:
                day = response.headers.get("Last-Modified", "")
        except _TransientError as error:
            raise _RefusedError(str(error)) from None
        return f"{parsedate_to_datetime(day):%Y-%m-%d}" if day else ""


def _kept(path: Path) -> dict[str, str]:
    """Return the headers that ask whether a kept body has changed; none if it is not there or is damaged."""
    try:
        about = json.loads(path.with_suffix(".json").read_bytes())
        if sha256_of(path) != about["sha256"]:
            return {}
    except (OSError, ValueError, KeyError, TypeError):
        return {}
    asked = {"If-None-Match": about.get("etag"), "If-Modified-Since": about.get("last_modified")}
    return {name: value for name, value in asked.items() if value} or {"Cache-Control": "no-cache"}


def offline() -> bool:
    """Return True if `MIC2025LAB_OFFLINE` forbids the network."""
    return os.environ.get(OFFLINE, "").strip().lower() not in ("", "0", "false", "no")


def _retrying() -> Retrying:
    # Every load imports this module; tenacity takes 0.03 s.
    from tenacity import Retrying, retry_if_exception_type, wait_exponential

    return Retrying(
        retry=retry_if_exception_type(_TransientError),
        wait=lambda state: _asked(state) or wait_exponential()(state),
        stop=lambda state: state.attempt_number >= ATTEMPTS or state.upcoming_sleep > LONGEST_WAIT,
        sleep=pause,
        reraise=True,
    )


def _asked(state: RetryCallState) -> float | None:
    """Return the wait that the server asked for in its last answer."""
    return getattr(state.outcome.exception() if state.outcome else None, "wait", None)


@contextmanager
def _answer(request: Request, **headers: str) -> Iterator[httpx.Response]:
    """Ask for an address, follow redirects on its own host, and give the open answer of status 200, 206, or 304."""
    if offline():
        raise _RefusedError(f"{OFFLINE} is set, so the network is not used; unset it to download")
    import httpx

    logging.getLogger("httpx").setLevel(logging.WARNING)  # its log of requests has the keys of addresses
    try:
        sent = {"User-Agent": AGENT, **request.headers, **headers}
        with httpx.Client(timeout=request.timeout, headers=sent, verify=_certificates()) as client:
            params = {**request.params, **request.keys} or None
            asked = client.build_request("GET", request.url, params=params)
            for _ in range(REDIRECTS + 1):
                response = client.send(asked, stream=True)
                try:
                    if response.status_code in ((200, 206) if "Range" in headers else (200, 304)):
                        yield response
                        return
                    if response.next_request is None:
                        status = f"HTTP {response.status_code} {response.reason_phrase}"
                        if response.status_code in _TRANSIENT:
                            raise _TransientError(status, _retry_after(response.headers.get("Retry-After")))
                        raise _RefusedError(status)
                    asked = _redirected(asked, response.next_request, request.hosts)
                finally:
                    response.close()
            raise _RefusedError(f"more than {REDIRECTS} redirects")
    except httpx.TransportError as error:
        raise _TransientError(f"{type(error).__name__}: {error}") from None
    except (httpx.InvalidURL, UnicodeError) as error:
        raise _RefusedError(f"{type(error).__name__}: {error}") from None


@functools.cache
def _certificates() -> ssl.SSLContext:
    """Return the certificates of the package, or those that `SSL_CERT_FILE` or `SSL_CERT_DIR` names; reading them takes long."""
    import httpx

    return httpx.create_ssl_context()


def _redirected(before: httpx.Request, after: httpx.Request, hosts: Collection[str]) -> httpx.Request:
    """Allow a redirect to the same host, also from http to https, or, by https, to one of `hosts`; and no other."""
    here, there = before.url, after.url
    same = here.host == there.host and (here.port == there.port or here.scheme != there.scheme)
    if there.host in hosts and there.scheme == "https" and there.port is None:
        return after
    if not same or there.scheme not in ("https", here.scheme):
        raise _RefusedError(
            f"a redirect to {there.scheme}://{there.netloc.decode()}, which was not asked for"
        )
    return after


def _received(response: httpx.Response, request: Request, have: int = 0) -> Iterator[bytes]:
    """Give the bytes as they come, as long as they come fast enough and, with those that are there, are not too many."""
    begun, received = time.monotonic(), 0
    for chunk in response.iter_raw():
        received += len(chunk)
        _need_at_most(request, have + received)
        yield chunk
        passed = time.monotonic() - begun
        if passed > request.timeout and received < passed * SLOWEST:
            raise _TransientError(f"only {received:,} bytes in {passed:.0f} seconds")


def _need_at_most(request: Request, size: int) -> None:
    if size > request.largest:
        raise _TooLargeError(f"more than {request.largest:,} bytes, so it is not what was asked for")


def _body(request: Request, before: Mapping[str, str]) -> tuple[bytes | None, dict[str, str | None]]:
    """Return a body, decompressed, with its validators; None if it has not changed."""
    with _answer(request, **{"Accept-Encoding": "gzip", **before}) as response:
        if response.status_code == 304:
            return None, {}
        encoding = response.headers.get("Content-Encoding", "identity").strip().lower()
        if encoding not in ("identity", "gzip"):
            raise _RefusedError(f"a body in the encoding {encoding!r}, and gzip was asked for")
        body = b"".join(_received(response, request))
        if encoding == "gzip":
            unzip = zlib.decompressobj(31)
            try:
                body = unzip.decompress(body, request.largest + 1)
            except zlib.error as error:
                raise _TransientError(f"damaged gzip: {error}") from None
            _need_at_most(request, len(body))
            if not unzip.eof:
                raise _TransientError("the gzip ends before its end")
        about = {
            "etag": response.headers.get("ETag"),
            "last_modified": response.headers.get("Last-Modified"),
            "retrieved": f"{datetime.now(UTC):%Y-%m-%d}",
        }
    return body, about


def _attempt(request: Request, part: Path, sha256: str | None) -> None:
    """Transfer the file once and check its hash."""
    try:
        resumed = _transfer(request, part)
    except _TransientError as error:
        if str(error).startswith("HTTP 416"):  # the part is longer than the file: start over
            part.unlink(missing_ok=True)
        raise
    found = sha256_of(part)
    if sha256 is None or found == sha256 or brought_into_form(part, sha256):
        return
    part.unlink()
    if resumed:
        raise _TransientError("the resumed transfer does not match its first part")
    raise SourceError(
        f"{request.what}: the file at {request.url} is not the expected one.\n"
        f"  sha256 of the download:  {found}\n"
        f"  sha256 expected:         {sha256}\n"
        "Either the source has been revised or something has changed the file on its way. Nothing was kept, and the tables in "
        "data/ do not change. To use the new version, enter its hash and vintage in mic2025lab/sources."
    )


def _transfer(request: Request, part: Path) -> bool:
    """Download into `part`, after what is already there, and return True if the transfer was resumed."""
    have = part.stat().st_size if part.exists() else 0
    headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={have}-"} if have else {})
    with _answer(request, **headers) as response:
        resumed = bool(have) and response.status_code == 206
        try:
            with part.open("ab" if resumed else "wb") as stream:
                for chunk in _received(response, request, have if resumed else 0):
                    stream.write(chunk)
        except _TooLargeError:
            part.unlink()
            raise
    return resumed


def _retry_after(header: str | None) -> float | None:
    """Read `Retry-After`: seconds or a date; None if it is neither, or more digits than any wait has."""
    text = (header or "").strip()
    if text.isascii() and text.isdigit() and len(text) <= 15:
        return float(text)
    try:
        moment = parsedate_to_datetime(text)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        return max(0.0, (moment - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError, IndexError, OverflowError):  # the parser of dates raises all of these
        return None
