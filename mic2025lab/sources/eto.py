"""Emerging Technology Observatory (CSET): market shares along the semiconductor supply chain; for the user's machine only."""

from __future__ import annotations

import pandas as pd

from mic2025lab.classifications import economies
from mic2025lab.sources import clean
from mic2025lab.sources.base import Raw, RawFile, Source, Table, need

PROVISION, PROVIDERS, INPUTS, STAGES = "provision.csv", "providers.csv", "inputs.csv", "stages.csv"
UNIT = "% of the input's market"
_RAW = "https://raw.githubusercontent.com/georgetown-cset/eto-chip-explorer/46e010644c2399c812fd89c62cd6297e9cf58525/data"

SOURCE = Source(
    id="eto-semiconductors",
    producer="Emerging Technology Observatory (ETO), CSET, Georgetown University",
    title="Advanced Semiconductor Supply Chain Dataset",
    version="2026",
    url="https://eto.tech/dataset-docs/chipexplorer/",
    license="CC-BY-NC-4.0",
    redistributable="noncommercial",
    citation=(
        "ETO, Advanced Semiconductor Supply Chain Dataset (2026 version); Khan, Mann and Peterson (2021), The Semiconductor Supply Chain, "
        "CSET."
    ),
    retrieved="2026-11-24",
    files=tuple(
        RawFile(path, digest, url=f"{_RAW}/{path}", url_note="ETO's own repository")
        for path, digest in (
            (PROVISION, "d94267801a73745e40bfaee8a30341adb37a168a8a0f28bf5d03f78e05f6c16f"),
            (PROVIDERS, "c529479afe7d35afa750729bf6dd45227a375568c02b8cf401aad239360a13e4"),
            (INPUTS, "0c0a3418a80a6e7edea5c63c98c4829d6d6b613cd648c30905fe22f70dbbd17b"),
            (STAGES, "87717f108a0fdc874d7a0a261d35c3450d46ce8042eba53e957b9a03a24786ce"),
        )
    ),
)
#: Providers that are listed as countries and are none.
GROUPS = {"EUR": "europe", "Various": "various", "Various countries": "various"}


def semiconductor_chain(raw: Raw) -> pd.DataFrame:
    """Clean the shares of economies and of companies in the inputs of the semiconductor supply chain.

    An economy or company that is named without a share provides a minor or unknown part: its value is missing, with the
    flag `minor`.

    Returns
    -------
    pandas.DataFrame
        `year, input, input_name, kind, stage, provider, level, economy, value, unit, flag`; value in percent; level is economy,
        group or company; economy is the provider's own code, or a company's home where the source names it.
    """
    columns = [
        "provider_name",
        "provider_id",
        "provided_name",
        "provided_id",
        "share_provided",
        "year",
        "source",
    ]
    frame = clean.read(raw(SOURCE, PROVISION))
    clean.expect(frame, columns, SOURCE, PROVISION)
    providers = clean.read(raw(SOURCE, PROVIDERS)).drop_duplicates("provider_id").set_index("provider_id")
    inputs = clean.read(raw(SOURCE, INPUTS)).set_index("input_id")
    stages = clean.read(raw(SOURCE, STAGES)).set_index("stage_id")["stage_name"]
    known = set(inputs.index) | set(stages.index)
    need(set(frame["provided_id"]) <= known, SOURCE, PROVISION, "inputs that are not described")
    need(
        set(frame["provider_id"]) <= set(providers.index),
        SOURCE,
        PROVISION,
        "providers that are not described",
    )
    frame["provider"] = frame["provider_name"]
    company = frame["provider_id"].map(providers["provider_type"]) == "organization"
    frame["level"] = company.map({True: "company", False: "economy"}).mask(
        frame["provider"].isin(GROUPS), "group"
    )
    home = frame["provider_id"].map(providers["country"]).where(company, frame["provider"])
    frame["economy"] = home.where(home.isin(economies.ECONOMIES))
    frame["provider"] = frame["provider"].replace(GROUPS)
    frame["input"] = frame["provided_id"]
    frame["kind"] = frame["input"].map(inputs["type"]).fillna("stage")
    stage = frame["input"].map(inputs["stage_name"])
    frame["stage"] = stage.mask(stage == "").where(frame["kind"] != "stage", frame["provided_name"])
    frame["year"] = frame["year"].astype("int64")
    frame["value"] = clean.numbers(frame["share_provided"], SOURCE, PROVISION)
    frame["flag"] = frame["value"].isna().map({True: "minor", False: ""})
    frame = frame.rename(columns={"provided_name": "input_name"}).assign(unit=UNIT)
    columns = [
        "year",
        "input",
        "input_name",
        "kind",
        "stage",
        "provider",
        "level",
        "economy",
        "value",
        "unit",
        "flag",
    ]
    table = frame[columns].sort_values(["input", "level", "provider", "year"], ignore_index=True)
    return table.astype({name: "str" for name in columns if name not in ("year", "value")})


TABLES = (
    Table(
        name="semiconductor_chain",
        title="Who provides the inputs of the semiconductor supply chain, 2019-2025",
        description="Market shares of economies and of companies in about 110 inputs: design, tools, materials, processes.",
        unit="% of the input's market",
        build=semiconductor_chain,
        inputs=((SOURCE, (PROVISION, PROVIDERS, INPUTS, STAGES)),),
        key=("year", "input", "provider", "level"),
        coverage=("year", "kind", "level"),
        format="parquet",
        warnings=(
            "Economies and companies stand in one table and each add up to 100: filter level first.",
            "Reference years differ by row (2019 to 2025): it is a picture, not a series.",
            "value is missing (flag minor) where a provider is named without a share; for seventeen inputs no economy has one.",
            "Noncommercial license (CC-BY-NC-4.0). Taiwan is an economy of its own; Hong Kong has no rows.",
        ),
    ),
)
