"""Reliance of industries on foreign inputs, bought directly and through chains of suppliers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal

import numpy as np
import pandas as pd

from mic2025lab.engine.cells import read_cells
from mic2025lab.engine.checks import check_no_overlap, check_nonnegative, one_of
from mic2025lab.engine.codes import Codes, some
from mic2025lab.engine.frame import columns_of
from mic2025lab.engine.groups import divide
from mic2025lab.errors import TableError

__all__ = ["foreign_input_reliance"]


def foreign_input_reliance(
    table: Any,
    *,
    final: Iterable[str],
    of: str = "importer",
    use: str = "to_use",
    supplier: str = "exporter",
    industry: str = "from_industry",
    within: str | Iterable[str] = "year",
    value: str = "value",
    by: Literal["total", "source"] = "total",
) -> Any:
    r"""Reliance on foreign inputs, at face value and look-through, from an inter-country input-output table.

    With Z the sales of every economy's industries (ci) to every economy's industries (sj), x their output (the sum of all
    their sales, final ones too), A = Z x^-1 the inputs per unit of output, L = (I - A)^-1 the Leontief inverse and v = 1 - the
    column sums of A the value added per unit of output:

    .. math:: \text{face value}_{sj} = \sum_{c \ne s} \sum_i a_{ci,sj}, \qquad
              \text{look-through}_{sj} = \sum_{c \ne s} \sum_i (L - I)_{ci,sj}, \qquad
              \text{foreign content}_{sj} = \sum_{c \ne s} \sum_i v_{ci} l_{ci,sj}

    Face value is the value of inputs bought directly from abroad. Look-through is everything that foreign industries must produce for a unit of
    output, directly and for suppliers at home and abroad: a Chinese motor with a Korean chip is Chinese at face value. It is
    gross: an input that is processed in three places abroad counts three times, so the sum may be above 1. Foreign content
    counts each value added once: it is from 0 to 1, and is the foreign content (vertical specialization) of the
    industry's exports, if those are made like the rest of its output.

    Parameters
    ----------
    table
        pandas, Polars or Arrow table in long form: one row for each `supplier`, `industry`, `of` and `use` in each `within`,
        sales at home among them; a pair without a row sells nothing.
    final
        Labels of `use` that are final uses (consumption, investment, changes in stocks); all others are industries.
    of, use
        Columns of the buying economy, and of its industry or final use.
    supplier, industry
        Columns of the selling economy and its industry.
    within
        Columns that identify tables, such as the year.
    value
        Column of sales, in one unit; final uses may be negative (stocks drawn down), sales to industries not.
    by
        ``"total"``: one row for each economy and industry; ``"source"``: one for each foreign economy it relies on.

    Returns
    -------
    table of the caller's kind
        `within`, `of`, `use`, with ``by="source"`` `supplier`, then `face_value`, `look_through` and `foreign_content`, per unit of
        output, and with ``by="total"`` also `face_value_share` and `look_through_share` (of all inputs, direct ones or looked
        through, domestic ones among them) and `output` (in the unit of `value`, to weight industries with). Sources add up to
        the total. An industry without output (or, by rounding, with less than none and no inputs) has missing results.

    Raises
    ------
    TableError
        Missing column or value, repeated rows, negative sales to an industry, mixed units, a total beside its parts, an unknown final use,
        a use that is neither final nor an industry that sells anything, an industry with inputs and no output, a table without final uses
        enough for an inverse.
    UnknownName
        Unknown `by`.

    Notes
    -----
    Face value and look-through are the two views of Baldwin, Freeman and Theodorakopoulos (2022), whose foreign input reliance
    is the look-through one; the normalization, per unit of output, and the shares of all inputs are as written here. An
    economy "rest of the world" buys from itself as if at home.

    References
    ----------
    Baldwin, R., Freeman, R. and Theodorakopoulos, A. (2022). Horses for courses: measuring foreign supply chain exposure. NBER
    Working Paper 30525. Hummels, D., Ishii, J. and Yi, K.-M. (2001). The nature and growth of vertical specialization in world
    trade. Journal of International Economics 54, 75-96.

    Examples
    --------
    >>> import pandas as pd
    >>> sales = pd.DataFrame([("CHN", "all", "CHN", "all", 20.0), ("KOR", "all", "CHN", "all", 10.0),
    ...                       ("CHN", "all", "CHN", "final", 80.0), ("KOR", "all", "KOR", "final", 40.0)],
    ...                      columns=["exporter", "from_industry", "importer", "to_use", "value"]).assign(year=2011)
    >>> found = foreign_input_reliance(sales, final=["final"])
    >>> found[["importer", "to_use", "face_value", "look_through", "foreign_content", "output"]]
      importer to_use  face_value  look_through  foreign_content  output
    0      CHN    all         0.1         0.125            0.125   100.0
    1      KOR    all         0.0         0.000            0.000    50.0
    """
    one_of("by", by, ("total", "source"))
    cell = columns_of(within)
    keys = (*cell, supplier, industry, of, use)
    cells = read_cells(
        table, keys, value, within=cell, added=dict.fromkeys((supplier, industry, of)),
        nonnegative=False, known=True, sort=False,
    )  # fmt: skip
    values, uses, sellers = cells.values, cells.keys[use], cells.keys[supplier]
    finals = [final] if isinstance(final, str) else list(final)
    if not finals:
        raise TableError(
            "final is empty: name the labels of final uses (consumption, investment, changes in stocks)."
        )
    is_final = np.isin(uses.raw, [uses.find(label, "final use") for label in finals])
    sell = cells.keys[industry].compact().labels
    wrong = [label for label in uses.compact().labels if (label in finals) == (label in sell)]
    if wrong:
        raise TableError(
            f"A use is either final or an industry that sells; {some(wrong)} in column {use!r} are neither or both. Name the "
            "final uses in final=…."
        )
    for chosen in (is_final, ~is_final):
        check_no_overlap(uses, used=chosen)
    check_nonnegative(np.where(is_final, 0.0, values), value, frame=cells.frame, keys=keys)
    economies, seller_code = _union(cells.keys[of], sellers)
    industries, industry_code = _union(uses, cells.keys[industry])
    tables, count = cells.by(cell), len(industries)
    rows = pd.DataFrame(
        {
            "seller": seller_code[sellers.raw] * count + industry_code[cells.keys[industry].raw],
            "buyer": cells.keys[of].codes * count + uses.codes,
            "value": values,
            "final": is_final,
        }
    )
    found = pd.concat(
        {one: _reliance(part, economies, industries, by) for one, part in rows.groupby(tables.ids)}
    )
    result = {str(column): numbers.to_numpy() for column, numbers in found.items()}
    labels: dict[str, Any] = tables.decode(found.index.get_level_values(0).to_numpy())
    labels |= {of: economies.decode(result.pop("owner")), use: industries.decode(result.pop("activity"))}
    if by == "source":
        everyone, from_economies = _union(sellers, economies)
        labels[supplier] = everyone.decode(from_economies[result.pop("source")])
    return cells.frame.build({**labels, **result})


def _union(column: Codes, other: Codes) -> tuple[Codes, np.ndarray]:
    """Column with the labels of both, and the code in it of each label of the other."""
    labels = list(dict.fromkeys([*column.labels, *other.labels]))
    codes = np.array([labels.index(label) for label in other.labels])
    return (column if len(labels) == len(column) else column.relabel(column.raw, labels)), codes


def _reliance(rows: pd.DataFrame, economies: Codes, industries: Codes, by: str) -> pd.DataFrame:
    """Solve one table of sales from seller to buyer, each an economy's industry, and return one row for each or its sources."""
    values, inputs = rows["value"].to_numpy(), ~rows["final"].to_numpy()
    sold, bought = rows["seller"].to_numpy(), rows["buyer"].to_numpy()[inputs]
    pairs = np.unique(np.concatenate([sold, bought]))
    owner, activity = np.divmod(pairs, len(industries))
    seller = np.searchsorted(pairs, sold)
    output = np.bincount(seller, weights=values, minlength=len(pairs))
    flows = np.zeros((len(pairs), len(pairs)))
    flows[seller[inputs], np.searchsorted(pairs, bought)] = values[inputs]
    spent = flows.sum(axis=0)

    def names(rows: np.ndarray) -> str:
        return some([f"{economies.labels[owner[row]]} {industries.labels[activity[row]]}" for row in rows])

    wrong = np.flatnonzero((output <= 0) & (spent > 0))
    if len(wrong):
        raise TableError(
            f"{len(wrong)} industries buy inputs and have no output (their sales add up to zero or less): {names(wrong)}. "
            "Their sales, final ones too, must be in the table; or drop what they buy."
        )
    direct = flows / np.where(output > 0, output, 1.0)
    identity = np.eye(len(pairs))
    try:
        inverse = np.linalg.inv(identity - direct)
        solved = bool(inverse.min() > -1e-9)
    except np.linalg.LinAlgError:
        solved = False
    if not solved:
        most = np.argsort(-divide(spent, np.where(output > 0, output, np.nan)))
        raise TableError(
            "The table has no Leontief inverse of zero or more: industries use up more than they make. "
            f"Inputs are largest relative to output in {names(most[:3])}; are all final uses in the table?"
        )
    added = (1 - direct.sum(axis=0))[:, None] * inverse
    starts = np.flatnonzero(np.diff(owner, prepend=-1))
    # A row for each economy that an industry, a column, may rely on.
    direct, through, added = (
        np.add.reduceat(part, starts, axis=0) for part in (direct, inverse - identity, added)
    )
    relied_on, known = owner[starts], np.where(output > 0, 1.0, np.nan)
    foreign = relied_on[:, None] != owner[None, :]
    parts = {"face_value": direct, "look_through": through, "foreign_content": added}
    if by == "source":
        industry, source = np.nonzero(foreign.T)
        numbers = {name: part[source, industry] * known[industry] for name, part in parts.items()}
        codes = {"owner": owner[industry], "activity": activity[industry], "source": relied_on[source]}
        return pd.DataFrame({**codes, **numbers})
    numbers = {name: np.where(foreign, part, 0.0).sum(axis=0) for name, part in parts.items()}
    for name in ("face_value", "look_through"):
        numbers[f"{name}_share"] = divide(numbers[name], parts[name].sum(axis=0))
    numbers = {name: number * known for name, number in numbers.items()}
    return pd.DataFrame({"owner": owner, "activity": activity, **numbers, "output": output})
