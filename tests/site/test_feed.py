"""The feed: what RFC 4287 asks for, the same bytes from the same runs, ids that stay."""

import uuid
from datetime import datetime
from xml.etree import ElementTree

ATOM = "{http://www.w3.org/2005/Atom}"
NEW, OLD = "2026-01-02T10:00:00+00:00", "2026-01-01T10:00:00+00:00"


def feed_of(site):
    site.build()
    return ElementTree.parse(site.folder / "atom.xml").getroot()


def texts(element, tag):
    return [found.text or "" for found in element.findall(f"{ATOM}{tag}")]


def test_it_has_what_the_standard_asks_for(site):
    site.run("a1", OLD, ended="2026-01-01T12:00:30+02:00")
    rail = {"sector": "rail"}
    site.run("a2", NEW, status="failed", error="KeyError: 'x'", parameters=rail, changed=rail)
    feed = feed_of(site)
    assert feed.tag == f"{ATOM}feed"
    for element in (feed, *feed.findall(f"{ATOM}entry")):
        assert [len(texts(element, tag)) for tag in ("id", "title", "updated")] == [1, 1, 1]
        assert uuid.UUID(texts(element, "id")[0])
        assert datetime.fromisoformat(texts(element, "updated")[0]).tzinfo is not None
        assert all(texts(element, "title"))
    assert feed.find(f"{ATOM}author/{ATOM}name") is not None
    links = {link.get("rel"): link.get("href") for link in feed.findall(f"{ATOM}link")}
    assert links == {"self": "atom.xml", "alternate": "index.html"}
    failed, good = feed.findall(f"{ATOM}entry")
    assert texts(feed, "updated") == texts(failed, "updated") == [NEW]
    assert texts(good, "updated") == ["2026-01-01T10:00:30+00:00"]
    assert texts(failed, "title") == [
        "Title of market_share_shifts: Sector: Advanced rail transit equipment (failed)"
    ]
    assert texts(failed, "summary") == ["KeyError: 'x'"]
    assert texts(good, "summary") == ["Finding of a1."]
    assert [link.get("href") for link in good.findall(f"{ATOM}link")] == [
        "runs/market_share_shifts/a1/notebook.html"
    ]
    ids = [texts(entry, "id")[0] for entry in feed.iter(f"{ATOM}entry")]
    assert len(set(ids)) == len(ids) == 2


def test_a_new_run_keeps_the_ids(site):
    site.run("a1", OLD)
    (before,) = feed_of(site).findall(f"{ATOM}entry")
    site.run("a2", NEW, finding=["*Other*."])
    new, same = feed_of(site).findall(f"{ATOM}entry")
    assert texts(same, "id") == texts(before, "id")
    assert texts(new, "id") != texts(same, "id")
    assert texts(new, "summary") == ["Other.\n\n2 sentences"]  # with what changed since the run before


def test_it_holds_the_newest_hundred(site):
    for number in range(105):
        site.run(
            f"a{number}", f"2026-01-01T10:{number // 60:02}:{number % 60:02}+00:00", parameters={"n": number}
        )
    entries = feed_of(site).findall(f"{ATOM}entry")
    assert len(entries) == 100
    assert texts(entries[0], "summary") == ["Finding of a104."]
