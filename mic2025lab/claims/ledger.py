"""The claims ledger, `ledger.yml`: what is claimed, why it matters, which recorded figures test it, and what could overturn it.

A claim or a test is added by editing that file alone. It is read strictly: a typing error is reported, not skipped.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import fields
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import (
    AfterValidator,
    ConfigDict,
    Field,
    Strict,
    StringConstraints,
    TypeAdapter,
    ValidationError,
)
from pydantic.dataclasses import dataclass

from mic2025lab import yaml_files
from mic2025lab.claims import sentences
from mic2025lab.claims.verdict import Direction
from mic2025lab.errors import LabError, shown, unknown_name

#: The ledger of the package.
LEDGER = Path(__file__).with_name("ledger.yml")

#: The beginning of the names of figures that are made of simulated data.
SIMULATED = "simulated"

Kind = Literal["gain", "cost", "limit"]
T = TypeVar("T")

#: How the entries of the file are validated: no unknown keys.
STRICT = ConfigDict(extra="forbid")


Text = Annotated[
    str,
    StringConstraints(min_length=1, strip_whitespace=True),
    AfterValidator(lambda text: " ".join(text.split())),
]
Number = Annotated[float, Strict(), Field(allow_inf_nan=False)]
Id = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(_[a-z0-9]+)*$")]


def _real(figure: str) -> str:
    if figure.startswith(SIMULATED):
        raise ValueError(
            "is made of simulated data, which say nothing about any country. Name a figure of real data"
        )
    return figure


Figure = Annotated[str, AfterValidator(_real)]


@dataclass(frozen=True, config=STRICT)
class Test:
    """An estimand that tests one part of a claim.

    Attributes
    ----------
    says : str
        What the estimand is, in words.
    tells : str
        A sentence with places for the figure, as `sentences.fill` reads it. Without it, the sentence is `says` and the figure.
    analysis, figure : str
        The analysis that records it, and its name there.
    direction : {"above", "below"}
        The side of `than` that would support the claim.
    than : float
        The reference, in the unit of the figure.
    margin : float
        How far beyond the reference the figure must be.
    params : mapping
        Parameters of the run that differ from the defaults.
    free : tuple of str
        Parameters that may have any value (such as the names of the columns of a file).
    part : str
        The part of the claim that it tests. Required in a ledger.
    fair : str
        Why it is a fair test of this part, in one line.
    census : str
        Why there is no sampling interval, if there is none (such as "all industries are counted"). Without it, a headline without an
        interval leaves the test unclear.
    fixed : str
        Why there is only one admissible specification, if the run records no others. Without it, the test is unclear.
    """

    __test__ = False  # not one of pytest's

    says: Text
    analysis: str
    figure: Figure
    direction: Direction
    than: Number = 0.0
    margin: Annotated[Number, Field(ge=0)] = 0.0
    params: Mapping[str, Any] = Field(default_factory=dict)
    free: tuple[str, ...] = ()
    part: str = ""
    tells: Annotated[str, AfterValidator(sentences.checked)] = ""
    fair: str = ""
    census: str = ""
    fixed: str = ""

    @property
    def asks(self) -> str:
        """The test in words: which side, of what, by how much.

        >>> Test("gap", "overcapacity", "utilization_gap", "below", margin=1).asks
        'below 0 by more than 1'
        >>> Test("gap", "overcapacity", "utilization_gap", "above", than=0.5).asks
        'above 0.5'
        """
        by = f" by more than {self.margin:g}" if self.margin else ""
        return f"{self.direction} {self.than:g}{by}".replace("-", "−")


@dataclass(frozen=True, config=STRICT)
class Part:
    """A part of the sentence of a claim.

    Attributes
    ----------
    id : str
        The name by which tests refer to it.
    says : str
        The part in words.
    subject : bool
        Whether the claim is about this part, so that it is not testable without a test of it.
    """

    id: Id
    says: Text
    subject: bool = False


@dataclass(frozen=True, config=STRICT)
class Claim:
    """One claim of the ledger.

    Attributes
    ----------
    id : str
        Its name on the command line and in addresses.
    number : int
        Its place in the list of claims.
    kind : {"gain", "cost", "limit"}
        An aim of the plan, a cost that critics name, or something that limits it.
    sentence : str
        The claim.
    why : str
        Why it matters.
    coverage : str
        The part of the claim that no test covers.
    wanted : str
        The data that would test that part, and how to get them.
    overturned_by : str
        What could overturn the verdict.
    parts : tuple of Part
        The parts of the sentence. Every claim has at least one.
    changed : str
        What changed since the first version of the ledger, with a date.
    tests : tuple of Test
        Empty if the data here cannot test it.
    tables : tuple of str
        The tables of the catalog that the evidence is made from.
    unused : str
        Tables of the catalog that speak to the claim and are in no test, with the reason.
    """

    id: Id
    number: Annotated[int, Strict()]
    kind: Kind
    sentence: Text
    why: Text
    coverage: Text
    wanted: Text
    overturned_by: Text
    parts: Annotated[tuple[Part, ...], Field(min_length=1)]
    tests: tuple[Test, ...] = ()
    tables: tuple[str, ...] = ()
    unused: str = ""
    changed: str = ""

    @property
    def label(self) -> str:
        """The id in words, short enough for a figure.

        >>> read()[0].label
        'Import dependence fell'
        """
        return self.id.replace("_", " ").capitalize()

    @property
    def subject(self) -> list[str]:
        """The parts that must have evidence."""
        return [part.id for part in self.parts if part.subject]


def read(path: str | Path = LEDGER) -> list[Claim]:
    """Read a ledger.

    Parameters
    ----------
    path : path
        A YAML file with one list, `claims:`. The package's own by default.

    Returns
    -------
    list of Claim
        In the order of the file.

    Raises
    ------
    LabError
        With a line for each problem: an unknown or missing key, a duplicate id or test, a value of another type.

    Examples
    --------
    >>> [claim.id for claim in read()][:2]
    ['import_dependence_fell', 'chokepoints_fewer']
    """
    found = Path(path)
    return list(_read(found, found.stat().st_mtime_ns if found.is_file() else 0))


@lru_cache(maxsize=4)
def _read(path: Path, _changed: int) -> list[Claim]:
    claims, problems = each(lists(path, ("claims",))["claims"], _claim, "claim")
    for name in ("id", "number", "sentence"):
        for value in _repeated(getattr(claim, name) for claim in claims):
            problems.append(f"{name} {shown(value)} occurs twice. Each claim has its own.")
    if problems:
        raise LabError("\n".join(problems))
    return claims


def get(claims: list[Claim], name: str) -> Claim:
    """Find a claim by its id or number.

    Raises
    ------
    UnknownName
        If there is none. The message suggests the most similar.
    """
    for claim in claims:
        if name in (claim.id, str(claim.number)):
            return claim
    raise unknown_name("claim", name, [claim.id for claim in claims])


def lists(path: str | Path, names: Sequence[str]) -> dict[str, list[Any]]:
    """Read a YAML file that holds these lists and nothing else."""
    content = yaml_files.read(path, "file")
    right = isinstance(content, dict) and set(content) == set(names)
    if not right or not all(isinstance(content[name], list) for name in names):
        wanted = " and ".join(f"a list named {name}" for name in names)
        raise LabError(f"{str(path)!r} must hold {wanted}, and nothing else.")
    return content


def each(entries: Sequence[Any], make: Callable[[Any], T], noun: str) -> tuple[list[T], list[str]]:
    """Convert every entry. Return the results, and all problems with the entries they are in."""
    made, problems = [], []
    for position, entry in enumerate(entries, start=1):
        label = entry.get("id", f"{noun} {position}") if isinstance(entry, dict) else f"{noun} {position}"
        try:
            made.append(make(entry))
        except LabError as error:
            problems += [f"{label}: {line}" for line in str(error).splitlines()]
    return made, problems


def build(kind: type[T], entry: Any) -> T:
    """Validate an entry of the file and make it a `kind`.

    Raises
    ------
    LabError
        With a line for each problem.
    """
    try:
        return TypeAdapter(kind).validate_python(entry)
    except ValidationError as error:
        problems = error.errors(include_url=False)
        raise LabError("\n".join(_said(kind, problem) for problem in problems)) from error


def _claim(entry: Any) -> Claim:
    claim = build(Claim, entry)
    parts = [part.id for part in claim.parts]
    problems = [
        f"the figure {figure} of {analysis} is in two tests. A figure counts once."
        for analysis, figure, _ in _repeated(
            (one.analysis, one.figure, str(one.params)) for one in claim.tests
        )
    ]
    problems += [f"part {shown(part)} occurs twice. Each part has its own id." for part in _repeated(parts)]
    for number, one in enumerate(claim.tests, start=1):
        if not one.part:
            problems.append(f"test {number}: part is missing.")
        elif one.part not in parts:
            problems.append(f"test {number}: {unknown_name('part', one.part, parts)}")
    if problems:
        raise LabError("\n".join(problems))
    return claim


def _repeated(values: Iterable[Any]) -> list[Any]:
    listed = list(values)
    return [value for value in dict.fromkeys(listed) if listed.count(value) > 1]


def _said(kind: Any, problem: Any) -> str:
    """Write a problem that pydantic found."""
    *place, name = problem["loc"] or ("entry",)
    nested = len(place) > 1 and place[0] in ("tests", "parts")
    where = f"{place[0][:-1]} {place[1] + 1}: " if nested else ""
    if problem["type"] == "unexpected_keyword_argument":
        owner = {"tests": Test, "parts": Part}[place[0]] if nested else kind
        known = [field.name for field in fields(owner)]
        return where + str(unknown_name("key", name, known, of=f"a {owner.__name__.lower()}"))
    if problem["type"] == "missing":
        return f"{where}{name} is missing."
    if problem["type"] == "invalid_key":
        return f"{where}key {shown(problem['input'])} must be text."
    if problem["type"] == "literal_error":
        choices = re.findall(r"'([^']*)'", problem["ctx"]["expected"])
        return where + str(unknown_name(str(name), problem["input"], choices))
    label = f"{place[-1]}[{name}]" if isinstance(name, int) else name
    told = re.sub(r"^[A-Z][a-z]+ should", "must", problem["msg"].removeprefix("Value error, "))
    return f"{where}{label} = {shown(problem['input'])} {told}."
