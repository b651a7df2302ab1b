"""What the pages show of runs, by `cases.yml`."""

from pathlib import Path

import pytest
import yaml

CASES = yaml.safe_load(Path(__file__).with_name("cases.yml").read_text(encoding="utf-8"))
POINTS = {"unit": "points", "low": None, "high": None}


def make(site, given):
    """Write a run of a case: `sector` is its only parameter, `gap` and `below` are the figures of the small ledger."""
    values = {
        **given,
        "run_id": str(given["id"]),
        "started": f"2026-01-{given.get('day', 1):02}T10:00:00+00:00",
    }
    del values["id"]
    values.pop("day", None)
    if sector := values.pop("sector", ""):
        values |= {"parameters": {"sector": sector}, "changed": {"sector": sector}}
    if "gap" in values:
        figures = {
            "utilization_gap": values.pop("gap"),
            "industries_below_history": values.pop("below", None),
        }
        values["numbers"] = {name: value for name, value in figures.items() if value is not None}
        values = {"analysis": "overcapacity", "parameters": {}, "sources": {}, "figure": POINTS} | values
    site.run(**values)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["what"])
def test_the_pages_show_what_the_runs_recorded(site, case):
    for run in case["runs"]:
        make(site, run)
    site.build()
    for name, wanted in case["pages"].items():
        small = name.startswith("small ledger ")
        page = site.of_small_ledger(name.removeprefix("small ledger ")) if small else site.page(name)
        elements = [attributes | {"tag": tag} for tag, attributes in page.elements]
        assert page.missing(*wanted.get("has", ())) == [], name
        assert [word for word in wanted.get("lacks", ()) if word in page.text + page.source] == [], name
        assert set(wanted.get("links", ())) <= set(page.links), name
        for word in wanted.get("once", ()):
            assert page.text.count(word) == 1, word
        for word in wanted.get("source", ()):
            assert page.source.count(word) == 1, word
        shown = {
            "runs": [link.partition("runs/")[2].removesuffix("/notebook.html") for link in page.reports],
            "images": [[one["src"], one["alt"]] for one in elements if one["tag"] == "img"],
            "status": page.all("article", "data-status"),
            "drawings": page.all("svg", "aria-label"),
            "signs": page.all("g", "class"),
            "cells": {
                one["title"]: one["class"] for one in elements if one["tag"] == "td" and "title" in one
            },
            "intervals": [[one["x1"], one["x2"]] for one in elements if one.get("class") == "interval"],
            "headlines": [one["cx"] for one in elements if one.get("class") == "headline"],
        }
        shown["runs"] = [place.removeprefix("market_share_shifts/") for place in shown["runs"]]
        for kind in shown.keys() & wanted.keys():
            assert shown[kind] == wanted[kind], (name, kind)
    assert [name for name in case.get("none", ()) if (site.folder / name).exists()] == []
