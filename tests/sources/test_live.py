"""Producers' interfaces against a server on this machine: what each of them may send, and what is left behind.

The bodies in `written_bodies` are small and written in the producers' published formats; their figures are made up. With MIC2025LAB_MIRROR, bodies
that clients have recorded are parsed as well.
"""

import contextlib
import functools
import gzip
import io
import json
import os
import re
import shutil
import tomllib
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from string import Template
from urllib.parse import parse_qs, urlsplit

import httpx
import pandas as pd
import pytest
from click.testing import CliRunner

from mic2025lab import catalog
from mic2025lab.catalog import fetching
from mic2025lab.cli import main
from mic2025lab.errors import SourceError
from mic2025lab.sources import TABLES, _http, census, live, minerals, pwt, research_spending, world_economy
from mic2025lab.sources.live import bodies, comtrade, nbs, wits
from mic2025lab.sources.live import usgs as usgs_api
from mic2025lab.sources.live import worldbank as worldbank_api
from tests.sources.local_server import Server, drips, running, sends

NOW = datetime.now(UTC).year
Query = dict[str, str]


def written(file, **values):
    """Return a body that was written here in a producer's published format, with values put in."""
    text = (Path(__file__).parent / "written_bodies" / file).read_text(encoding="utf-8")
    return Template(text).substitute(values)


def _worldbank(path, query):
    """One row a page, so that every series has two pages."""
    series, page = path.rsplit("/", 1)[1], int(query["page"])
    year = page + (1994 if series == "NV.IND.MANF.CD" else 2019)
    return written("worldbank.json", series=series, page=page, year=year)


def _imf(path, query):
    concept = path.rsplit("/", 1)[1].split(".")[1]
    scale = world_economy.CONCEPTS[concept][2]
    return written("imf.json", concept=concept, scale=scale, value=5 * 10**scale)


def _wits(path, query):
    parts = path.split("/")
    return written("wits.json", year=parts[parts.index("year") + 1], flow=parts[-1])


def _comtrade(path, query):
    told = json.loads(written("comtrade.json", year=query["period"], product=query["cmdCode"]))
    return told | {"data": [row for row in told["data"] if row["flowCode"] in query["flowCode"]]}


def _census(path, query):
    if path.endswith("/hs"):
        return written("census-hs.json", time=query["time"])
    head = ["CTY_NAME", "NAICS", "CON_VAL_MO", "CAL_DUT_MO", "COMM_LVL", "time"]
    month = f"{query['time'][5:9]}-01"
    rows = [
        [name, code, "100" if name[0] == "T" else "10", "2", "NA3", month]
        for name in ("TOTAL FOR ALL COUNTRIES", "CHINA", "EUROPEAN UNION", "UNITED KINGDOM", "ASEAN")
        for code in census.INDUSTRIES
    ]
    return [head, *rows]


def _nbs(path, query):
    group, time = (each["valuecode"] for each in json.loads(query["dfwds"]))
    name, there = nbs._SERIES[group][0], str(time != str(NOW)).lower()
    return written("nbs.json", code=f"{group}01", month=f"{time}01", name=name, there=there)


def _iea(path, query):
    """A share of a scenario has no rows."""
    units = {"share": "percent", "demand": "GWh"}
    unit = next((unit for word, unit in units.items() if word in query["parameters"]), "Vehicles")
    year = 2024 if query["category"] == "Historical" else 2030
    names = {"category": query["category"], "parameter": query["parameters"], "mode": query["mode"]}
    body = written("iea.csv", **names, year=year, unit=unit)
    return body.splitlines()[0] if query["category"] == "Projection-APS" else body


def _owid(path, query):
    columns = {"solar": "Solar capacity (total) (GW)", "wind": "Wind capacity (total) (GW)"}
    other = "Annual industrial robots installed"
    return written("owid.csv", column=next((name for word, name in columns.items() if word in path), other))


def _usgs(path, query):
    """Every form of the table, from one economy, a year after the edition 2026."""
    if path.endswith("/items"):
        return written("sciencebase.json")
    names = {"commodity": "Commodity", "detail": "Statistics_detail"}
    rows = minerals.forms(["MCS2026"]).rename(columns=names)
    rows = rows.assign(Section="World Mine Production", Country="China", Statistics="Production")
    rows = rows.assign(Unit="metric tons", Year=2026, Value="1,000", Notes="Estimated.")
    rows = pd.concat([rows, rows.assign(Country="World total (rounded)", Value="2,000")])
    other = rows.head(1).assign(Section="Salient Statistics\u2014United States")
    return pd.concat([other, rows])[[*usgs_api._COLUMNS]].to_csv(index=False).encode("cp1252")


