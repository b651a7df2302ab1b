"""The sentences that notebooks write at thirty parameter sets, and the rules that no sentence may break.

    python tests/notebooks/sentences.py FILE [ANALYSIS …]

runs every analysis at every set in this process, without a kernel and without drawing files, and writes all sentences to FILE: findings,
titles of figures, captions, notes, and printed lines. A line that breaks a rule begins with `!`. Sets with the same parameters of an
analysis are one run. Read the file after a change of a notebook: a rule finds nonsense, not what is clumsy.
"""

import json
import re
import sys
import tempfile
import traceback
import warnings
from pathlib import Path

import cells
import yaml

from mic2025lab import analyses
from mic2025lab.errors import ParameterError

#: The thirty sets, and the analyses at some of them that the tests run.
CHOSEN = yaml.safe_load(Path(__file__).with_suffix(".yml").read_text(encoding="utf-8"))
SETS = CHOSEN["sets"]

#: The first draws show what the sentences are; the number of draws does not change their words.
FEW = {"draws": 100, "replications": 10}


def parameters(analysis, economy, base_year, sector):
    """Return the parameters of an analysis that a set gives."""
    declared = set(analyses.get(analysis).defaults())
    given = {
        "economy": economy, "base_year": base_year, "sector": sector, "provinces_base_year": base_year,
        "importer": economy, "supplier": "USA" if (economy, base_year) == ("CHN", 2015) else economy, **FEW,
    }  # fmt: skip
    if economy == "USA":
        given["importer"] = "CHN"
    if economy != "CHN":
        given["comparators"] = [each for each in ("CHN", "USA", "JPN", "DEU", "KOR") if each != economy][:4]
    if analysis == "sector_profile" and sector == "all":
        given["sector"] = "rail"
    return {name: value for name, value in given.items() if name in declared}


def runs(analysis):
    """List the different parameters that the sets give an analysis."""
    found = [parameters(analysis, *one) for one in SETS]
    return [one for place, one in enumerate(found) if one not in found[:place]]


def of(results):
    """Kind and text of every sentence in `results.json`."""
    said = [("finding", text) for text in results["finding"]]
    said += [("image", one["alt"]) for one in results["images"].values()]
    said += [("caption", one["caption"]) for one in results["tables"].values()]
    return said + [("note", one["note"]) for one in results["figures"].values() if one["note"]]


def everything(analysis, given):
    """Run the cells of a notebook; return kind and text of everything that it says."""
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # those of libraries
        try:
            printed = cells.run(analysis, given, Path(folder))
        except ParameterError as error:
            return [("refused", str(error))]
        results = json.loads((Path(folder) / "results.json").read_text(encoding="utf-8"))
    return [*of(results), *(("printed", line) for line in printed if line.strip())]


NUMBER = r"[−+-]?\d[\d,]*(?:\.\d+)?"
ROSE = r"(?:rose|grew|increased|gained|up)"
FELL = r"(?:fell|shrank|declined|decreased|lost|down)"
_PATTERNS = {
    "none, and yet others": r"\b(?:in|for|of) none\b[^.;]*;? in the others\b",
    "a doubled unit": r"%\s*%|\bpoints points\b|\b(\w+) of \1 of\b|% percent",
    "a zero with a sign": r"[−+-]0(?:\.0+)?(?![\d.]*[1-9])(?!\d)(?!\.\d)",
    "no number": r"\b(?:nan|inf|NaN|NaT)\b|\bNone\b(?! of| is)|\binfinite\b",
    "a possessive twice": r"s's\b|s’s\b",
    "a raw name": r"\b[a-z]+[a-z0-9]*_[a-z0-9_]+\b",
    "a double word": r"\b([A-Za-z]+) \1\b",
    "a space before a sign": r" [,.;:](?![\d.a-z])|\( | \)|\d %",
    "an empty bracket": r"\(\)|“”|: *[.;]",
    "rose beside a fall": rf"\b{ROSE} (?:by |only )?[−-]\d",
    "fell beside a rise": rf"\b{FELL} (?:by |only )?(?:\+\d|[−-]\d)",
    "one of many": r"\b1 (?:industries|economies|sectors|years|specifications|materials|minerals|products|firms|provinces)\b",
}  # fmt: skip
#: A number, a later one, and their difference, written with the same decimals.
_SUM = rf"by ({NUMBER}) (?:percentage )?points a year before \d{{4}} and by ({NUMBER}) after[^.]*\. The difference \(({NUMBER}),"
#: Tables, parameters, and files may be named where a sentence says what to run.
_COMMAND = re.compile(r"`[^`]*`|\b[\w./-]+=[\w./-]+|\b\w+\.(?:csv|ipynb|yml|parquet)\b|mic2025lab \w+ [\w_]+")


