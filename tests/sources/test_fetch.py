"""Downloads against a server on this machine: whole or not at all, resumed, patient, and checked."""

import contextlib
import gzip
import hashlib
import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mic2025lab.errors import LabError, SourceError, UnknownName
from mic2025lab.sources import _http
from mic2025lab.sources._http import LONGEST_WAIT, _retry_after, download, get, pause
from mic2025lab.sources.fetch import locate
from mic2025lab.sources.source import Source
from tests.sources.local_server import drips, running, sends

BODY = bytes(range(256)) * 1000
SHA = hashlib.sha256(BODY).hexdigest()


@pytest.fixture
def server():
    with running() as local:
        local.url += "/file.bin"
        yield local


def status(code, **headers):
    return sends(b"", code, **headers)


def good(handler):
    """Serve the body, or the rest of it where a range is asked for."""
    asked = handler.headers.get("Range")
    start = int(asked.removeprefix("bytes=").removesuffix("-")) if asked else 0
    sends(BODY[start:], 206 if asked else 200)(handler)


def endless(handler):
    handler.send_response(200)
    handler.end_headers()
    with contextlib.suppress(OSError):
        while True:
            handler.wfile.write(b"x" * 10_000)


whole = sends(BODY)
truncated = sends(BODY[: len(BODY) // 3], Content_Length=str(len(BODY)))
REST = f"bytes={len(BODY) // 3}-"


@pytest.fixture
def waits(monkeypatch):
    """The waits between attempts, none of which takes time."""
    waited = []
    monkeypatch.setattr(_http, "pause", waited.append)
    return waited


@pytest.mark.parametrize(
    ("part", "script", "ranges", "waited"),
    [
        pytest.param(b"", [good], [None], [], id="whole"),
        pytest.param(b"", [truncated, good], [None, REST], [1.0], id="resumed"),
        pytest.param(b"", [truncated, whole], [None, REST], [1.0], id="a server without ranges"),
        pytest.param(b"other" * 10, [good], ["bytes=50-", None], [1.0], id="a stale part"),
        pytest.param(
            b"x" + BODY, [status(416), good], [f"bytes={len(BODY) + 1}-", None], [1.0], id="too long a part"
        ),
        pytest.param(b"", [status(503, Retry_After="7"), good], [None, None], [7.0], id="a busy server"),
        pytest.param(b"", [status(301, Location="/moved.bin"), good], [None, None], [], id="moved"),
    ],
)
def test_a_download_arrives_whole_and_leaves_nothing_else(
    server, tmp_path, waits, part, script, ranges, waited
):
    if part:
        (tmp_path / "file.bin.part").write_bytes(part)
    server.script = list(script)
    download(server.url, tmp_path / "file.bin", sha256=SHA)
    assert (tmp_path / "file.bin").read_bytes() == BODY
    assert [path.name for path in tmp_path.iterdir()] == ["file.bin"]
    assert [seen.get("Range") for seen in server.seen] == ranges
    assert waits == waited


def test_a_download_is_on_the_disk_before_it_has_its_name(server, tmp_path, published):
    server.script = [good]
    download(server.url, tmp_path / "a" / "file.bin", sha256=SHA)
    assert published(tmp_path / "a" / "file.bin")


@pytest.mark.parametrize(
    ("act", "words", "waited"),
    [
        (status(429, Retry_After=str(int(LONGEST_WAIT) + 1)), "HTTP 429.*come back in 121 seconds", []),
        (status(500), "HTTP 500.*4 attempts", [1.0, 2.0, 4.0]),
        (status(404), "HTTP 404", []),
        (endless, "more than 1,000,000 bytes", []),
        (sends(b"another"), f"(?s){hashlib.sha256(b'another').hexdigest()}.*{SHA}", []),
        (status(302, Location="/file.bin"), "more than 5 redirects", []),
        *(
            (status(302, Location=place), "a redirect to .* which was not asked for", [])
            for place in ("http://localhost:1/file.bin", "file:///etc/hostname", "ftp://127.0.0.1/a")
        ),
    ],
)
def test_what_fails_is_said_with_its_address_and_leaves_nothing(server, tmp_path, waits, act, words, waited):
    server.script = [act]
    with pytest.raises(SourceError, match=words) as error:
        download(server.url, tmp_path / "file.bin", sha256=SHA, largest=1_000_000)
    assert server.url in str(error.value)
    assert (waits, list(tmp_path.iterdir())) == (waited, [])


ODD = ["\u00b2", "\u0663", "-1", "1e3", "soon", "Mon, 99 Jan 2024"]
ODD += ["9" * 400, "9" * 400 + " Jan", "Fri, 31 Dec 9999 23:59:59 -9999"]


@pytest.mark.parametrize("header", ODD)
def test_a_wait_that_is_none_is_the_usual_one(server, tmp_path, waits, header):
    server.script = [status(503, Retry_After=header.encode().decode("latin-1")), good]
    download(server.url, tmp_path / "file.bin", sha256=SHA)
    assert waits == [1.0]


@settings(max_examples=200, derandomize=True, deadline=None)
@given(
    st.text(max_size=12)
    | st.from_regex(r"\A(Mon, )?\d{1,12} [A-Z][a-z]{2} \d{1,6}( \d\d:\d\d:\d\d)? ?[-+]?\d*\Z")
)
def test_any_header_is_a_wait_or_none(header):
    wait = _retry_after(header)
    assert wait is None or wait >= 0


@pytest.mark.parametrize(
    "url", ["http://[::1", "http://h\u00e9/a\u00b2", "http://h:x/", f"http://{'a' * 300}", "http://a\0b/"]
)
def test_an_address_that_is_none_is_said(tmp_path, waits, url):
    with pytest.raises(SourceError, match="could not be downloaded from"):
        download(url, tmp_path / "file.bin", sha256=None)


def test_one_process_at_a_time_downloads_a_file(server, tmp_path):
    def meanwhile(handler):
        with pytest.raises(LabError, match="Another process downloads"):
            download(server.url, tmp_path / "file.bin", sha256=SHA)
        good(handler)

    server.script = [meanwhile]
    download(server.url, tmp_path / "file.bin", sha256=SHA)
    assert (tmp_path / "file.bin").read_bytes() == BODY


def test_an_interrupted_download_leaves_no_half_file(server, tmp_path, monkeypatch):
    server.script = [truncated]

    def interrupt(seconds):
        raise KeyboardInterrupt

    monkeypatch.setattr(_http, "pause", interrupt)
    with pytest.raises(KeyboardInterrupt):
        download(server.url, tmp_path / "file.bin", sha256=SHA)
    assert not (tmp_path / "file.bin").exists()
    server.script = [good]
    download(server.url, tmp_path / "file.bin", sha256=SHA)
    assert (tmp_path / "file.bin").read_bytes() == BODY


def source(url=None, sha256=SHA):
    files, note = {"sub/file.bin": sha256}, "the sheet of the yearbook"
    urls = {"sub/file.bin": url} if url else {}
    page = "https://example.org/page"
    return Source("src", "P", "T", "1", page, "L", "yes", "C", "2026-11-24", files, note, urls)


def test_the_mirror_comes_before_the_cache_before_the_network(server, tmp_path):
    server.script = [good]
    mirror, cache = tmp_path / "mirror", tmp_path / "cache"
    fetched = locate(source(server.url), "sub/file.bin", mirror=mirror, cache=cache)
    assert fetched == cache / "src" / "sub" / "file.bin"
    assert locate(source(server.url), "sub/file.bin", mirror=mirror, cache=cache) == fetched
    assert len(server.seen) == 1
    (mirror / "src" / "sub").mkdir(parents=True)
    (mirror / "src" / "sub" / "file.bin").write_bytes(BODY)
    assert locate(source(server.url), "sub/file.bin", mirror=mirror, cache=cache).is_relative_to(mirror)


def test_a_file_of_the_mirror_that_is_not_the_pinned_one_is_refused(tmp_path):
    (tmp_path / "src" / "sub").mkdir(parents=True)
    (tmp_path / "src" / "sub" / "file.bin").write_bytes(b"revised")
    with pytest.raises(SourceError) as error:
        locate(source(), "sub/file.bin", mirror=tmp_path, cache=tmp_path / "cache")
    assert SHA in str(error.value)
    assert hashlib.sha256(b"revised").hexdigest() in str(error.value)


def test_without_an_address_it_says_what_to_put_where(tmp_path):
    with pytest.raises(SourceError) as error:
        locate(source(), "sub/file.bin", mirror=tmp_path / "none", cache=tmp_path)
    place = str(tmp_path / "src" / "sub" / "file.bin")
    for part in (place, SHA, "https://example.org/page", "the sheet of the yearbook"):
        assert part in str(error.value)


def test_an_unknown_file_of_a_source_is_named():
    with pytest.raises(UnknownName, match=r"sub/file\.bin"):
        locate(source(), "sub/fil.bin")


def test_offline_nothing_is_asked_for_and_the_missing_file_is_named(server, tmp_path, monkeypatch):
    monkeypatch.setenv("MIC2025LAB_OFFLINE", "1")
    server.script = [good]
    with pytest.raises(SourceError, match=r"src/sub/file\.bin .*MIC2025LAB_OFFLINE"):
        locate(source(server.url), "sub/file.bin", mirror=tmp_path, cache=tmp_path / "cache")
    assert server.seen == []


def test_a_drip_is_given_up_and_resumed(server, tmp_path, waits):
    server.script = [drips(BODY), good]
    download(server.url, tmp_path / "file.bin", sha256=SHA, timeout=0.2)
    assert (tmp_path / "file.bin").read_bytes() == BODY
    assert server.seen[1]["Range"].startswith("bytes=")


def test_a_body_is_asked_for_again_only_if_it_has_changed(server, tmp_path):
    server.script = [sends(b"{}", ETag='"1"'), status(304)]
    for _ in range(2):
        assert get(server.url, json.loads, tmp_path, params={"a": "b"}, keys={"key": "secret"}) == {}
    assert [seen.get("If-None-Match") for seen in server.seen] == [None, '"1"']
    assert b"secret" not in b"".join(path.read_bytes() for path in tmp_path.iterdir())


def test_proxies_of_the_environment_are_used(server, tmp_path, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", server.url)
    server.script = [good]
    download("http://example.invalid/file.bin", tmp_path / "file.bin", sha256=SHA)
    assert server.seen[0]["Host"] == "example.invalid"
    assert server.seen[0]["User-Agent"].startswith("mic2025lab/")


def test_a_pause_is_at_least_what_was_asked_for(monkeypatch):
    slept = []
    monkeypatch.setattr(time, "sleep", slept.append)
    for _ in range(20):
        pause(4.0)
    assert min(slept) >= 4.0
    assert max(slept) <= 5.0
    assert len(set(slept)) > 1


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        (b"a,b\r\n1,2\r\n", b"a,b\n1,2\n"),
        (b"\xef\xbb\xbfa,b\n1,2", b"a,b\n1,2\n"),
        (b"a,b\n1,2\na,b\n3,4\n", b"a,b\n1,2\n3,4\n"),
        (b"a,b\r\n1,2\r\n", gzip.compress(b"a,b\n1,2\n", 9, mtime=0)),
        (b"a,b\n1,2\n", b"\x1f\x8b\x08\0\0\0\0\0\x02\xff" + gzip.compress(b"a,b\n1,2\n", 9, mtime=0)[10:]),
    ],
)
def test_a_file_with_other_line_ends_is_kept_in_the_form_of_the_pinned_one(server, tmp_path, sent, kept):
    server.script = [sends(sent)]
    download(server.url, tmp_path / "f.csv", sha256=hashlib.sha256(kept).hexdigest())
    assert (tmp_path / "f.csv").read_bytes() == kept
