"""Texts that attack: wherever one may come from, it is shown as text or the run is refused; nothing of it is ever markup."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from mic2025lab.site.build import build_site

HOSTILE = (
    "\"'></td></script></style></title><img src=https://example.org/x onerror=alert(1)><script>alert(2)</script>"
    "{{ 7*7 }}{% raw %}\n\\u0000 *a* __import__('os') ../../x"
)
OLD, NEW, LAST = (f"2026-01-0{day}T10:00:00+00:00" for day in (1, 2, 3))
TEXTS = [HOSTILE, "javascript:alert(1)", "x" * 1_000_000, "../../x", "\u202e\u0007\ufffe", "<" * 3000]


def pages_of(reports: Path) -> Iterator[Path]:
    yield from (path for path in reports.rglob("*.html") if "runs" not in path.parts)


def everywhere(text: str) -> dict[str, Any]:
    """A run with the text in every field that a site shows."""
    table = {
        "title": text,
        "sha256": text,
        "vintages": [text],
        "loaded": True,
        "licence": [text],
        "versions": [text],
    }
    return {
        "analysis": "odd",
        "title": text,
        "question": text,
        "finding": [text, f"**{text}**"],
        "parameters": {text: text, "sector": [text, "rail"], "deep": {text: [text]}},
        "changed": {text: text, "sector": text},
        "sources": {text: table},
        "files": {text: text},
        "code": text,
        "numbers": {"figure": text},
        "figure": {"unit": text, "low": text, "high": text, "note": text},
        "image": text,
        "csv": "a,b\n1,2\n",
    }


def tags_of(page: Any) -> set[str]:
    return {tag for tag, _ in page.elements}


@pytest.mark.parametrize("text", TEXTS, ids=["html", "javascript", "long", "path", "invisible", "brackets"])
def test_a_hostile_text_in_every_field_is_text(tmp_path: Path, make_run: Any, read: Any, text: str) -> None:
    for reports, filling in ((tmp_path / "tame", "tame"), (tmp_path / "wild", text)):
        same = {"parameters": everywhere(filling)["parameters"]}
        make_run(reports, "old", OLD, **everywhere("before") | same)
        make_run(reports, "new", NEW, **everywhere(filling))
        make_run(reports, "bad", LAST, status="failed", error=filling, **everywhere(filling))
        cell = json.dumps(filling[:5000])
        make_run(reports, "s1", analysis="scorecard", csv=f"{cell},b\n{cell},\n", caption=filling)
        build_site(reports)
    index = read(tmp_path / "wild/reports.html")
    assert text[:20].split("\n")[0] in index.text
    assert ("{{ 7*7 }}" in index.text) == (text == HOSTILE)
    assert "Folders that cannot be read" not in index.text
    seen = list(pages_of(tmp_path / "wild"))
    assert len(seen) == 4 + 1 + 10 + 1 + 2 + 2 + 2  # with two of the documentation
    for path in seen:
        page = read(path)
        tame = read(tmp_path / "tame" / path.relative_to(tmp_path / "wild"))
        # What the site itself makes of a text: emphasis, and the words that differ.
        assert tags_of(page) - tags_of(tame) <= {
            "em",
            "mark",
            "del",
            "ins",
            "div",
            "h2",
            "section",
            "small",
        }, path
        assert page.all("script", "src") in ([], [None])
        for name, values in ((name, attrs) for _, attrs in page.elements for name in attrs):
            assert not name.startswith("on"), (path, name, values)
        for link in [*page.links, *map(str, page.all("img", "src"))]:
            assert not link.lower().startswith(("http", "//", "javascript")), (path, link)
        assert path.stat().st_size < 400_000  # a megabyte of text is cut


@pytest.mark.parametrize("text", TEXTS, ids=["html", "javascript", "long", "path", "invisible", "brackets"])
def test_a_hostile_text_leaves_the_feed_a_feed(tmp_path: Path, make_run: Any, text: str) -> None:
    make_run(tmp_path, "a1", **everywhere(text))
    build_site(tmp_path)
    feed = ElementTree.parse(tmp_path / "atom.xml").getroot()
    assert {element.tag.split("}")[1] for element in feed.iter()} == {
        "feed",
        "title",
        "id",
        "updated",
        "link",
        "author",
        "name",
        "entry",
        "summary",
    }


@pytest.mark.parametrize("value", ["NaN", "Infinity", "-Infinity", "1e999", '"\\ud800"'])
@pytest.mark.parametrize("file", ["run.json", "results.json"])
def test_what_json_does_not_allow_refuses_the_run_and_not_the_site(
    tmp_path: Path, make_run: Any, read: Any, file: str, value: str
) -> None:
    make_run(tmp_path, "good")
    folder = make_run(tmp_path, "odd")
    content = json.loads((folder / file).read_text())
    content["parameters"] = {"x": "HERE"}
    content["finding"] = ["HERE"]
    (folder / file).write_text(json.dumps(content).replace('"HERE"', value))
    text = read(build_site(tmp_path).with_name("reports.html")).text
    assert "Finding of good." in text
    assert "runs/market_share_shifts/odd" in text.split("Folders that cannot be read")[1]


@pytest.mark.parametrize(
    "path",
    [
        "../../../../secret.png",
        "/etc/passwd",
        "https://example.org/x.png",
        "javascript:alert(1)",
        "a\\..\\b.png",
        "//example.org/x.png",
        "",
    ],
)
@pytest.mark.parametrize("kind", ["images", "tables"])
def test_a_file_outside_its_folder_refuses_the_run(
    tmp_path: Path, make_run: Any, read: Any, kind: str, path: str
) -> None:
    folder = make_run(tmp_path, "odd", image="A line.", csv="a\n1\n")
    content = json.loads((folder / "results.json").read_text())
    (entry,) = content[kind].values()
    entry["png" if kind == "images" else "file"] = path
    (folder / "results.json").write_text(json.dumps(content))
    page = read(build_site(tmp_path).with_name("reports.html"))
    assert "is not a file of the run's own folder" in page.text
    assert page.all("img", "src") == []


@pytest.mark.parametrize("name", ["a?b#c", "a b", '"><img src=x>', "%2e%2e", "ä", "a" * 101])
def test_a_folder_with_a_name_no_run_has_is_refused(
    tmp_path: Path, make_run: Any, read: Any, name: str
) -> None:
    make_run(tmp_path, "good")
    make_run(tmp_path, "odd").rename(tmp_path / "runs/market_share_shifts" / name)
    page = read(build_site(tmp_path).with_name("reports.html"))
    assert "cannot be the name of a run's folder" in page.text
    assert page.reports == ["runs/market_share_shifts/good/notebook.html"]
    assert "img" not in tags_of(page)


def test_a_folder_whose_name_is_not_text_is_refused(tmp_path: Path, make_run: Any, read: Any) -> None:
    import os

    make_run(tmp_path, "good")
    try:
        os.mkdir(os.fsencode(tmp_path / "runs/market_share_shifts") + b"/\xff\xfe")
    except OSError:
        pytest.skip("this file system takes only text for names")
    assert "cannot be the name of a run's folder" in read(build_site(tmp_path).with_name("reports.html")).text


@pytest.mark.parametrize("analysis", ["../../x", "other", "<b>"])
def test_a_manifest_of_another_analysis_is_refused(
    tmp_path: Path, make_run: Any, read: Any, analysis: str
) -> None:
    folder = make_run(tmp_path, "odd")
    content = json.loads((folder / "run.json").read_text()) | {"analysis": analysis}
    (folder / "run.json").write_text(json.dumps(content))
    page = read(build_site(tmp_path).with_name("reports.html"))
    assert "names the analysis" in page.text
    assert page.reports == []
    assert list((tmp_path).glob("analyses/*")) == []


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("started", "yesterday"),
        ("ended", "2026-01-01T10:00:00"),
        ("status", "<b>"),
        ("parameters", []),
        ("tables", {"t": 1}),
        ("package", None),
        ("title", 3),
    ],
)
def test_a_field_of_the_wrong_kind_refuses_the_run(
    tmp_path: Path, make_run: Any, read: Any, field: str, value: Any
) -> None:
    folder = make_run(tmp_path, "odd")
    content = json.loads((folder / "run.json").read_text()) | {field: value}
    (folder / "run.json").write_text(json.dumps(content))
    assert (
        f"Manifest: {field}"
        in read(build_site(tmp_path).with_name("reports.html")).text.split("Folders that cannot be read")[1]
    )


def test_every_page_forbids_what_it_does_not_need(tmp_path: Path, make_run: Any, read: Any) -> None:
    make_run(tmp_path, "old", OLD)
    make_run(tmp_path, "new", NEW)
    build_site(tmp_path)
    for path in pages_of(tmp_path):
        (policy,) = [
            attrs["content"]
            for tag, attrs in read(path).elements
            if attrs.get("http-equiv") == "Content-Security-Policy"
        ]
        assert "default-src 'none'" in policy
        assert ("script-src 'none'" in policy) == (
            path.relative_to(tmp_path).as_posix() not in ("index.html", "reports.html", "search.html")
        )
