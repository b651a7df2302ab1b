"""Texts that attack: wherever one may come from, it is shown as text or the run is refused; nothing of it is ever markup."""

import json
import os
from contextlib import suppress
from xml.etree import ElementTree

import pytest

HOSTILE = (
    "\"'></td></script></style></title><img src=https://example.org/x onerror=alert(1)><script>alert(2)</script>"
    "{{ 7*7 }}{% raw %}\n\\u0000 *a* __import__('os') ../../x"
)
OLD, NEW, LAST = (f"2026-01-0{day}T10:00:00+00:00" for day in (1, 2, 3))
TEXTS = {
    "html": HOSTILE, "javascript": "javascript:alert(1)", "long": "x" * 1_000_000, "path": "../../x", "invisible": "\u202e\u0007\ufffe",
    "brackets": "<" * 3000,
}  # fmt: skip
PATHS = [
    "../../../../secret.png", "/etc/passwd", "https://example.org/x.png", "javascript:alert(1)", "a\\..\\b.png", "//example.org/x.png", "",
]  # fmt: skip


def pages_of(site):
    names = (path.relative_to(site.folder) for path in site.folder.rglob("*.html"))
    return [name.as_posix() for name in names if "runs" not in name.parts]


def everywhere(text):
    """A run with the text in every field that a site shows."""
    table = {"title": text, "sha256": text, "vintages": [text], "licence": [text], "versions": [text]}
    return {
        "analysis": "odd",
        "title": text,
        "question": text,
        "finding": [text, f"**{text}**"],
        "parameters": {text: text, "sector": [text, "rail"], "deep": {text: [text]}},
        "changed": {text: text, "sector": text},
        "sources": {text: {**table, "loaded": True}},
        "files": {text: text},
        "code": text,
        "numbers": {"figure": text},
        "figure": {"unit": text, "low": text, "high": text, "note": text},
        "image": text,
        "csv": "a,b\n1,2\n",
    }


def fill(site, text):
    same = {"parameters": everywhere(text)["parameters"]}
    site.run("old", OLD, **everywhere("before") | same)
    site.run("new", NEW, **everywhere(text))
    site.run("bad", LAST, status="failed", error=text, **everywhere(text))
    cell = json.dumps(text[:5000])
    scorecard = site.run("s1", analysis="scorecard", csv=f"{cell},b\n{cell},\n") / "results.json"
    table = json.loads(scorecard.read_text())["tables"]["shares"]
    edit(scorecard, tables={"shares": table | {"caption": text}})
    site.build()


def tags_of(page):
    return {tag for tag, _ in page.elements}


@pytest.fixture(scope="module")
def tame(tmp_path_factory, site_of):
    """The elements of each page where every text is a plain word."""
    site = site_of(tmp_path_factory.mktemp("tame"))
    fill(site, "tame")
    return {name: tags_of(site.page(name)) for name in pages_of(site)}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_a_hostile_text_in_every_field_is_text(site, text, tame):
    fill(site, text)
    index = site.page("reports.html")
    assert text[:20].split("\n")[0] in index.text
    assert ("{{ 7*7 }}" in index.text) == (text == HOSTILE)
    assert "Folders that cannot be read" not in index.text
    assert len(pages_of(site)) == 4 + 1 + 10 + 1 + 2 + 2 + 2  # with two of the documentation
    made_by_site = {"em", "mark", "del", "ins", "div", "h2", "section", "small"}
    for name in pages_of(site):
        page = site.page(name)
        assert tags_of(page) - tame[name] <= made_by_site, name
        assert page.all("script", "src") in ([], [None])
        assert not [
            attribute for _, attrs in page.elements for attribute in attrs if attribute.startswith("on")
        ]
        for link in [*page.links, *map(str, page.all("img", "src"))]:
            assert not link.lower().startswith(("http", "//", "javascript")), (name, link)
        assert len(page.source) < 400_000  # a megabyte of text is cut
    feed = {
        element.tag.split("}")[1] for element in ElementTree.parse(site.folder / "atom.xml").getroot().iter()
    }
    assert feed == {"feed", "title", "id", "updated", "link", "author", "name", "entry", "summary"}


