"""The analyses there are: a notebook each, with its typed parameters and the tables it loads."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, ValidationError

from mic2025lab import catalog
from mic2025lab.classifications import sectors
from mic2025lab.errors import ParameterError, shown, unknown_name
from mic2025lab.params import Parameters, TextList, all_or_list, explain, given_names, read_text

#: Years that a comparison of before and after the base year needs on each side of it.
SIDE = 3


class MarketShareShifts(Parameters):
    """Parameters of `market_share_shifts`."""

    economy: str = Field("CHN", description="whose shares are asked about (ISO 3166-1 alpha-3, or EU27)")
    comparators: TextList = Field(
        ["USA", "EU27", "JPN", "KOR", "IND"], description="economies it is compared with"
    )
    sector: str = Field("all", description='"all", or one of the ten priority sectors')
    base_year: int = Field(2015, description="the year that before and after are measured from")
    start: int = Field(2002, description="first year")
    end: int = Field(2022, description="last year")

    def problems(self) -> Iterator[str]:
        yield from _economy_problems(self.economy, self.comparators, ["value_added"])
        yield from _sector_problems(self.sector)
        low, high = _years("value_added")
        yield from _start_problems("value_added", self.start, self.base_year, low, high)
        yield from _end_problems("value_added", self.end, self.base_year, low, high)


class ProductivityCosts(Parameters):
    """Parameters of `productivity_costs`."""

    economy: str = Field("CHN", description="whose growth is accounted for (ISO 3166-1 alpha-3)")
    comparators: TextList = Field(["USA", "JPN", "KOR", "IND"], description="economies it is compared with")
    base_year: int = Field(2015, description="the year that before and after are measured from")
    start: int = Field(1995, description="first year")
    icor_window: int = Field(5, ge=1, le=20, description="years in a window of the capital-output ratio")
    vintage: str = Field("weo-2025-10", description="edition of world_economy")

    def problems(self) -> Iterator[str]:
        yield from _economy_problems(
            self.economy, self.comparators, ["national_accounts", "world_economy"], vintage=self.vintage
        )
        low, high = _years("national_accounts")
        yield from _start_problems("national_accounts", self.start, self.base_year, low, high)
        if self.start + 2 * self.icor_window - 1 > high:
            yield (
                f"icor_window = {self.icor_window} leaves room for one window only between start {self.start} and {high}; "
                f"choose an icor_window of at most {max((high - self.start + 1) // 2, 1)}."
            )
        vintages = catalog.describe("world_economy").vintages
        if self.vintage not in vintages:
            yield str(unknown_name("vintage", self.vintage, vintages, of="world_economy"))


class Overcapacity(Parameters):
    """Parameters of `overcapacity`."""

    industries: Annotated[Literal["all"] | list[str], BeforeValidator(all_or_list)] = Field(
        "all", description='"all", or a list of industries of capacity_utilization'
    )
    threshold: float = Field(75.0, gt=0, le=100, description="utilization below which an industry counts, %")
    reference: Literal["mean", "peak", "trend"] = Field(
        "mean", description="what of its own history an industry is measured against: mean, peak or trend"
    )
    start: int = Field(2016, description="first year of the history")
    history_end: int = Field(
        2019, description="last year of the history; later quarters are compared with it"
    )

    def problems(self) -> Iterator[str]:
        if self.industries != "all":
            known = _values("capacity_utilization", "industry")
            yield from _list_problems("industries", self.industries)
            for industry in self.industries:
                if industry not in known:
                    yield str(unknown_name("industry", industry, ["all", *known]))
        low, high = _years("capacity_utilization")
        if not low <= self.start <= high:
            yield _outside("start", self.start, "capacity_utilization", low, high) + _choose(
                "a start", self.start, low, high - SIDE
            )
        elif self.start > high - SIDE:
            yield (
                f"start = {self.start} leaves {high - self.start + 1} years to {high}, and a history needs at least "
                f"{SIDE + 1}; choose a start at or before {high - SIDE}."
            )


@dataclass(frozen=True)
class Analysis:
    """One notebook with its typed parameters.

    Attributes
    ----------
    name : str
        What it is called on the command line and in `reports/runs/`.
    title : str
        A short name to read.
    question : str
        The question it answers, in one sentence.
    notebook : str
        File name in `notebooks/`, or an absolute path.
    params : type of Parameters
        The parameters, their types and defaults.
    tables : tuple of str
        The tables of the catalogue that it loads: a change of one of them makes the run a new one, and a run
        that loads another one fails.
    """

    name: str
    title: str
    question: str
    notebook: str
    params: type[Parameters]
    tables: tuple[str, ...]

    def path(self) -> Path:
        """Give the notebook's file: in the checkout's `notebooks/`, else in the installed package."""
        checkout = catalog.PACKAGE.parent / "notebooks" / self.notebook
        return checkout if checkout.is_file() else catalog.PACKAGE / "_notebooks" / self.notebook

    def defaults(self) -> dict[str, Any]:
        """Give every parameter's default, as JSON has it."""
        return self.params.model_construct().model_dump(mode="json")


