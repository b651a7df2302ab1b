"""How numbers, names and sentences are written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mic2025lab.results.run import Figure
from mic2025lab.site import text


def figure(value, low=None, high=None):
    return Figure(value=value, low=low, high=high, unit=None, note=None)


@pytest.mark.parametrize(
    ("given", "written"),
    [
        (figure(-0.5589, -1.7057, 0.5879), ("−0.56", "−1.71 to 0.59")),
        (figure(0.06026, -0.18468, 0.24655), ("0.060", "−0.185 to 0.247")),
        (figure(34.2987, 30.0, 41.0), ("34.3", "30.0 to 41.0")),
        (figure(3346.672, -100.0, 12000.0), ("3,347", "−100 to 12,000")),
        (figure(6, 4, 9), ("6", "4 to 9")),
        (figure(-0.0001, -2.0, 2.0), ("0.00", "−2.00 to 2.00")),
        (figure(34.2987), ("34.3", "")),
        (figure(2021), ("2021", "")),
        (figure("rose"), ("rose", "")),
        (figure(None), ("n/a", "")),
        (figure(True), ("yes", "")),
        (figure(1.0, "low", "high"), ("1", "")),
        (figure(0.0, 0.0, 0.0), ("0", "0 to 0")),
    ],
)
def test_a_number_and_its_interval_have_the_same_decimals(given, written):
    assert text.measured(given) == written


def test_a_column_has_the_same_decimals():
    column = [figure(2.0), figure(0.824), figure(11.37)]
    assert [text.measured(one, column)[0] for one in column] == ["2.0", "0.8", "11.4"]


@given(st.floats(-1e9, 1e9), st.floats(-1e9, 1e9), st.floats(-1e9, 1e9))
def test_what_is_written_is_the_number(value, low, high):
    size = max(abs(value), abs(low), abs(high))
    number, interval = text.measured(figure(value, low, high))
    read = [float(part.replace("−", "-").replace(",", "")) for part in (number, *interval.split(" to "))]
    assert read == pytest.approx(
        [value, low, high], abs=max(0.5, 0.005 * size) if size >= 100 else 0.005 * size + 1e-300
    )


@given(st.text())
def test_whatever_a_sentence_holds_is_escaped(sentence):
    shown = str(text.emphasis(sentence))
    for tag in ("strong", "em"):
        shown = shown.replace(f"<{tag}>", "").replace(f"</{tag}>", "")
    assert not set("<>\"'") & set(shown)
