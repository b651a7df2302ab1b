"""Values carried from one product classification to another, by the pairs and weights of a concordance.

The concordance is a table that the caller passes, `lab.load("hs_concordance")`: a metric reads no catalogue, and a run that
converts records which concordance it used. Any classification with such a table will do, not the HS alone.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd
import pyarrow as pa

from mic2025lab.engine.codes import Codes
from mic2025lab.engine.frame import Frame, columns_of, read
from mic2025lab.engine.groups import fill_missing, group
from mic2025lab.errors import LabError, TableError, nearest, unknown_name

__all__ = ["assumed_share", "conversion_weights", "convert_products"]

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
    weights: Any = "weight_main",
    keep: Iterable[str] = (),
) -> Any:
    """Carry values from one revision of a product classification to another.

    `new(k) = sum over p of w(p, k) old(p)`, where the weights w(p, .) of a code add up to 1: what is split is split whole, what is
    merged is added, and the total of every group of keys is preserved. Revisions that are not neighbours are reached step by step.

    Parameters
    ----------
    table : pandas.DataFrame, polars.DataFrame or pyarrow.Table
        One row for each product and combination of keys. Every column that is not `product`, `value` or `hs` is a key; rows that
        agree in all keys and in the new code are added up. A column `hs` must say `from_hs`, and says `to_hs` afterwards.
    concordance : table
        `from_hs, from_code, to_hs, to_code` and columns of weights, as `lab.load("hs_concordance")`.
    from_hs, to_hs : str
        Revision of the table, and the one wanted.
    product : str
        Column of codes, text with its zeros.
    value : str or list of str
        Columns to carry: amounts that may be added (values, quantities), in any unit; never shares, prices or indices.
    weights : str or table
        A column of the concordance: `weight_main`, all to the code that goes on under its number and otherwise equal parts among
        the likely targets, or `weight`, equal parts 1/n. Or a table of your own, `from_code, to_code, weight` (with `from_hs, to_hs`
        if the way has several steps): each code in it is split by it in proportion, pairs it lacks get nothing; codes
        that are not in it are split by `weight_main`. Trade in a year that is reported in both revisions is such a table.
    keep : iterable of str
        Codes that are in no revision (a reporter's own, as 880000 for all aircraft) and go over as they are.

    Returns
    -------
    table
        Of the caller's kind, sorted by its keys in the order of its columns.

    Raises
    ------
    TableError
        If a code is not of `from_hs` (the codes are named, with the nearest), the table says another revision, a key column holds
        fractions, or own weights are negative, add up to 0 for a code, or pair codes that the concordance does not.
    UnknownName
        If the concordance has no such revision or column.

    Notes
    -----
    A missing value is left out of a sum, which is missing only where all its parts are. Zeros stay zeros. See `assumed_share` for how much of
    a total rests on the weights.

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
    keys = _keys(frame, product, values, from_hs)
    split = conversion_weights(concordance, from_hs=from_hs, to_hs=to_hs, weights=weights)
    codes = frame.codes(product)
    split = _of(split, codes, from_hs, keep)
    targets, target = np.unique(split["to_code"].to_numpy(dtype=str), return_inverse=True)
    counts = split.groupby("from").size().reindex(range(len(codes)), fill_value=0).to_numpy()
    starts = np.concatenate([[0], np.cumsum(counts)[:-1]])
    rows = np.repeat(np.arange(len(frame)), counts[codes.raw])  # each row once for each of its targets
    begin = np.cumsum(counts[codes.raw]) - counts[codes.raw]
    entry = starts[codes.raw[rows]] + np.arange(len(rows)) - begin[rows]
    new = Codes(product, target[entry], pa.array(targets.tolist()))
    columns = [new if name == product else frame.codes(name).keep(rows) for name in keys]
    groups = group(columns)
    there = groups.present
    found = dict(zip(keys, zip(columns, groups.codes(there), strict=True), strict=True))
    share = split["weight"].to_numpy()[entry]
    sums = {name: _sum(groups, frame.numbers(name)[rows] * share, there) for name in values}
    built: dict[str, Any] = {}
    for name in frame.columns:
        if name in sums:
            built[name] = sums[name]
        elif name == product:
            built[name] = _labels(frame, name, found[name][1], targets.tolist())
        elif name in found:
            column, raw = found[name]
            built[name] = column.decode(raw)
        else:
            built[name] = _labels(frame, name, np.zeros(len(there), np.int64), [to_hs])
    return frame.build(built)


def _sum(groups: Any, values: np.ndarray, there: np.ndarray) -> np.ndarray:
    filled, missing = fill_missing(values)
    total = groups.sum(filled)[there]
    if missing is not None:
        total[groups.count(~missing)[there] == 0] = np.nan
    return total


def _keys(frame: Frame, product: str, values: Sequence[str], from_hs: str) -> list[str]:
    """Find the key columns with the product among them, in the table's order; check the revision that the table says."""
    if "hs" in frame.columns:
        says = frame.codes("hs").labels
        if says != [from_hs]:
            raise TableError(
                f"The column 'hs' says {', '.join(map(repr, says))}, not {from_hs!r} alone: give the revision that the codes are in, "
                "and convert revision by revision."
            )
    schema = nw.from_native(frame.native).schema
    keys = [name for name in frame.columns if name not in values and name != "hs"]
    for name in keys:
        if schema[name].is_float():
            raise TableError(
                f"Column {name!r} holds fractions and would be a key: name it in `value` if its numbers may be added, or drop it."
            )
    columns_of(product, values)
    return keys


def _labels(frame: Frame, name: str, codes: np.ndarray, labels: list[str]) -> pa.Array:
    """Text for a column of the result, as a dictionary where the caller's column is one."""
    dictionary = pa.DictionaryArray.from_arrays(pa.array(codes.astype(np.int32)), pa.array(labels))
    kind = nw.from_native(frame.native).schema[name]
    return dictionary if kind in (nw.Categorical, nw.Enum) else dictionary.cast(pa.string())


def _of(split: pd.DataFrame, codes: Codes, from_hs: str, keep: Iterable[str]) -> pd.DataFrame:
    """Weights of the codes that a table has, in the order of its labels; the others are named."""
    labels = codes.labels
    odd = [label for label in labels if not isinstance(label, str)]
    if odd:
        raise TableError(
            f"Products must be text with their zeros, and {codes.name!r} holds {odd[0]!r} ({type(odd[0]).__name__}): "
            "products.pad puts a lost zero back."
        )
    place = {label: number for number, label in enumerate(labels)}
    known = dict.fromkeys(split["from_code"])
    kept = list(columns_of(keep))
    if both := [code for code in kept if code in known]:
        raise TableError(
            f"Codes to keep as they are must not be in {from_hs}, and {both[0]!r} is: leave it out of `keep`."
        )
    own = [code for code in kept if code in place]
    split = pd.concat(
        [split, pd.DataFrame({"from_code": own, "to_code": own, "weight": 1.0}, index=range(len(own)))]
    )
    known |= dict.fromkeys(own)
    _raise_unknown(
        [label for label in labels if label not in known],
        list(known),
        f"the concordance has not in {from_hs}",
    )
    split = split.assign(**{"from": split["from_code"].map(place)})
    return split[split["from"].notna()].sort_values(["from", "to_code"], ignore_index=True)


def _raise_unknown(unknown: Sequence[str], known: Sequence[str], where: str) -> None:
    if not unknown:
        return
    told = [
        f"{code!r}" + (f" (nearest {near!r})" if (near := _near(code, known)) else "")
        for code in unknown[:_NAMED]
    ]
    more = f", and {len(unknown) - _NAMED} more" if len(unknown) > _NAMED else ""
    raise TableError(
        f"{len(unknown)} code{'s' if len(unknown) > 1 else ''} that {where}: {', '.join(told)}{more}. Only six-digit codes can be converted; "
        "check the revision, put lost zeros back (products.pad), name a reporter's own codes in `keep`, or drop these rows."
    )


def _near(code: str, known: Sequence[str]) -> str | None:
    """Find the code that lost its zero, or the one most alike under the same heading."""
    if f"0{code}" in known:
        return f"0{code}"
    return nearest(code, [other for other in known if len(code) > 4 and other[:4] == code[:4]])


def conversion_weights(
    concordance: Any, *, from_hs: str, to_hs: str, weights: Any = "weight_main"
) -> pd.DataFrame:
    """List what becomes of each code on the way from one revision to another: the weights of all steps multiplied.

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
    pairs = _pandas(concordance, _PAIRS, "The concordance")
    own = (
        None
        if isinstance(weights, str)
        else _pandas(weights, ("from_code", "to_code", "weight"), "The table of weights")
    )
    column = weights if isinstance(weights, str) else "weight_main"
    if column not in pairs:
        raise unknown_name("column of weights", column, [str(name) for name in pairs if name not in _PAIRS])
    steps = _way(pairs, from_hs, to_hs)
    if own is not None and len(steps) > 1 and not {"from_hs", "to_hs"} <= set(own):
        raise TableError(
            f"From {from_hs} to {to_hs} there are {len(steps)} steps: weights of your own need the columns from_hs and to_hs, "
            "which say the step they are for."
        )
    made = _step(pairs, steps[0], column, own) if steps else _same(pairs, from_hs)
    for step in steps[1:]:
        after = _step(pairs, step, column, own)
        both = made.merge(after, left_on="to_code", right_on="from_code", suffixes=("", "_after"), how="left")
        _raise_unknown(
            sorted(set(both.loc[both["weight_after"].isna(), "to_code"])),
            [],
            f"the concordance has not in {step[0]}",
        )
        both["weight"] = both["weight"] * both["weight_after"]
        sums = both.groupby(["from_code", "to_code_after"])["weight"].sum()
        made = sums.rename_axis(["from_code", "to_code"]).reset_index()
    return made.sort_values(["from_code", "to_code"], ignore_index=True)


def _pandas(table: Any, needed: Sequence[str], what: str) -> pd.DataFrame:
    frame = read(table, columns=needed).to_pandas()
    empty = [name for name in needed if frame[name].isna().any()]
    if empty:
        raise TableError(f"{what} has missing entries in {', '.join(empty)}; drop or fill them first.")
    return frame


def _way(pairs: pd.DataFrame, from_hs: str, to_hs: str) -> list[tuple[str, str]]:
    """Find the shortest way through the revisions."""
    steps = pairs[["from_hs", "to_hs"]].drop_duplicates().astype(str).itertuples(index=False, name=None)
    graph: dict[str, list[str]] = {}
    for old, new in steps:
        graph.setdefault(old, []).append(new)
        graph.setdefault(new, [])
    for name in (from_hs, to_hs):
        if name not in graph:
            raise unknown_name("revision", name, graph, of="the concordance")
    ways, met = deque([[from_hs]]), {from_hs}
    while ways:
        way = ways.popleft()
        if way[-1] == to_hs:
            return list(pairwise(way))
        for new in graph[way[-1]]:
            if new not in met:
                met.add(new)
                ways.append([*way, new])
    raise LabError(f"The concordance has no way from {from_hs} to {to_hs}.")


def _same(pairs: pd.DataFrame, hs: str) -> pd.DataFrame:
    codes = sorted(
        set(pairs.loc[pairs["from_hs"] == hs, "from_code"]) | set(pairs.loc[pairs["to_hs"] == hs, "to_code"])
    )
    return pd.DataFrame({"from_code": codes, "to_code": codes, "weight": 1.0})


def _step(pairs: pd.DataFrame, step: tuple[str, str], column: str, own: pd.DataFrame | None) -> pd.DataFrame:
    part = pairs[(pairs["from_hs"] == step[0]) & (pairs["to_hs"] == step[1])]
    part = part[["from_code", "to_code"]].astype("str").assign(weight=part[column].astype("float64"))
    if own is not None:
        part = _with_own(part, _own_of(own, step), step)
    sums = part.groupby("from_code")["weight"].transform("sum")
    off = (part["weight"] < 0) | ((sums - 1).abs() > _TOLERANCE)
    if off.any():
        raise TableError(
            f"The weights of {part.loc[off, 'from_code'].iloc[0]!r} from {step[0]} to {step[1]} do not add up to 1, or one is negative; "
            f"the column {column!r} is not one of weights."
        )
    return part[part["weight"] > 0]


def _own_of(own: pd.DataFrame, step: tuple[str, str]) -> pd.DataFrame:
    if {"from_hs", "to_hs"} <= set(own):
        own = own[(own["from_hs"] == step[0]) & (own["to_hs"] == step[1])]
    own = own[["from_code", "to_code"]].astype("str").assign(weight=own["weight"].astype("float64"))
    twice = own.duplicated(["from_code", "to_code"])
    if twice.any():
        raise TableError(
            f"The table of weights has the pair {own.loc[twice].iloc[0, :2].tolist()} more than once; add it up first."
        )
    if (own["weight"] < 0).any() or not np.isfinite(own["weight"]).all():
        bad = own.loc[~(own["weight"] >= 0) | ~np.isfinite(own["weight"]), "from_code"].iloc[0]
        raise TableError(f"The weights of {bad!r} must be zero or more, and finite.")
    return own


def _with_own(part: pd.DataFrame, own: pd.DataFrame, step: tuple[str, str]) -> pd.DataFrame:
    """Put own weights, in proportion, in the place of the concordance's for the codes that have them."""
    both = own.merge(part[["from_code", "to_code"]], how="left", indicator=True)
    strange = both[both["_merge"] == "left_only"]
    if len(strange):
        raise TableError(
            f"The table of weights pairs {strange.iloc[0]['from_code']!r} with {strange.iloc[0]['to_code']!r}, which the concordance from "
            f"{step[0]} to {step[1]} does not ({len(strange)} such pairs)."
        )
    total = own.groupby("from_code")["weight"].transform("sum")
    if (total == 0).any():
        raise TableError(
            f"The weights of {own.loc[total == 0, 'from_code'].iloc[0]!r} add up to 0 and cannot be made shares; leave the code out, "
            "and it is split by the concordance."
        )
    kept = part[~part["from_code"].isin(own["from_code"])]
    return pd.concat([kept, own.assign(weight=own["weight"] / total)], ignore_index=True)


def assumed_share(
    table: Any,
    *,
    concordance: Any,
    from_hs: str,
    to_hs: str,
    product: str = "product",
    value: str = "value",
    keep: Iterable[str] = (),
) -> float:
    """Measure how much of a total would rest on the weights: the share of the value in codes with more than one target.

    `sum of |value| over codes that end in more than one code / sum of |value|`. At 0 every set of weights gives the same result.

    Parameters
    ----------
    table, concordance, from_hs, to_hs, product, value, keep
        As in `convert_products`; every pair of the concordance counts, whatever its weight.

    Returns
    -------
    float
        Between 0 and 1; missing (nan) if the values add up to 0. Missing values are left out.

    Examples
    --------
    >>> import pandas as pd
    >>> pairs = pd.DataFrame({"from_hs": "HS12", "from_code": ["01", "02", "02"], "to_hs": "HS17",
    ...                       "to_code": ["11", "11", "12"], "weight": [1, 0.5, 0.5]})
    >>> trade = pd.DataFrame({"product": ["01", "02"], "value": [6.0, 2.0]})
    >>> assumed_share(trade, concordance=pairs, from_hs="HS12", to_hs="HS17")
    0.25
    """
    frame = read(table, columns=[product, value])
    pairs = _pandas(concordance, _PAIRS, "The concordance")
    size = pairs.groupby(["from_hs", "to_hs", "from_code"])["to_code"].transform("size")
    split = _of(
        conversion_weights(pairs.assign(equal=1 / size), from_hs=from_hs, to_hs=to_hs, weights="equal"),
        frame.codes(product),
        from_hs,
        keep,
    )
    many = (split.groupby("from").size() > 1).to_numpy()
    amounts = np.abs(frame.numbers(value))
    total = float(np.nansum(amounts))
    return float(np.nansum(amounts[many[frame.codes(product).raw]])) / total if total else float("nan")
