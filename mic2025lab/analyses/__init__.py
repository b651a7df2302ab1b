"""The analyses there are: a notebook each, with its typed parameters and the tables it loads."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from mic2025lab import catalog, own_files
from mic2025lab.analyses import requests, requests_costs, requests_leadership, requests_sector
from mic2025lab.errors import ParameterError, unknown_name
from mic2025lab.params import Parameters, explain, given_names, read_text

__all__ = [
    "ANALYSES",
    "Analysis",
    "Parameters",
    "defaults_cell",
    "get",
    "parameters",
    "validate",
    "validate_text",
]


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
    optional : tuple of str
        Parameters whose value names tables that are loaded besides: one name, or a list of them; "embedded" names none.
    after : bool
        It reads what other runs in the folder of reports have recorded: it is made after them, and what they found is part of its name.
    """

    name: str
    title: str
    question: str
    notebook: str
    params: type[Parameters]
    tables: tuple[str, ...]
    optional: tuple[str, ...] = ("flows",)
    after: bool = False

    def path(self) -> Path:
        """Give the notebook's file: in the checkout's `notebooks/`, else in the installed package."""
        checkout = catalog.PACKAGE.parent / "notebooks" / self.notebook
        return checkout if checkout.is_file() else catalog.PACKAGE / "_notebooks" / self.notebook

    def loads(self, parameters: Mapping[str, Any]) -> tuple[str, ...]:
        """List the tables that a run with these parameters loads: `tables`, and those that a parameter of `optional` names."""
        asked = [parameters.get(name, []) for name in self.optional]
        named = [table for value in asked for table in ([value] if isinstance(value, str) else value)]
        return (*self.tables, *(table for table in named if table != "embedded"))

    def files(self, parameters: Mapping[str, Any]) -> dict[str, dict[str, str]]:
        """Find the files of the user's own that a run with these parameters reads.

        Returns
        -------
        dict
            File name -> {"path" (absolute), "sha256"}: the run is named by what is in them and not by where they lie.

        Raises
        ------
        ParameterError
            If there is no such file.
        """
        standing = self.defaults().get("path")  # what stands for no file: "simulated", "none"
        path = parameters.get("path", standing)
        if path == standing:
            return {}
        file = own_files.locate(path)
        return {file.name: {"path": str(file), "sha256": own_files.digest(file)}}

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
            params=requests.MarketShareShifts,
            tables=("value_added", "value_added_panel", "national_accounts"),
        ),
        Analysis(
            name="productivity_costs",
            title="Productivity costs",
            question="Did China's investment buy less growth and less productivity as the program went on?",
            notebook="productivity_costs.ipynb",
            params=requests.ProductivityCosts,
            tables=("national_accounts", "world_economy"),
        ),
        Analysis(
            name="overcapacity",
            title="Overcapacity",
            question="Which of China's industries use less of their capacity than their own history would suggest?",
            notebook="overcapacity.ipynb",
            params=requests.Overcapacity,
            tables=("capacity_utilization",),
        ),
        Analysis(
            name="leadership",
            title="Global leadership",
            question="In which fields does China lead by volume, in which by value, and did the gaps narrow?",
            notebook="leadership.ipynb",
            params=requests_leadership.Leadership,
            tables=(
                *("ev_sales", "solar_chain", "solar_wind_capacity", "value_added", "world_economy"),
                *("research_spending", "official_manufacturing", "leadership_figures"),
            ),
            optional=("robots", "rankings"),
        ),
        Analysis(
            name="foreign_firms",
            title="Foreign firms",
            question="What part of China’s industry do foreign-invested firms have, and did it shrink?",
            notebook="foreign_firms.ipynb",
            params=requests_leadership.ForeignFirms,
            tables=("industrial_profits",),
        ),
        Analysis(
            name="export_specialization",
            title="Export specialization",
            question="In what does China have an advantage, and did the industries of the plan join?",
            notebook="export_specialization.ipynb",
            params=requests.ExportSpecialization,
            tables=("intermediate_exports", "sector_products"),
        ),
        Analysis(
            name="policy_effect",
            title="Policy effect",
            question="Did the targeted industries gain on the others after the plan, more than elsewhere?",
            notebook="policy_effect.ipynb",
            params=requests.PolicyEffect,
            tables=("value_added", "intermediate_exports"),
        ),
        Analysis(
            name="growth_counterfactual",
            title="Growth counterfactual",
            question="Did China grow less after 2015 than a mixture of economies that had grown as it did before?",
            notebook="growth_counterfactual.ipynb",
            params=requests.GrowthCounterfactual,
            tables=("national_accounts",),
        ),
        Analysis(
            name="firm_productivity",
            title="Firm productivity",
            question="How productive are firms, by which estimator, and who drove the aggregate: survivors, entrants or exiters?",
            notebook="firm_productivity.ipynb",
            params=requests.FirmProductivity,
            tables=(),
        ),
        Analysis(
            name="misallocation",
            title="Misallocation",
            question="Do capital and labor earn the same wherever they work, between provinces and between firms?",
            notebook="misallocation.ipynb",
            params=requests.Misallocation,
            tables=("provincial_accounts", "provincial_capital"),
        ),
        Analysis(
            name="firm_distress",
            title="Firm distress",
            question="How many firms live on cheap credit or lose money, and do subsidies go to the less productive?",
            notebook="firm_distress.ipynb",
            params=requests.FirmDistress,
            tables=("industrial_enterprises", "benchmarks"),
        ),
        Analysis(
            name="fiscal_strain",
            title="Fiscal strain",
            question="How far does what China’s provinces spend exceed their own taxes, and what is owed on and off the budget?",
            notebook="fiscal_strain.ipynb",
            params=requests_costs.FiscalStrain,
            tables=("provincial_accounts", "world_economy", "benchmarks"),
        ),
        Analysis(
            name="friction",
            title="Friction",
            question="Which goods do tariffs set apart, what do they still cost, and what became of trade with China?",
            notebook="friction.ipynb",
            params=requests_costs.Friction,
            tables=("us_tariff_lists", "us_imports", "us_exports_to_china", "hs_concordance", "hs_products"),
            optional=("measures", "flows"),
        ),
        Analysis(
            name="import_dependence",
            title="Import dependence",
            question="How much of what China makes is foreign, at face value and looked through, and what did a partner sell it after the plan?",
            notebook="import_dependence.ipynb",
            params=requests.ImportDependence,
            tables=(
                "wiod_foreign_content",
                "wiod_codes",
                "inter_country_2011",
                "industry_supply",
                "us_exports_to_china",
                "sector_products",
                "hs_products",
            ),
        ),
        Analysis(
            name="chokepoints",
            title="Chokepoints",
            question="What can be bought from few others, year after year, and who has no alternative?",
            notebook="chokepoints.ipynb",
            params=requests.Chokepoints,
            tables=(
                "critical_materials_exports",
                "critical_materials",
                "mineral_production",
                "us_imports",
                "sector_products",
                "hs_products",
            ),
        ),
        Analysis(
            name="sector_profile",
            title="Sector profile",
            question="Where does China stand in one sector of the plan, on whom does it depend, what did the plan do, and what is not known?",
            notebook="sector_profile.ipynb",
            params=requests_sector.SectorProfile,
            tables=(
                *(
                    "value_added",
                    "intermediate_exports",
                    "industry_supply",
                    "us_exports_to_china",
                    "us_imports",
                ),
                *(
                    "sector_products",
                    "critical_materials_exports",
                    "critical_materials",
                    "capacity_utilization",
                ),
                *("targets", "benchmarks", "ev_sales", "solar_chain"),
            ),
        ),
        Analysis(
            name="scorecard",
            title="Scorecard",
            question="What did the plan aim at, what is it said to have cost, and what does the evidence say?",
            notebook="scorecard.ipynb",
            params=requests.Scorecard,
            tables=("targets", "target_actuals", "benchmarks", "ev_sales"),
            after=True,
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
    values = _without_economy(analysis, values)
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


def _without_economy(analysis: Analysis, values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Leave the economy asked about out of the comparators if those are the default ones, which nobody chose."""
    default = analysis.defaults().get("comparators")
    economy = values.get("economy")
    if default is None or economy not in default or values.get("comparators", default) != default:
        return values
    return {**values, "comparators": [code for code in default if code != economy]}


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