#: Every analysis, by name, in the order the site shows them.
ANALYSES: dict[str, Analysis] = {
    analysis.name: analysis
    for analysis in (
        Analysis(
            name="market_share_shifts",
            title="Market-share shifts",
            question="Whose share of world value added did China take, and did it gain faster after 2015 than before?",
            notebook="market_share_shifts.ipynb",
            params=MarketShareShifts,
            tables=("value_added", "value_added_panel", "national_accounts", "sectors"),
        ),
        Analysis(
            name="productivity_costs",
            title="Productivity costs",
            question="Did China's investment buy less growth and less productivity as the program went on?",
            notebook="productivity_costs.ipynb",
            params=ProductivityCosts,
            tables=("national_accounts", "world_economy"),
        ),
        Analysis(
            name="overcapacity",
            title="Overcapacity",
            question="Which of China's industries use less of their capacity than their own history would suggest?",
            notebook="overcapacity.ipynb",
            params=Overcapacity,
            tables=("capacity_utilization",),
        ),
    )
}


def get(name: str) -> Analysis:
    """Look an analysis up.

    Raises
    ------
    ParameterError
        If there is none of that name; the message names the nearest.
    """
    if name not in ANALYSES:
        raise unknown_name("analysis", name, ANALYSES, error=ParameterError)
    return ANALYSES[name]


def validate(name: str, values: Mapping[str, Any]) -> Parameters:
    """Check the parameters of a request; what is not given has its default.

    Parameters
    ----------
    name : str
        An analysis of `ANALYSES`.
    values : mapping
        Parameter name -> value. No type is guessed: 2015 is a number and "2015" is text. A list may be given as text, "USA, JPN".

    Returns
    -------
    Parameters
        The analysis's own frozen model.

    Raises
    ------
    ParameterError
        With a line for each thing that is wrong.

    Examples
    --------
    >>> validate("market_share_shifts", {"sector": "aerospace"}).base_year
    2015
    """
    analysis = get(name)
    problems: list[str] = []
    try:
        model = analysis.params.model_validate(dict(values))
    except ValidationError as error:
        wrong = explain(error, analysis.params.model_fields, name)
        problems += wrong.values()
        # The others are checked all the same, so that one look at the message is enough.
        model = analysis.params.model_validate({k: v for k, v in values.items() if k not in wrong})
    problems += model.problems()
    if problems:
        raise ParameterError("\n".join(problems))
    return model


def validate_text(name: str, texts: Mapping[str, Any]) -> Parameters:
    """Check parameters given as text (`-p name=value`, a plan): each is read as its parameter's type says.

    Examples
    --------
    >>> validate_text("market_share_shifts", {"start": "2005", "comparators": "USA, JPN"}).comparators
    ['USA', 'JPN']
    """
    fields = get(name).params.model_fields
    return validate(
        name, {k: read_text(fields[k].annotation, v) if k in fields else v for k, v in texts.items()}
    )


def parameters(name: str, namespace: Mapping[str, Any]) -> Any:
    """Check the parameters of a notebook, in its second cell: `params = lab.parameters("market_share_shifts", globals())`.

    Takes the declared names from the notebook's variables, and refuses a name that papermill injected and that is
    not declared, so that a mistyped `-p bsae 2015` stops at the first cell instead of being ignored.

    Parameters
    ----------
    name : str
        An analysis of `ANALYSES`.
    namespace : mapping
        The notebook's `globals()`.

    Returns
    -------
    Parameters
        The analysis's own frozen model.

    Raises
    ------
    ParameterError
        With a line for each thing that is wrong.
    """
    fields = get(name).params.model_fields
    values = {field: namespace[field] for field in fields if field in namespace}
    values |= {
        extra: namespace[extra]
        for extra in given_names(namespace)
        if extra not in fields and extra in namespace
    }
    return validate(name, values)


