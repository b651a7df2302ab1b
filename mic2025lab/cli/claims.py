"""`mic2025lab claims`: the claims ledger and its verdicts from a folder of reports."""

from __future__ import annotations

import math
import textwrap
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from mic2025lab.cli.common import json_text, report_errors, reports_option

_ledger_option = click.option(
    "--ledger",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Your own ledger; default: the package's.",
)


@click.group()
def claims() -> None:
    """The claims ledger and its verdicts."""


@claims.command("list")
@_ledger_option
def claims_list(ledger: Path | None) -> None:
    """List the claims."""
    from mic2025lab.claims import ledger as entries

    with report_errors():
        for claim in entries.read(ledger or entries.LEDGER):
            click.echo(
                f"{claim.number:>2}  {claim.kind:<5} {claim.id:<24} {len(claim.tests)} tests  {claim.sentence}"
            )


@claims.command("show")
@click.argument("name", metavar="ID")
@reports_option
@_ledger_option
def claims_show(name: str, reports: Path, ledger: Path | None) -> None:
    """Show one claim in full.

    ID is its name or number. Shows tests, evidence, verdict, and what could overturn it.
    """
    from mic2025lab.claims import evidence, judge
    from mic2025lab.claims import ledger as entries

    with report_errors():
        claim = entries.get(entries.read(ledger or entries.LEDGER), name)
        one = judge(claim, evidence.runs(reports, {test.analysis for test in claim.tests}))
    click.echo(f"{claim.number}. {claim.sentence}\n")
    _print_paragraph("Why it matters", claim.why)
    for each in one.tests:
        click.echo(f"\n  {each.outcome:<8} {each.test.says}")
        click.echo(f"           {each.test.analysis}: {each.test.figure}, {each.test.asks}")
        click.echo(f"           {each.evidence.told}")
        if each.evidence.specifications:
            beyond, other = each.shares
            click.echo(
                f"           {len(each.evidence.estimates or [])} specifications: {beyond:.0%} beyond the margin, {other:.0%} on the other side"
            )
        if each.outcome == "unclear":
            click.echo(f"           unclear because {each.reason}")
    click.echo(f"\nVerdict: {one.verdict} ({one.coverage}; tests: {one.counts})\n")
    _print_paragraph("Not covered", claim.coverage)
    _print_paragraph("Data that would test the rest", claim.wanted)
    _print_paragraph("Could overturn it", claim.overturned_by)


@claims.command("evaluate")
@reports_option
@_ledger_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON with every figure.")
def claims_evaluate(reports: Path, ledger: Path | None, as_json: bool) -> None:
    """Judge all claims by the runs in a folder of reports."""
    from mic2025lab.claims import evaluate
    from mic2025lab.claims.ledger import LEDGER

    with report_errors():
        judged = evaluate(reports, path=ledger or LEDGER)
    if as_json:
        content = [{**asdict(one), "verdict": one.verdict, "counts": one.counts} for one in judged]
        click.echo(json_text(_without_infinities(content)))
        return
    for one in judged:
        click.echo(
            f"{one.claim.number:>2}  {one.verdict:<13}  {one.claim.id:<24} {one.coverage}; {one.counts}"
        )


def _without_infinities(value: Any) -> Any:
    """Replace infinite ends of intervals by null, because JSON has no infinity."""
    if isinstance(value, dict):
        return {name: _without_infinities(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_without_infinities(part) for part in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _print_paragraph(head: str, text: str) -> None:
    click.echo(textwrap.fill(f"{head}: {text}", 100, subsequent_indent="  "))
