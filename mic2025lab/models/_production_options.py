"""Options of `production_function`: which exist, and which go together."""

from __future__ import annotations

from dataclasses import dataclass

from mic2025lab.errors import ParameterError, unknown_name
from mic2025lab.models._production_result import NAMES

_FORMS = ("cobb_douglas", "translog")
_MEASURES = ("value_added", "gross_output")
PROXIES = ("op", "lp", "wooldridge", "acf")


@dataclass(frozen=True)
class Options:
    """What was asked for."""

    method: str
    form: str
    measure: str
    degree: int
    markov: int
    year_effects: bool
    exit_correction: bool
    free_instrument: str
    wooldridge_equations: str
    markov_from: str
    start: tuple[float, ...] | None

    def check(self, proxy: str | None, draws: int | None) -> None:
        """Refuse options that do not go together."""
        for kind, value, known in (
            ("method", self.method, tuple(NAMES)),
            ("form", self.form, _FORMS),
            ("measure", self.measure, _MEASURES),
            ("free_instrument", self.free_instrument, ("lagged", "current")),
            ("wooldridge_equations", self.wooldridge_equations, ("both", "second")),
            ("markov_from", self.markov_from, ("output", "phi")),
        ):
            if value not in known:
                raise unknown_name(kind, value, known)
        if self.method in PROXIES and proxy is None:
            what = "investment" if self.method == "op" else "materials or electricity"
            raise ParameterError(f"Method {self.method!r} needs a proxy column ({what}): give proxy=.")
        if self.form == "translog" and self.method in ("op", "lp", "wooldridge"):
            raise ParameterError(
                f"A translog does not fit method {self.method!r}, whose first stage takes the free inputs as separate from "
                "capital; use 'acf', 'ols' or 'fe'."
            )
        if self.measure == "gross_output" and self.method == "op":
            raise ParameterError(
                "With 'op' the proxy is investment, which is no input: for gross output name materials among the free inputs and "
                "leave measure='value_added'."
            )
        if self.exit_correction and self.method != "op":
            raise ParameterError(f"exit_correction is for method 'op', not {self.method!r}.")
        if self.markov_from == "phi" and self.method not in ("op", "lp"):
            raise ParameterError(f"markov_from='phi' is for methods 'op' and 'lp', not {self.method!r}.")
        for name, degree in (("degree", self.degree), ("markov", self.markov)):
            if not 1 <= degree <= 6:
                raise ParameterError(f"{name}={degree!r} must be from 1 to 6.")
        if draws is not None and (draws < 0 or draws == 1):
            raise ParameterError(f"draws={draws!r} must be 0 or at least 2.")
