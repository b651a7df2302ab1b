"""`mic2025lab claims`: the claims ledger and its verdicts from a folder of reports."""

from __future__ import annotations

from pathlib import Path

import click

from mic2025lab.cli.common import FILE, Listing, json_option, json_text, reports_option
from mic2025lab.templates import render

_ledger_option = click.option("--ledger", type=FILE, help="Your own ledger; default: the package's.")


@click.group()
def claims() -> None:
    """The claims ledger and its verdicts."""


@claims.command("list", cls=Listing)
@_ledger_option
def claims_list(ledger: Path | None) -> None:
    """List the claims."""
    from mic2025lab.claims import ledger as entries

    for claim in entries.read(ledger or entries.LEDGER):
        head = f"{claim.number:>2}  {claim.kind:<5} {claim.id:<24}"
        click.echo(f"{head} {len(claim.tests)} tests  {claim.sentence}")


@claims.command("show", cls=Listing)
@click.argument("name", metavar="ID")
@reports_option
@_ledger_option
def claims_show(name: str, reports: Path, ledger: Path | None) -> None:
    """Show one claim in full.

    ID is its name or number. Shows the verdict, also by base year, the parts with their tests, and what could overturn it. Under a test is
    its forest plot: ● ◐ ○ the headline, ─ its interval, · the specifications, ┊ the
    margin; right of │ supports the claim.
    """
    from mic2025lab.claims import evidence, forest, judge
    from mic2025lab.claims import ledger as entries

    claim = entries.get(entries.read(ledger or entries.LEDGER), name)
    one = judge(claim, evidence.runs(reports, {test.analysis for test in claim.tests}))
    template = Path(__file__).with_name("claim.txt.j2")
    click.echo(render(template, claim=claim, one=one, forest=forest), nl=False)


@claims.command("evaluate")
@reports_option
@_ledger_option
@json_option
def claims_evaluate(reports: Path, ledger: Path | None, as_json: bool) -> None:
    """Judge all claims by the runs in a folder of reports."""
    from mic2025lab.claims import evaluate
    from mic2025lab.claims.ledger import LEDGER

    judged = evaluate(reports, path=ledger or LEDGER)
    if as_json:
        click.echo(json_text([{**vars(one), "verdict": one.verdict, "counts": one.counts} for one in judged]))
        return
    for one in judged:
        head = f"{one.claim.number:>2}  {one.verdict:<13}  {one.claim.id:<24}"
        click.echo(f"{head} {one.coverage}; {one.counts}")
    tests = [each for one in judged for each in one.tests]
    if unrun := sum(each.reason.startswith("no good run") for each in tests):
        click.echo(f"{unrun} of {len(tests)} tests have no run; make the runs with: mic2025lab batch default")