def _workbook(path, query):
    return written("dataverse.json", name="pwt110.xlsx") if "persistentId" in query else _sheet()


@functools.cache
def _sheet():
    row = {"countrycode": "CHN", "country": "China", "year": 2023, **dict.fromkeys(pwt.OF_1001, 1.0)}
    row |= {"labsh": 0.6, "avh": 2000.0, "delta": 0.05, "hc": 2.0}
    return workbook(pd.DataFrame([row, row | {"countrycode": "TWN"}]))


def workbook(frame):
    with io.BytesIO() as stream:
        frame.to_excel(stream, sheet_name="Data", index=False)
        return stream.getvalue()


def _atlas(path, query):
    listed = written("dataverse.json", name="hs92_country_product_year_4.csv")
    return listed if "persistentId" in query else written("atlas.csv")


_BODIES = {
    "api.census.gov": _census, "comtradeapi.un.org": _comtrade, "dataverse.nl": _workbook, "dataverse.harvard.edu": _atlas,
    "api.iea.org": _iea, "api.imf.org": _imf, "data.stats.gov.cn": _nbs, "ourworldindata.org": _owid,
    "www.sciencebase.gov": _usgs, "wits.worldbank.org": _wits, "api.worldbank.org": _worldbank,
    "sdmx.oecd.org": lambda path, query: written("oecd.csv"),
    "raw.githubusercontent.com": lambda path, query: written(f"eto-{path.rpartition('/')[2]}"),
}  # fmt: skip
CASES = {f"{each.table}-{each.prefix}": each for each in live.INTERFACES}


def encoded(body):
    return body if isinstance(body, bytes) else (body if isinstance(body, str) else json.dumps(body)).encode()


def answers(bodies_of):
    """Answer with the bodies of a producer."""

    def act(handler):
        split = urlsplit(handler.path)
        query = {name: values[0] for name, values in parse_qs(split.query).items()}
        sends(encoded(bodies_of(split.path, query)))(handler)

    return act


_PAGE = b"<!DOCTYPE html><html><title>Just a moment...</title></html>"
_BOMB = gzip.compress(b" " * 3_000_000)
#: Case -> the answer, whether it comes once only, and words of the message (empty: the table is refreshed all the same).
FAULTS = {
    "success": (sends(b"", 503), True, ""),
    "401": (sends(b"{}", 401), False, "HTTP 401"),
    "404": (sends(b"{}", 404), False, "HTTP 404"),
    "429, then success": (sends(b"", 429, Retry_After="3"), True, ""),
    "429 for an hour": (sends(b"", 429, Retry_After="3600"), False, "come back in 3600 seconds"),
    "500, then success": (sends(b"", 500), True, ""),
    "500": (sends(b"", 500), False, "HTTP 500 .*4 attempts"),
    "slow drip": (drips(b"[" * 1_000), False, r"bytes in \d seconds"),
    "cut connection": (sends(b"[1", 200, Content_Length="9000"), False, "RemoteProtocolError"),
    "HTML": (sends(_PAGE), False, "Just a moment|BadZipFile"),
    "half of JSON": (sends(b'[{"data": [{"ref'), False, "Error|Exception|no rows|no column"),
    "empty": (sends(b""), False, "Error|BadZipFile"),
    "empty result": (sends(b"[]"), False, "expected layout|no rows|no column|is not what|not enough values"),
    "other encoding": (sends('["\u00e4\u00f6"]'.encode("utf-16")), False, "UnicodeDecodeError|BadZipFile"),
    "gzip bomb": (sends(_BOMB, 200, Content_Encoding="gzip"), False, "more than 2,000,000 bytes"),
    "another host": (sends(b"", 302, Location="http://localhost:9"), False, "redirect to http://localhost:9"),
    "a file": (sends(b"", 302, Location="file:///etc/hostname"), False, "a redirect to file:"),
}


