"""Dataverse: the workbook of the Penn World Table (dataverse.nl), and exports of the Atlas of Economic Complexity (Harvard)."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path

import pandas as pd

from mic2025lab.errors import SourceError
from mic2025lab.sources import growthlab, pwt
from mic2025lab.sources._http import LARGEST_BODY
from mic2025lab.sources.live.bodies import from_json, with_rows
from mic2025lab.sources.live.interface import Interface
from mic2025lab.sources.reading import renamed
from mic2025lab.sources.source import Raw

#: DOI of a deposit, and the name of a file in it.
_PWT = "10.34894/FABVLR", r"pwt\d{3,4}\.xlsx"
_ATLAS_FILE = "10.7910/DVN/T4CHWJ", r"hs92_country_product_year_4\.(csv|tab)"
#: Column of the Atlas -> that of the raw file.
_ATLAS = renamed("country_iso3_code=country product_hs92_code=hs92_4 export_value=export_usd year")


def _found(interface: Interface, doi: str, name: str) -> tuple[str, str, str]:
    """Find the file of a deposit's latest version that has this name, a pattern: name, address, and day of publication."""

    def find(body: bytes) -> tuple[str, str, str]:
        version = from_json(body)["data"]["latestVersion"]
        listed = [each["dataFile"] for each in version["files"]]
        found = [each for each in listed if re.fullmatch(name, each["filename"])]
        if len(found) != 1:
            raise ValueError(f"{len(found)} files are named {name}, of {len(listed)}")
        original = "?format=original" if "originalFileFormat" in found[0] else ""
        place = f"/api/access/datafile/{int(found[0]['id'])}{original}"
        return found[0]["filename"], place, version.get("releaseTime", "")[:10]

    return interface.get("/api/datasets/:persistentId/", find, params={"persistentId": f"doi:{doi}"})


def _sheet(body: bytes) -> pd.DataFrame:
    with zipfile.ZipFile(io.BytesIO(body)) as opened:
        if sum(member.file_size for member in opened.infolist()) > LARGEST_BODY:
            raise ValueError(f"a workbook of more than {LARGEST_BODY:,} bytes")
    try:
        frame = pd.read_excel(io.BytesIO(body), sheet_name="Data")
    except ImportError:
        raise SourceError('The workbook needs openpyxl: pip install "mic2025lab[files]"') from None
    return with_rows(frame, ("countrycode", "year", "rgdpna"))


def _pwt(interface: Interface) -> tuple[str, dict[str, pd.DataFrame]]:
    name, place, _ = _found(interface, *_PWT)
    frame = interface.get(place, _sheet)
    return _version(name), {interface.source.only: frame.rename(columns={"countrycode": "isocode"})}


def _version(name: str) -> str:
    digits = re.sub(r"\D", "", name)
    return f"{digits[:2]}.{digits[2:]}"


def _last_year(file: Path) -> pd.DataFrame:
    parts = pd.read_csv(file, usecols=list(_ATLAS), dtype={"product_hs92_code": "str"}, chunksize=500_000)
    kept = pd.DataFrame(columns=list(_ATLAS))
    for part in parts:
        last = max([part["year"].max(), *kept["year"][:1]])
        kept = pd.concat([each[each["year"] == last] for each in (kept, part) if len(each)])
    return with_rows(kept.rename(columns=_ATLAS))


def _atlas(interface: Interface) -> tuple[str, dict[str, pd.DataFrame]]:
    _, place, _ = _found(interface, *_ATLAS_FILE)
    frame = interface.read(place, _last_year)
    year = frame.pop("year").iloc[0]
    return str(year), {interface.source.only: frame}


def _atlas_rows(raw: Raw) -> pd.DataFrame:
    source, names, revision = growthlab.EDITIONS["atlas-2016"]
    return growthlab.exports(raw, source, names).assign(hs=revision)


INTERFACES = (
    Interface(
        "national_accounts",
        pwt.PWT1001,
        "https://dataverse.nl",
        "pwt",
        _pwt,
        pwt.version_1001,
        latest=lambda interface: f"pwt-{_version(_found(interface, *_PWT)[0])}",
    ),
    Interface(
        "hs4_exports",
        growthlab.SOURCE_2016,
        "https://dataverse.harvard.edu",
        "atlas",
        _atlas,
        _atlas_rows,
        yearly=True,
        latest=lambda interface: f"atlas: published on {_found(interface, *_ATLAS_FILE)[2]}",
        # Harvard keeps its files with Amazon; this one has several hundred megabytes.
        options={"hosts": ("dvn-cloud.s3.amazonaws.com",), "largest": 1 << 30},
    ),
)
