"""Random tables for properties of metrics."""

from itertools import product

import numpy as np
import pandas as pd
from hypothesis import settings
from hypothesis import strategies as st

few = settings(max_examples=settings.default.max_examples // 3)  # of tables with many rows
positive = st.floats(1e-3, 1e6)
whole = st.integers(1, 4).map(float)  # with ties, and quotients at thresholds
with_zeros = st.just(0.0) | positive
with_holes = st.none() | with_zeros
EXPORTS = {
    "exporter": ["CHN", "USA", "JPN", "DEU"],
    "product": ["0101", "8542", "8703", "270900"],
    "year": [2015],
}
INDUSTRIES = {"economy": ["CHN", "USA", "JPN"], "industry": ["cars", "steel"], "year": [2015, 2022]}
TRADE = {"exporter": ["CHN", "HKG", "JPN", "DEU"], "product": ["0101", "8542"], "year": [2016, 2017]}
TRADE["importer"] = TRADE["exporter"]  # who also buys at home


@st.composite
def tables(draw, keys, amounts=with_holes, numbers=("value",), full=False):
    """Numbers for some combinations of labels (for all, if full), in any order."""
    every = list(product(*keys.values()))
    kept = draw(st.permutations(every) if full else st.lists(st.sampled_from(every), min_size=1, unique=True))
    table = pd.DataFrame(kept, columns=list(keys))
    for name in numbers:
        table[name] = np.array(draw(st.lists(amounts, min_size=len(kept), max_size=len(kept))), float)
    return table