def broken(kind, text):
    """List the rules that a sentence breaks. What a set is refused with is a message, not a sentence.

    >>> broken("finding", "It rose by −0.3 points points; 8 of 7 industries gained.")
    ['a doubled unit', 'a double word', 'rose beside a fall', '8 of 7']
    """
    if kind == "refused":
        return []
    plain = _COMMAND.sub("X", text)
    found = [name for name, pattern in _PATTERNS.items() if re.search(pattern, plain)]
    for part, whole in re.findall(r"(?<![\d.,%−+])\b(\d+) of (?:the |all |its )?(\d+)\b(?![.,]?\d|%)", plain):
        found += [f"{part} of {whole}"] * (int(part) > int(whole))
    for part, whole, percent in re.findall(r"\b(\d+) of (\d+)(?: [a-z]+){0,2} \((\d+(?:\.\d+)?)%\)", plain):
        found += [f"{part} of {whole} is not {percent}%"] * (
            abs(100 * int(part) / int(whole) - float(percent)) > 0.6
        )
    for up, whole, down in re.findall(
        r"\b(\d+) of (\d+) \w+(?:[^.;:\d]*?) and (?:fell|worsened|narrowed|widened|lost) in (\d+)\b(?! of)",
        plain,
    ):
        found += [f"{up} and {down} are more than {whole}"] * (int(up) + int(down) > int(whole))
    for verb, before, after in re.findall(
        rf"\b({ROSE}|{FELL}) from ({NUMBER})[^.;,\d]*(?:in \d{{4}}(?:Q\d)? )?to ({NUMBER})", plain
    ):
        if re.fullmatch(r"(?:19|20)\d\d", before) and re.fullmatch(r"(?:19|20)\d\d", after):
            continue  # from one year to another
        change = _value(after) - _value(before)
        found += [f"{verb} from {before} to {after}"] * (
            change < 0 if re.fullmatch(ROSE, verb) else change > 0
        )
    for first, second, change in re.findall(_SUM, plain):
        digits = max(len(each.partition(".")[2]) for each in (first, second, change))
        off = _value(first) + _value(change) - _value(second)
        found += [f"{first} and {change} is not {second}"] * (abs(off) > 0.5 * 10**-digits)
    return found


def _value(number):
    return float(number.replace("−", "-").replace(",", ""))


def report(names):
    """Run everything; yield the lines of the file."""
    seen = {}
    for analysis in names:
        seen[analysis] = set()
        for given in runs(analysis):
            words = " ".join(f"{name}={value}" for name, value in given.items())
            yield f"\n## {analysis} {words}"
            try:
                said = everything(analysis, given)
            except Exception:  # noqa: BLE001 - a crash is a line of the report
                yield "! CRASH " + traceback.format_exc(limit=-2).replace("\n", "\n    ")
                continue
            for kind, text in said:
                if text in seen[analysis]:
                    continue
                seen[analysis].add(text)
                wrong = broken(kind, text)
                yield f"{'! ' + '; '.join(wrong) + ': ' if wrong else ''}[{kind}] {text}"


def main(arguments):
    names = arguments[1:] or [name for name in analyses.ANALYSES if name != "scorecard"]
    with Path(arguments[0]).open("w", encoding="utf-8") as file:
        for line in report(names):
            print(line, file=file, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