def edit(file, **fields):
    file.write_text(json.dumps(json.loads(file.read_text()) | fields))


def refused(site):
    """What the page says of folders that cannot be read; the good run stays, and nothing else is shown."""
    site.run("good")
    page = site.build("reports.html")
    assert str(site.folder) not in page.text
    assert page.reports == ["runs/market_share_shifts/good/notebook.html"]
    assert "img" not in tags_of(page)
    assert [path.name for path in site.folder.glob("analyses/*")] == [
        "index.html",
        "market_share_shifts.html",
    ]
    return page.text.split("Folders that cannot be read")[1]


def test_a_folder_that_cannot_be_read_is_listed_and_the_others_stay(site):
    """Text that is not JSON or of something else, values that JSON does not allow, and no manifest at all."""
    values = ["NaN", "Infinity", "-Infinity", "1e999", '"\\ud800"']
    contents = ["{", "[]", "null", '{"analysis": "x"}', "[" * 100_000]
    for file in ("run.json", "results.json"):
        for number, value in enumerate(values):
            path = site.run(f"{file[:3]}{number}") / file
            edit(path, parameters={"x": "HERE"}, finding=["HERE"])
            path.write_text(path.read_text().replace('"HERE"', value))
        for number, content in enumerate(contents, start=len(values)):
            (site.run(f"{file[:3]}{number}") / file).write_text(content)
    (site.run("odd") / "run.json").unlink()
    (site.folder / "runs/market_share_shifts/.ipynb_checkpoints").mkdir()  # Jupyter's, not ours
    told = refused(site)
    for name in (f"{kind}{number}" for kind in ("run", "res") for number in range(10)):
        assert f"runs/market_share_shifts/{name}" in told
    assert "runs/market_share_shifts/odd is not the folder of a run" in told
    assert "checkpoints" not in told


@pytest.mark.parametrize(("kind", "key"), [("images", "png"), ("tables", "file")])
def test_a_file_outside_its_folder_refuses_the_run(site, kind, key):
    for number, path in enumerate(PATHS):
        file = site.run(f"odd{number}", image="A line.", csv="a\n1\n") / "results.json"
        entries = json.loads(file.read_text())[kind]
        edit(file, **{kind: {name: {**entry, key: path} for name, entry in entries.items()}})
    assert refused(site).count("is not a file of the run's own folder") == len(PATHS)


def test_a_folder_with_a_name_no_run_has_is_refused(site):
    names = ["a?b#c", "a b", '"><img src=x>', "%2e%2e", "ä", "a" * 101]
    for name in names:
        site.run("odd").rename(site.folder / "runs/market_share_shifts" / name)
    with suppress(OSError):  # a file system that takes only text for names
        os.mkdir(os.fsencode(site.folder / "runs/market_share_shifts") + b"/\xff\xfe")
        names.append("bytes")
    assert refused(site).count("cannot be the name of a run's folder") == len(names)


def test_a_manifest_of_another_analysis_or_with_a_field_of_the_wrong_kind_is_refused(site):
    analyses = ["../../x", "other", "<b>"]
    fields = {
        "started": "yesterday", "ended": "2026-01-01T10:00:00", "status": "<b>", "parameters": [], "tables": {"t": 1}, "package": None,
        "title": 3,
    }  # fmt: skip
    for number, name in enumerate(analyses):
        edit(site.run(f"other{number}") / "run.json", analysis=name)
    for name, value in fields.items():
        edit(site.run(name) / "run.json", **{name: value})
    told = refused(site)
    assert told.count("names the analysis") == len(analyses)
    assert all(f"Manifest: {name}" in told for name in fields)


def test_every_page_forbids_what_it_does_not_need(site):
    site.run("old", OLD)
    site.run("new", NEW)
    site.build()
    for name in pages_of(site):
        metas = [attrs for tag, attrs in site.page(name).elements if tag == "meta"]
        (policy,) = [meta["content"] for meta in metas if meta.get("http-equiv") == "Content-Security-Policy"]
        assert "default-src 'none'" in policy
        scripted = name in ("index.html", "reports.html", "search.html")
        assert ("script-src 'none'" in policy) != scripted, name
