"""Values converted from one product classification to another, by the pairs and weights of a concordance.

The caller passes the concordance, `lab.load("hs_concordance")`: metrics read no catalog, and a run that converts records which
concordance it used. Any classification with such a table will do, not only the HS.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd

from mic2025lab.engine.cells import Cells
from mic2025lab.engine.codes import Codes
from mic2025lab.engine.frame import Frame, columns_of, read
from mic2025lab.errors import LabError, TableError, nearest, unknown_name

__all__ = ["conversion_weights", "convert_products"]

_NAMED = 20  # codes that a message names
_PAIRS = ("from_hs", "from_code", "to_hs", "to_code")
_TOLERANCE = 1e-9


def convert_products(
    table: Any,
    *,
    concordance: Any,
    from_hs: str,
    to_hs: str,
    product: str = "product",
    value: str | Iterable[str] = "value",
    weights: str = "weight_main",
) -> Any:
    """Convert values from one revision of a product classification to another.

    `new(k) = sum over p of w(p, k) old(p)`, where the weights w(p, .) of a code add up to 1: split codes are split in full, merged
    codes are added, and totals are preserved. Revisions that are not neighbors are reached step by step.

    Parameters
    ----------
    table : pandas.DataFrame, polars.DataFrame or pyarrow.Table
        One row for each product and combination of keys. Every column that is not `product`, `value` or `hs` is a key; rows that
        agree in all keys and in the new code are added up. A column `hs` must equal `from_hs`; in the result it equals `to_hs`.
    concordance : table
        `from_hs, from_code, to_hs, to_code` and columns of weights, as `lab.load("hs_concordance")`.
    from_hs, to_hs : str
        Revision of the table, and the one wanted.
    product : str
        Column of codes, text with its zeros.
    value : str or list of str
        Columns to convert: amounts that can be added (values, quantities), in any unit; not shares, prices or indices.
    weights : str
        A column of the concordance: `weight_main` gives a split code to the code that keeps its number, or else in equal parts to
        the likely successors; `weight` gives equal parts 1/n to all; or a column that you added, for example from the trade of a year that is
        reported in both revisions.

    Returns
    -------
    table
        Of the caller's kind, sorted by its keys in the order of its columns.

    Raises
    ------
    TableError
        If a code is not in `from_hs` (the codes are named, with the nearest), the table is in another revision, a key column holds
        fractions, or weights are negative or do not add up to 1.
    UnknownName
        If the concordance has no such revision or column.

    Notes
    -----
    A missing value is left out of a sum, which is missing only where all its parts are. Zeros stay zeros.

    Examples
    --------
    >>> import pandas as pd
    >>> pairs = pd.DataFrame({"from_hs": "HS12", "from_code": ["01", "02", "02"], "to_hs": "HS17",
    ...                       "to_code": ["11", "11", "12"], "weight": [1, 0.5, 0.5]})
    >>> trade = pd.DataFrame({"year": 2016, "product": ["01", "02"], "value": [10.0, 4.0]})
    >>> convert_products(trade, concordance=pairs, from_hs="HS12", to_hs="HS17", weights="weight").values.tolist()
    [[2016, '11', 12.0], [2016, '12', 2.0]]
    """
    values = columns_of(value)
    frame = read(table, columns=[product, *values])
    _check_keys(frame, product, values, from_hs)
    split = conversion_weights(concordance, from_hs=from_hs, to_hs=to_hs, weights=weights)
    codes = frame.codes(product)
    coded = pd.DataFrame({"code": codes.codes}).reset_index(names="row")
    pairs = coded.merge(_matched(split, codes, from_hs))
    targets, target = np.unique(pairs["to_code"].to_numpy(dtype=str), return_inverse=True)
    rows, weight = pairs["row"].to_numpy(), pairs["weight"].to_numpy()
    keys = {name: frame.codes(name).keep(rows) for name in frame.columns if name not in values}
    keys[product] = keys[product].relabel(target, targets.tolist())
    if "hs" in keys:
        keys["hs"] = keys["hs"].relabel(np.zeros(len(rows), np.int64), [to_hs])
    numbers = {name: frame.numbers(name)[rows] * weight for name in values}
    cells = Cells(frame, keys, numbers, len(rows)).total(keys)
    columns = {**cells.decode(), **cells.numbers}
    return frame.build({name: columns[name] for name in frame.columns})


def _check_keys(frame: Frame, product: str, values: Sequence[str], from_hs: str) -> None:
    """Check the revision of the table, and that no key column holds fractions."""
    if "hs" in frame.columns and (hs := frame.codes("hs").labels) != [from_hs]:
        raise TableError(
            f"The column 'hs' has {', '.join(map(repr, hs))}, not only {from_hs!r}: give the revision of the codes, and convert "
            "revision by revision."
        )
    columns_of(product, values)
    for name in frame.columns:
        labels = [] if name in values else frame.codes(name).labels
        if any(isinstance(label, float) and not label.is_integer() for label in labels):
            raise TableError(
                f"Column {name!r} holds fractions and would be a key: name it in `value` if its numbers can be added, or drop it."
            )


def _matched(split: pd.DataFrame, codes: Codes, from_hs: str) -> pd.DataFrame:
    """Weights of the codes that a table has, with their place among its labels; unknown codes are an error."""
    labels = codes.labels
    numbers = [label for label in labels if not isinstance(label, str)]
    if numbers:
        raise TableError(
            f"Products must be text with leading zeros, and {codes.name!r} holds {numbers[0]!r} ({type(numbers[0]).__name__}): "
            "products.pad restores a lost zero."
        )
    known = dict.fromkeys(split["from_code"])
    _raise_unknown([label for label in labels if label not in known], list(known), from_hs)
    place = {label: number for number, label in enumerate(labels)}
    split = split.assign(code=split["from_code"].map(place))
    return split[split["code"].notna()].sort_values(["code", "to_code"], ignore_index=True)


def _raise_unknown(unknown: Sequence[str], known: Sequence[str], hs: str) -> None:
    if not unknown:
        return
    named = []
    for code in unknown[:_NAMED]:
        alike = [other for other in known if len(code) > 4 and other[:4] == code[:4]]
        near = f"0{code}" if f"0{code}" in known else nearest(code, alike)
        named.append(f"{code!r} (nearest {near!r})" if near else f"{code!r}")
    more = f", and {len(unknown) - _NAMED} more" if len(unknown) > _NAMED else ""
    raise TableError(
        f"{len(unknown)} code{'s' if len(unknown) > 1 else ''} not in {hs} of the concordance: {', '.join(named)}{more}. Only six-digit "
        "codes can be converted; check the revision, restore lost zeros (products.pad), or drop these rows."
    )


def conversion_weights(
    concordance: Any, *, from_hs: str, to_hs: str, weights: str = "weight_main"
) -> pd.DataFrame:
    """Return the targets of each code from one revision to another, with the weights of all steps multiplied.

    Parameters
    ----------
    concordance, from_hs, to_hs, weights
        As in `convert_products`.

    Returns
    -------
    pandas.DataFrame
        `from_code, to_code, weight`, sorted; weights are above 0 and add up to 1 for each `from_code`.

    Examples
    --------
    >>> import pandas as pd
    >>> pairs = pd.DataFrame({"from_hs": ["a", "a", "b", "b"], "from_code": ["1", "1", "2", "3"], "to_hs": ["b", "b", "c", "c"],
    ...                       "to_code": ["2", "3", "9", "9"], "weight": [0.5, 0.5, 1, 1]})
    >>> conversion_weights(pairs, from_hs="a", to_hs="c", weights="weight").values.tolist()
    [['1', '9', 1.0]]
    """
    pairs = _pairs(concordance)
    if weights not in pairs:
        raise unknown_name("column of weights", weights, [str(name) for name in pairs if name not in _PAIRS])
    steps = _steps(pairs, from_hs, to_hs)
    total = _step(pairs, *steps[0], weights) if steps else _identity(pairs, from_hs)
    for step in steps[1:]:
        following = _step(pairs, *step, weights).set_axis(["to_code", "target", "next"], axis=1)
        both = total.merge(following, on="to_code", how="left")
        _raise_unknown(sorted(set(both.loc[both["next"].isna(), "to_code"])), [], step[0])
        both["weight"] *= both["next"]
        sums = both.groupby(["from_code", "target"])["weight"].sum()
        total = sums.rename_axis(["from_code", "to_code"]).reset_index()
    return total.sort_values(["from_code", "to_code"], ignore_index=True)


def _pairs(concordance: Any) -> pd.DataFrame:
    pairs = read(concordance, columns=_PAIRS).to_pandas()
    empty = [name for name in _PAIRS if pairs[name].isna().any()]
    if empty:
        raise TableError(
            f"The concordance has missing entries in {', '.join(empty)}; drop or fill them first."
        )
    return pairs


def _steps(pairs: pd.DataFrame, from_hs: str, to_hs: str) -> list[tuple[str, str]]:
    """Find the shortest path through the revisions."""
    edges = pairs[["from_hs", "to_hs"]].drop_duplicates().astype(str).to_numpy().tolist()
    known = sorted({hs for edge in edges for hs in edge})
    for name in (from_hs, to_hs):
        if name not in known:
            raise unknown_name("revision", name, known, of="the concordance")
    paths: dict[str, list[tuple[str, str]]] = {from_hs: []}
    reached = [from_hs]
    for here in reached:
        for old, new in edges:
            if old == here and new not in paths:
                paths[new] = [*paths[here], (old, new)]
                reached.append(new)
    if to_hs not in paths:
        raise LabError(f"The concordance has no path from {from_hs} to {to_hs}.")
    return paths[to_hs]


def _identity(pairs: pd.DataFrame, hs: str) -> pd.DataFrame:
    known = [pairs.loc[pairs[f"{side}_hs"] == hs, f"{side}_code"] for side in ("from", "to")]
    codes = pd.concat(known).drop_duplicates()
    return pd.DataFrame({"from_code": codes, "to_code": codes, "weight": 1.0})


def _step(pairs: pd.DataFrame, old: str, new: str, column: str) -> pd.DataFrame:
    part = pairs[(pairs["from_hs"] == old) & (pairs["to_hs"] == new)]
    part = part[["from_code", "to_code"]].astype("str").assign(weight=part[column].astype("float64"))
    sums = part.groupby("from_code")["weight"].transform("sum")
    wrong = ~(part["weight"] >= 0) | ~((sums - 1).abs() <= _TOLERANCE)
    if wrong.any():
        raise TableError(
            f"The weights of {part.loc[wrong, 'from_code'].iloc[0]!r} from {old} to {new} in column {column!r} are missing or "
            "negative, or do not add up to 1."
        )
    return part[part["weight"] > 0]
