"""Japan Customs: exports and imports by partner and principal goods."""

from __future__ import annotations

import pandas as pd

from mic2025lab.classifications import economies
from mic2025lab.sources.columns import ECONOMIES, measured, text, year
from mic2025lab.sources.reading import codebook, read, slug
from mic2025lab.sources.table import Raw, columns, source, table

LAST_YEAR = 2025

SOURCE = source("japan-trade-goods")

#: The groups that add up to the total.
GROUPS = (
    *("foodstuff", "raw_materials", "mineral_fuels", "chemicals", "manufactured_goods", "machinery"),
    *("electrical_machinery", "transport_equipment", "others"),
)
_LEVELS = {"WLD": "world", "eu": "union"}


@table(SOURCE, key="flow partner goods year", unit="billion current yen")
@columns(
    year=year(2009, LAST_YEAR),
    flow=text("export or import of Japan", isin=["export", "import"]),
    partner=text("ISO3 code, WLD, or eu (members of the year)", isin=[*ECONOMIES, *_LEVELS]),
    level=text("What partner is", isin=["world", "union", "economy"]),
    goods=text("Goods; they nest", str_matches=r"^[a-z0-9_]+$"),
    goods_level=text(
            "total, group (nine that add up to it), goods within a group, or part of other goods", isin=["total", "group", "goods", "part"]
        ),
    **measured("Exports FOB, imports CIF, current prices", "billion JPY", ge=0),
)  # fmt: skip
def japan_trade(raw: Raw) -> pd.DataFrame:
    """Japan's exports and imports by partner and goods, 2009-2025.

    Japan Customs: trade with 55 economies, the European Union, and the world, by 75 goods.

    Warnings
    --------
    - Yen: convert with a yearly rate before comparing with dollars.
    - Goods nest: add only rows of one goods_level, and only the nine groups add up to total. WLD and eu include economies, and
      eu the United Kingdom to 2019.
    - The list of goods changed during 2017: semicon_machinery_etc (machines that make chips), aircraft, audio_visual_apparatus,
      insulated_wire_and_cable, and telephone_sets start, and audio_apparatus, visual_apparatus, and blank_recorded_media end,
      with part of 2017.
    - As a mirror of China's imports, exports of Japan to China leave out goods that go through Hong Kong. 2026, three months,
      is left out.

    Notes
    -----
    Clean Japan's trade by partner and goods, full years; the groups are checked against the total.
    """
    file = read(raw, SOURCE, "ex_im=flow area goods year value")
    frame = file.frame.assign(value=file.numbers("value")).astype({"year": "int64"})
    frame = frame[frame["year"] <= LAST_YEAR].reset_index(drop=True)
    ours = codebook("japan_areas")  # abbreviations that `economies.find` does not know
    codes = {label: ours.get(label) or economies.find(label) for label in frame["area"].unique()}
    partner = file.known(frame["area"], {label: code for label, code in codes.items() if code})
    goods = frame["goods"].map({label: slug(label) for label in frame["goods"].unique()})
    inside = frame["goods"].str.startswith("(")
    goods = goods.replace({"grand_total": "total", "audio_and_visual_apparatus": "audio_visual_apparatus"})
    levels = {"total": "total"} | dict.fromkeys(GROUPS, "group")
    goods_level = goods.map(levels).fillna("goods").mask(inside, "part")
    made = frame.assign(partner=partner, goods=goods, goods_level=goods_level)
    cell = ["year", "flow", "partner"]
    total = made[goods_level == "total"].set_index(cell)["value"]
    added = made[goods_level == "group"].groupby(cell)["value"].sum().reindex(total.index)
    alike = (added - total).abs() <= 1e-3 * total + 0.01
    file.need(alike.all(), "nine groups that do not add up to the total")
    return made.assign(level=partner.map(_LEVELS).fillna("economy"))
