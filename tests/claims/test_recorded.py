"""What the ledger and the board name is what the notebooks record."""

import re
from functools import cache

import pytest

from mic2025lab.analyses import ANALYSES, notebook_file
from mic2025lab.claims import named_tests

#: A call that records a figure, whose name may be that of a panel ("simulated_" before it), a text with places, or a variable.
CALL = re.compile(r'\.record(?:_specifications)?\(\s*(?:\w+\.named\()?(?:f?"([^"]*)")?')


@cache
def recorded(analysis):
    """Patterns of the names of the figures that a notebook records."""
    names = CALL.findall("\n".join(notebook_file.read(ANALYSES[analysis]).texts("code")))
    return [re.sub(r"\{[^}]*\}|^$", "[a-z0-9_-]*", name) for name in names]


@pytest.mark.parametrize("analysis", sorted({test.analysis for test in named_tests()}))
def test_every_figure_that_is_named_is_one_that_the_notebook_records(analysis):
    patterns = recorded(analysis)
    assert patterns
    for test in named_tests():
        if test.analysis == analysis:
            assert any(re.fullmatch(known, test.figure) for known in patterns), (analysis, test.figure)


def test_a_name_that_no_notebook_records_is_found_out():
    assert not any(re.fullmatch(known, "utilisation_gap") for known in recorded("overcapacity"))
    assert any(re.fullmatch(known, "utilization_gap_rail") for known in recorded("overcapacity"))
    assert any(re.fullmatch(known, "years_since_peak_ppp") for known in recorded("productivity_costs"))
