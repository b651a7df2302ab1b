"""`mic2025lab claims`: the claims ledger, and what the evidence in a folder of reports says of it."""

from __future__ import annotations

import math
import textwrap
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from mic2025lab.cli.common import asked, json_text, reports_option

_ledger_option = click.option(
    "--ledger",
    type=click.Path(dir_okay=False, path_type=Path),
    help="A ledger of your own; the package's by default.",
)


@click.group()
def claims() -> None:
    """The claims ledger: what is claimed, which figures test it, and the verdict by rule."""


@claims.command("list")
@_ledger_option
def claims_list(ledger: Path | None) -> None:
    """List the claims."""
    from mic2025lab.claims import ledger as entries

    with asked():
        for claim in entries.read(ledger or entries.LEDGER):
            click.echo(
                f"{claim.number:>2}  {claim.kind:<5} {claim.id:<24} {len(claim.tests)} tests  {claim.sentence}"
            )


@claims.command("show")
@click.argument("name", metavar="ID")
@reports_option
@_ledger_option
def claims_show(name: str, reports: Path, ledger: Path | None) -> None:
    """Show claim ID (or its number): its tests, the evidence of each, the verdict and what could overturn it."""
    from mic2025lab.claims import evidence, judge
    from mic2025lab.claims import ledger as entries

    with asked():
        claim = entries.get(entries.read(ledger or entries.LEDGER), name)
        one = judge(claim, evidence.runs(reports, {test.analysis for test in claim.tests}))
    click.echo(f"{claim.number}. {claim.sentence}\n")
    _told("Why it matters", claim.why)
    for each in one.tests:
        click.echo(f"\n  {each.outcome:<8} {each.test.says}")
        click.echo(f"           {each.test.analysis}: {each.test.figure}, {each.test.asks}")
        click.echo(f"           {each.evidence.told}")
    click.echo(f"\nVerdict: {one.verdict} ({one.counts})\n")
    _told("Not covered", claim.coverage)
    _told("Would test the rest", claim.wanted)
    _told("Could overturn it", claim.overturned_by)


@claims.command("evaluate")
@reports_option
@_ledger_option
@click.option("--json", "as_json", is_flag=True, help="As JSON, with every figure.")
def claims_evaluate(reports: Path, ledger: Path | None, as_json: bool) -> None:
    """Judge every claim by the runs in a folder of reports."""
    from mic2025lab.claims import evaluate
    from mic2025lab.claims.ledger import LEDGER

    with asked():
        judged = evaluate(reports, path=ledger or LEDGER)
    if as_json:
        content = [{**asdict(one), "verdict": one.verdict, "counts": one.counts} for one in judged]
        click.echo(json_text(_finite(content)))
        return
    for one in judged:
        click.echo(f"{one.claim.number:>2}  {one.verdict:<13}  {one.claim.id:<24} {one.counts}")


def _finite(value: Any) -> Any:
    """Make null of an end of an interval that is infinite, as JSON has no such number."""
    if isinstance(value, dict):
        return {name: _finite(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(part) for part in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _told(head: str, text: str) -> None:
    click.echo(textwrap.fill(f"{head}: {text}", 100, subsequent_indent="  "))