def defaults_cell(name: str) -> str:
    """Write the source of a notebook's `parameters` cell: literals only, equal to the defaults."""
    analysis = get(name)
    lines = [f"# Parameters of {name}: papermill and `mic2025lab run {name} -p name=value` replace them"]
    defaults = analysis.defaults()
    for field, info in analysis.params.model_fields.items():
        value = defaults[field]
        literal = json.dumps(value, ensure_ascii=False) if isinstance(value, str | list) else repr(value)
        lines.append(f"{field} = {literal}  # {info.description}")
    return "\n".join(lines)


def _years(table: str) -> tuple[int, int]:
    low, high = catalog.describe(table).coverage["year"]
    return low, high


def _values(table: str, column: str) -> list[str]:
    listed = catalog.describe(table).coverage.get(column)
    if isinstance(listed, list):
        return sorted(listed)
    return sorted(catalog.load(table, columns=[column])[column].dropna().unique())


def _economies(table: str, vintage: str | None) -> list[str]:
    entry = catalog.describe(table)
    if vintage in entry.vintages:
        return sorted(catalog.load(table, vintage=vintage, columns=["economy"])["economy"].unique())
    return _values(table, "economy")


def _outside(name: str, year: int, table: str, low: int, high: int) -> str:
    return f"{name} = {year} is outside {table}, which covers {low} to {high}; "


def _choose(what: str, year: int, low: int, high: int) -> str:
    return f"choose {what} at or before {high}." if year > high else f"choose {what} from {low} to {high}."


def _start_problems(table: str, start: int, base_year: int, low: int, high: int) -> Iterator[str]:
    """Check the base year and the first year, which needs `SIDE` years before the base year."""
    first, last = low + SIDE, high - SIDE
    if not first <= base_year <= last:
        why = (
            _outside("base_year", base_year, table, low, high)
            if not low <= base_year <= high
            else f"base_year = {base_year} leaves fewer than {SIDE} years on one side in {table}, which covers {low} to {high}; "
        )
        yield why + f"choose a base_year from {first} to {last}."
        base_year = min(max(base_year, first), last)
    latest = base_year - SIDE
    if not low <= start <= high:
        hint = f"at or before {latest}" if start > high else f"from {low} to {latest}"
        yield _outside("start", start, table, low, high) + f"choose a start {hint} for base_year {base_year}."
    elif start > latest:
        yield (
            f"start = {start} leaves fewer than {SIDE} years before base_year {base_year}; choose a start at or before {latest}."
        )


def _end_problems(table: str, end: int, base_year: int, low: int, high: int) -> Iterator[str]:
    base_year = min(max(base_year, low + SIDE), high - SIDE)
    earliest = base_year + SIDE
    if not low <= end <= high:
        hint = f"at or after {earliest}" if end < low else f"from {earliest} to {high}"
        yield _outside("end", end, table, low, high) + f"choose an end {hint} for base_year {base_year}."
    elif end < earliest:
        yield (
            f"end = {end} leaves fewer than {SIDE} years after base_year {base_year}; choose an end at or after {earliest}."
        )


def _list_problems(name: str, values: list[str]) -> Iterator[str]:
    if not values:
        yield f"{name} = [] is empty; name at least one."
    for twice in sorted({value for value in values if values.count(value) > 1}):
        yield f"{name} holds {shown(twice)} more than once; name it once."


def _economy_problems(
    economy: str, comparators: list[str], tables: list[str], vintage: str | None = None
) -> Iterator[str]:
    sets = [_economies(table, vintage) for table in tables]
    known = [code for code in sets[0] if code != "WLD" and all(code in other for other in sets[1:])]
    yield from _list_problems("comparators", comparators)
    if economy in comparators:
        yield f"comparators holds {shown(economy)}, which is the economy asked about; leave it out."
    for code in dict.fromkeys([economy, *comparators]):
        if code == "WLD":
            yield "economy 'WLD' is the world, which shares are taken of; choose an economy."
        elif code not in known:
            yield str(unknown_name("economy", code, known, of=" and ".join(tables)))


def _sector_problems(sector: str) -> Iterator[str]:
    mapped = [item.slug for item in sectors.SECTORS if item.industries]
    found = next((item for item in sectors.SECTORS if item.slug == sector), None)
    if sector == "all" or sector in mapped:
        return
    if found is not None:
        yield (
            f"sector = {shown(sector)} has no industry of value_added that stands for it ({found.match_note.rstrip('.')}). "
            f"One of: {', '.join(['all', *mapped])}."
        )
    else:
        yield str(unknown_name("sector", sector, ["all", *mapped]))