def few(monkeypatch, cache):
    """Use this cache, no keys, and few years and products."""
    monkeypatch.setenv("MIC2025LAB_CACHE", str(cache))
    for name in ("COMTRADE_API_KEY", "CENSUS_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(comtrade, "_BATTERIES", ("850760",))
    monkeypatch.setattr(wits, "FIRST", 2019)
    monkeypatch.setattr(nbs, "FIRST", NOW - 1)
    monkeypatch.setattr(census, "FIRST_MONTHLY", NOW - 1)


@pytest.fixture
def cache(tmp_path, monkeypatch):
    few(monkeypatch, tmp_path / "cache")
    return tmp_path / "cache"


Serve = Callable[..., contextlib.AbstractContextManager[Server]]


@pytest.fixture
def serve(cache, monkeypatch):
    """Give a function that makes the server of this machine the producer of a case, with an empty cache."""
    return lambda name, **about: served(CASES[name], monkeypatch, **about)


@pytest.fixture(scope="module")
def good(tmp_path_factory):
    """Return the cache of an interface that has answered well, once."""

    @functools.cache
    def cache_of(name):
        folder = tmp_path_factory.mktemp("good")
        with pytest.MonkeyPatch.context() as patch:
            few(patch, folder)
            with served(CASES[name], patch):
                fetching.fetch(CASES[name].table, accept=True)
        return folder

    return cache_of


@contextlib.contextmanager
def served(interface, monkeypatch, waits=None, timeout=10.0, body=None):
    """Make the server of this machine the only producer, of one interface, whose bodies may be others."""
    options = {"timeout": timeout, "largest": 2_000_000}
    monkeypatch.setattr(_http, "pause", ([] if waits is None else waits).append)
    with running(answers(body or _BODIES[urlsplit(interface.url).netloc])) as producer:
        here = replace(interface, url=producer.url, options=options)
        monkeypatch.setattr(live, "INTERFACES", (here,), raising=False)
        yield producer


def tree(folder):
    return {str(path): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


#: These for every producer, and every fault for one, in the usual tests; the rest are heavy.
_USUAL, _FULL = ("success", "401", "HTML", "half of JSON", "empty result"), "robots-owid"


@pytest.mark.parametrize(
    ("name", "case"),
    [
        pytest.param(name, case, marks=() if case in _USUAL or name == _FULL else pytest.mark.heavy)
        for name in CASES
        for case in FAULTS
    ],
)
def test_whatever_a_producer_sends_cache_and_tables_stay_good(name, case, cache, good, serve):
    waits = []
    fault, once, words = FAULTS[case]
    with serve(name, waits=waits, timeout=0.3 if case == "slow drip" else 10.0) as producer:
        producer.once = once
        producer.script = [] if case == "success" else [fault]
        if not words:
            results = fetching.fetch(CASES[name].table, accept=True)
            assert [result.changed for result in results] == [True]
            vintage = Path(results[0].file).stem
            assert len(catalog.load(CASES[name].table, vintage=vintage)) == results[0].rows > 0
            assert waits == ([] if case == "success" else [3.0] if case[0] == "4" else [1.0])
            return
        shutil.copytree(good(name), cache)
        before = tree(cache)
        assert any(path.endswith(".parquet") for path in before)
        with pytest.raises(SourceError, match=words) as error:
            fetching.fetch(CASES[name].table, accept=True)
        assert producer.url in str(error.value)
        assert "The tables in use do not change." in str(error.value)
        assert tree(cache) == before


RENAMED = tomllib.loads(Path(__file__).with_name("renamed.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("place", [0, 1], ids=["column", "code"])
@pytest.mark.parametrize("name", CASES)
def test_a_renamed_column_or_code_is_refused(name, place, cache, serve):
    interface = CASES[name]
    assert interface.url.startswith("https://")
    assert interface.source in [source for source, _ in TABLES[interface.table].inputs]
    column, code, other = RENAMED.get(name, RENAMED[interface.prefix])
    old, new = (code, other) if place else (column, f"{column}X")
    usual = _BODIES[urlsplit(interface.url).netloc]

    def renamed(path, query):
        body = encoded(usual(path, query))
        if body[:2] == b"PK":
            sheet = pd.read_excel(io.BytesIO(body)).rename(columns={old: new})
            return workbook(sheet.replace({"countrycode": {old: new}}))
        # Names in JSON may be written as \uXXXX; those here are ASCII.
        return body.replace(old.encode(), new.encode())

    with serve(name, body=renamed) as producer, pytest.raises(SourceError) as error:
        fetching.fetch(interface.table, accept=True)
    assert producer.url in str(error.value)
    assert interface.source.producer in str(error.value)
    assert not list(cache.glob("tables/**/*.parquet"))


@pytest.mark.parametrize(
    ("name", "requests"),
    [
        ("manufacturing_value_added-wdi", 2),  # two pages
        ("wdi_supplement-wdi", 6),
        ("world_economy-weo", len(world_economy.CONCEPTS)),
        ("us_imports_by_industry-census", 2),  # a year each
        ("trade_by_group-wits", 2 * (NOW - 2019)),  # a year and flow each
        ("producer_prices_profits-nbs", 4),
        ("chip_equipment_trade-comtrade", 3 * (NOW - 1 - 2016)),  # a product and year each
        ("ev_battery_imports-comtrade", NOW - 1 - 2018),
        ("ev_sales-iea", 5 * 3 * 5),  # a parameter, category, and kind of vehicle each
        ("us_imports-census", 1),
        ("semiconductor_chain-eto", 4),
        ("mineral_production-mcs", 2),
        ("national_accounts-pwt", 2),  # the list of files, and the file
    ],
)
def test_every_page_is_asked_for_once(name, requests, serve):
    with serve(name) as producer:
        frame, _, _ = live.INTERFACES[0].refreshed()
    assert len(producer.asked) == len(set(producer.asked)) == requests
    assert len(frame) >= 2


@pytest.mark.parametrize("name", CASES)
def test_the_newest_at_a_producer_takes_one_request_and_no_table(name, cache, serve):
    with serve(name) as producer:
        told = catalog.status([CASES[name].table], check=True)["newest"].item()
        assert len(producer.asked) == 1
        if CASES[name].latest is None:
            assert told == f"{CASES[name].prefix}: the producer does not say"
            producer.script = [sends(b"", 200, Last_Modified="Wed, 21 Oct 2026 07:28:00 GMT")]
            assert live.INTERFACES[0].newest() == f"{CASES[name].prefix}: changed on 2026-10-21"
        else:
            assert told in ("wdi-2026-07-01", "pwt-11.0", "mcs-2027", "atlas: published on 2026-05-01")
        producer.script = [sends(b"", 404)]
        told = catalog.status([CASES[name].table], check=True)["newest"].item()
        assert re.fullmatch(r"\S+: no answer \(HTTP 404 \w+ \w+\)", told)
    assert not list(cache.glob("tables/**/*.parquet"))


def test_no_producer_is_asked_for_its_newest_without_a_network_or_unless_wanted(serve, monkeypatch):
    with serve("robots-owid") as producer:
        assert catalog.status(["robots", "ships"])["newest"].tolist() == ["not asked", "no interface"]
        monkeypatch.setenv("MIC2025LAB_OFFLINE", "1")
        result = CliRunner().invoke(main, ["data", "status", "robots", "--check", "--json"])
    assert json.loads(result.output)[0]["newest"] == "not asked"
    assert producer.asked == []


def test_a_page_that_is_lost_is_noticed(serve):
    def lost(path, query):
        return _worldbank(path, query).replace('"pages": 2', '"pages": 1')

    with (
        serve("manufacturing_value_added-wdi", body=lost),
        pytest.raises(SourceError, match="2 were announced"),
    ):
        fetching.fetch("manufacturing_value_added", accept=True)


def test_the_preview_of_comtrade_does_not_pass_as_all_rows(serve, monkeypatch):
    monkeypatch.setattr(comtrade, "PREVIEW", 2)
    missing = pytest.raises(SourceError, match=r"rows are missing.*COMTRADE_API_KEY")
    with serve("chip_equipment_trade-comtrade"), missing:
        fetching.fetch("chip_equipment_trade", accept=True)


@pytest.mark.parametrize("name", ["chip_equipment_trade-comtrade", "us_imports_by_industry-census"])
def test_a_key_is_sent_and_never_shown(name, cache, serve, monkeypatch):
    monkeypatch.setenv(CASES[name].key, "s3cretkey")
    with serve(name) as producer:
        fetching.fetch(CASES[name].table, accept=True)
        sent = producer.asked[0] + str(producer.seen[0])
        producer.script = [sends(b"s3cretkey", 401)]
        with pytest.raises(SourceError, match="HTTP 401") as error:
            fetching.fetch(CASES[name].table)
    assert "s3cretkey" in sent
    assert "s3cretkey" not in str(error.value)
    assert not [path for path, body in tree(cache).items() if b"s3cretkey" in body]


def test_offline_the_kept_bodies_are_used(serve, monkeypatch):
    monkeypatch.setenv("MIC2025LAB_OFFLINE", "1")
    with serve("robots-owid") as producer:
        with pytest.raises(SourceError, match=r"robots of .*MIC2025LAB_OFFLINE"):
            fetching.fetch("robots")
        monkeypatch.delenv("MIC2025LAB_OFFLINE")
        fetching.fetch("robots", accept=True)
        monkeypatch.setenv("MIC2025LAB_OFFLINE", "1")
        assert [result.changed for result in fetching.fetch("robots", accept=True)] == [False]
    assert len(producer.asked) == 1


def test_a_table_without_an_interface_says_how_to_get_its_files(tmp_path, monkeypatch):
    monkeypatch.setenv("MIC2025LAB_CACHE", str(tmp_path))
    monkeypatch.delenv("MIC2025LAB_MIRROR", raising=False)
    with pytest.raises(SourceError) as error:
        fetching.fetch("ships")
    for source, paths in TABLES["ships"].inputs:
        for path in paths:
            assert str(tmp_path / source.id / path) in str(error.value)
    assert "mic2025lab data build ships" in str(error.value)


def test_the_command_goes_on_after_a_failure_and_says_which(serve):
    with serve("robots-owid"):
        result = CliRunner().invoke(main, ["data", "fetch", "robots", "ships", "baci", "robts", "--accept"])
    assert result.exit_code == 1
    assert re.search(r"robots/owid-\S+\.parquet: 2 rows, new", result.output)
    for words in ("mic2025lab data build ships", "mic2025lab data baci ZIP_OR_URL", "Did you mean 'robots'"):
        assert words in result.output


def test_an_implausible_vintage_is_refused_with_its_address(cache, serve):
    refused = pytest.raises(SourceError, match="not plausible")
    with serve("manufacturing_value_added-wdi") as producer, refused as error:
        fetching.fetch("manufacturing_value_added")
    assert producer.url in str(error.value)
    assert not list(cache.glob("tables/**/*.parquet"))


RECORDED = Path(os.environ.get("MIC2025LAB_MIRROR", "missing"))
recorded = pytest.mark.skipif(not RECORDED.is_dir(), reason="needs MIC2025LAB_MIRROR")


def body(path):
    return (RECORDED / "api-bodies" / path).read_bytes()


@pytest.mark.mirror
@recorded
def test_bodies_that_clients_have_recorded_are_read():
    about, rows = worldbank_api._page(body("worldbank-v2/NY.GNP.PCAP.CD_US_1990-1997.json"))
    assert (about["total"], rows[0]["value"], len(rows)) == (8, 31270, 8)
    prices = bodies.from_sdmx(body("imf-sdmx3/ppi_message.json"))
    assert {"COUNTRY", "INDICATOR", "TIME_PERIOD", "SCALE", "PPI_ACTIVITY"} <= set(prices)
    assert prices.loc[0, ["COUNTRY", "SCALE", "value"]].tolist() == ["USA", "0", "14.98576683817013"]
    trade = bodies.from_sdmx(body("wits/sample_trade_data.json")).set_index("PRODUCTCODE")
    animals = trade.loc["01-05_Animal", ["REPORTER", "PRODUCTCODE_name", "value"]]
    assert animals.tolist() == ["USA", "Animal", 32320233.669]
    assert set(trade.index.map(wits._kind)) == {"sector", "stage", "total", ""}
    found = comtrade._answer(body("comtrade-v1/get_C_A_HS_TOTAL_reporter156_period2010.json"), 500)
    assert len(found) == 4
    assert comtrade._answer(body("comtrade-v1/get_empty.json"), 500) is None
    name = "\u8d27\u5e01\u548c\u51c6\u8d27\u5e01(M2)\u4f9b\u5e94\u91cf_\u671f\u672b\u503c"
    money = nbs.months(body("nbs-easyquery/QueryData_hgyd_by_zb_A0D0101_202201.json"), name)
    assert money == [("2022-01", 2431022.72)]
    with pytest.raises(ValueError, match="the code 501"):
        nbs.months(body("nbs-easyquery/QueryData_hgyd_by_zb_INVALID_CODE_2024.json"), name)


def _raw_worldbank(path, query):
    frame = pd.read_csv(RECORDED / "wdi-manufacturing-va/nv_ind_manf_cd_1960_2021.csv", keep_default_na=False)
    series = {"indicator": {"id": "NV.IND.MANF.CD"}}
    rows = [
        series | {"country": {"id": iso}, "countryiso3code": iso, "date": str(year), "value": float(value)}
        for iso, year, value in frame.iloc[:, 1:].itertuples(index=False)
    ]
    page, size = int(query["page"]), 5000
    about = {"page": page, "pages": -(-len(rows) // size), "total": len(rows), "lastupdated": "2023-04-01"}
    return [about, rows[(page - 1) * size : page * size]]


def _raw_csv(path, query):
    if "GERD" in path:
        return gzip.decompress((RECORDED / "oecd-gerd/OECD_GERD_TOE.csv.gz").read_bytes())
    return (RECORDED / "owid-irena-energy" / path[1:]).read_bytes()


@pytest.mark.mirror
@recorded
@pytest.mark.parametrize(
    ("name", "answers", "rows"),
    [
        ("manufacturing_value_added-wdi", _raw_worldbank, {}),
        ("research_spending-oecd-gerd", _raw_csv, {"edition": research_spending.OECD_EDITION}),
        ("solar_wind_capacity-owid", _raw_csv, {}),
    ],
)
def test_the_figures_in_use_sent_by_an_interface_give_the_table_in_use(
    name, answers, rows, serve, monkeypatch
):
    table = CASES[name].table
    with serve(name, body=answers):
        monkeypatch.setattr(live, "INTERFACES", (replace(live.INTERFACES[0], options={}),))
        (result,) = fetching.fetch(table, vintage="again")  # plausible, so it is not asked to accept
    new, old = catalog.load(table, vintage=Path(result.file).stem), catalog.load(table)
    for column, value in rows.items():
        old = old[old[column] == value].drop(columns=column).reset_index(drop=True)
        new = new.drop(columns=column)
    pd.testing.assert_frame_equal(new, old)


@pytest.mark.parametrize("case", ["404", "cut connection", "HTML", "gzip bomb", "another host"])
@pytest.mark.parametrize("name", ["national_accounts-pwt", "manufacturing_value_added-wdi"])
def test_a_fault_after_the_first_answer_leaves_the_tables(name, case, cache, good, serve):
    shutil.copytree(good(name), cache)
    before = tree(cache / "tables")
    usual, fault = _BODIES[urlsplit(CASES[name].url).netloc], FAULTS[case]
    with serve(name) as producer:
        first = encoded(
            usual("/country/all/indicator/NV.IND.MANF.CD", {"page": "1", "persistentId": "FABVLR"})
        )
        producer.once = False
        producer.script = [sends(first), fault[0]]
        with pytest.raises(SourceError, match=fault[2]):
            fetching.fetch(CASES[name].table, accept=True)
    assert len(producer.asked) > 1
    assert tree(cache / "tables") == before


@pytest.mark.parametrize(
    ("place", "allowed"),
    [
        ("https://dvn-cloud.s3.amazonaws.com/x?sig=1", True),
        ("http://dvn-cloud.s3.amazonaws.com/x", False),
        ("https://dvn-cloud.s3.amazonaws.com:8443/x", False),
        ("https://dvn-cloud.s3.amazonaws.com.example.org/x", False),
        ("http://dataverse.harvard.edu/x", False),
        ("https://dataverse.harvard.edu/y", True),
    ],
)
def test_a_redirect_may_lead_to_a_host_that_the_interface_names(place, allowed):
    here = httpx.Request("GET", "https://dataverse.harvard.edu/api/access/datafile/7")
    refused = pytest.raises(_http._RefusedError, match="not asked for")
    with contextlib.nullcontext() if allowed else refused:
        _http._redirected(here, httpx.Request("GET", place), CASES["hs4_exports-atlas"].options["hosts"])
