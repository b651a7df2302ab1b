"""The sentences follow the numbers: turn the data around and the words turn too."""

from hypothesis import given
from hypothesis import strategies as st

from mic2025lab import findings

PACE = st.floats(-5, 5).filter(lambda x: abs(x) > 1e-3)


@given(before=PACE, after=PACE)
def test_mirrored_numbers_give_mirrored_words(before, after):
    def mirrored(word):
        return word.replace("gains", "~").replace("losses", "gains").replace("~", "losses")

    if abs(before + after) > 1e-9:
        assert findings.pace_word(-before, -after) == mirrored(findings.pace_word(before, after))


@given(change=PACE, middle=PACE, half=st.floats(0.01, 3), extra=st.floats(0.01, 3))
def test_a_wider_interval_never_makes_an_answer_clear(change, middle, half, extra):
    if not findings.is_clear(change, middle - half, middle + half):
        assert not findings.is_clear(change, middle - half - extra, middle + half + extra)


@given(before=PACE, after=PACE)
def test_decimals_add_up_or_are_the_most(before, after):
    digits = findings.decimals(before, after)
    first, last, change = (round(each, digits) for each in (before, after, after - before))
    assert digits == 4 or abs(first + change - last) < 0.5 * 10**-digits
