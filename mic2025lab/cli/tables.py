"""`mic2025lab data`: the tables of the catalog."""

from __future__ import annotations

from pathlib import Path

import click

from mic2025lab.cli.common import FAILED, FILE, WRONG, Commands, Listing, json_option, report_errors

#: How anybody can get a raw file, easiest first, and what is said of a table whose hardest file is obtained so.
_WAYS = {
    "package": "from files of the package",
    "address": "from public addresses, with `mic2025lab data build`",
    "by hand": "from originals to download and to prepare by hand",
    "not": "with files that nobody publishes, from an archive (`mic2025lab data archive`)",
}


@click.group(cls=Commands)
def data() -> None:
    """The tables of the catalog."""


@data.command("list", cls=Listing)
@click.option("--markdown", is_flag=True, help="Print the table of docs/datasets.md.")
def data_list(markdown: bool) -> None:
    """List all tables, and how to get those that are not on this machine."""
    from mic2025lab import catalog
    from mic2025lab.catalog.listing import Listing as Texts

    table = catalog.datasets()
    if markdown:
        click.echo("| table | what | years | rows | license of the data |\n|---|---|---|---:|---|")
        for row in table[table["where"] == "embedded"].to_dict("records"):
            click.echo(
                f"| `{row['name']}` | {row['title']} | {row['years']} | {row['rows']:,} | {row['license']} |"
            )
        return
    click.echo(str(Texts(table[["name", "title", "rows", "years", "license", "where", "get"]])))


@data.command("describe", cls=Listing)
@click.argument("name")
def data_describe(name: str) -> None:
    """Show columns, units, coverage, license, origin, and warnings of table NAME."""
    from mic2025lab import catalog

    click.echo(str(catalog.describe(name)))


@data.command("check", cls=Listing)
@click.argument("file")
@click.option(
    "--as", "form", default="", metavar="FORM", help="Also check that it has the columns of a form."
)
@click.option("--columns", default="", metavar="OURS=THEIRS,...", help="Which of its columns to use.")
def data_check(file: str, form: str, columns: str) -> None:
    """List what is wrong with FILE, a table of your own, row by row.

    If `mic2025lab.yml` names the file, the columns given there are used. `data template` lists the forms. Exit status 2 if anything is wrong.
    """
    from mic2025lab import own_files, own_tables
    from mic2025lab.catalog import own
    from mic2025lab.errors import ParameterError, unknown_name

    if form and form not in own_tables.FORMS:
        raise unknown_name("form", form, own_tables.FORMS, error=ParameterError)
    path = own_files.locate(file, parameter=False)
    chosen = own_files.parse_columns(columns.split(",") if columns else []) or own.columns_of(path)
    checked = own_tables.read(path, chosen, own_files.name_of(path), own_tables.FORMS.get(form, ()))
    for text in [
        f"read: {', '.join(map(str, checked.table))}",
        *checked.notes,
        *own_tables.lines(checked.problems),
    ]:
        click.echo(text)
    if checked.problems:
        raise SystemExit(WRONG)
    click.echo(f"{len(checked.table):,} rows are valid. The key is {', '.join(checked.key)}.")


@data.command("template")
@click.argument("form")
@click.option("--out", type=FILE, help="The file; FORM.csv by default.")
def data_template(form: str, out: Path | None) -> None:
    """Write a CSV file of a FORM: a guide to the columns, the header, and two example rows to replace.

    Forms: market_shares, specialization, trade, penetration, firm_panel.
    """
    from mic2025lab import own_tables
    from mic2025lab.errors import ParameterError

    text, path = own_tables.template(form), out or Path(f"{form}.csv")
    if path.exists():
        raise ParameterError(f"{path} exists. Name another file with --out.")
    path.write_text(text, encoding="utf-8")
    click.echo(f"Wrote {path}. Replace the two example rows, then: mic2025lab data check {path} --as {form}")


@data.command("build")
@click.argument("names", nargs=-1)
def data_build(names: tuple[str, ...]) -> None:
    """Build tables (all, or NAMES) from the raw files."""
    from mic2025lab import sources
    from mic2025lab.errors import unknown_name

    for name in names:
        if name not in sources.TABLES:
            raise unknown_name("table", name, sources.TABLES, listing="mic2025lab data list")
    from mic2025lab.catalog.build import build

    with report_errors(FAILED):
        build(list(names) or None, progress=lambda *words: click.echo(" ".join(map(str, words))))


@data.command("status", cls=Listing)
@click.argument("names", nargs=-1)
@click.option("--sources", is_flag=True, help="Show how to get each raw file without the package.")
@click.option("--check", is_flag=True, help="Ask the producers for their newest vintages (small requests).")
@json_option
def data_status(names: tuple[str, ...], sources: bool, check: bool, as_json: bool) -> None:
    """Show the age, vintages, and licenses of tables, and how to get those not on this machine.

    Shows all tables, or NAMES.
    """
    from mic2025lab import catalog

    table = catalog.sources(names or None) if sources else catalog.status(names or None, check=check)
    if as_json:
        click.echo(table.to_json(orient="records", indent=1))
        return
    click.echo(str(table))
    if sources:
        worst = table.assign(rank=table["how"].map(list(_WAYS).index)).groupby("table")["rank"].max()
        counts = worst.map(dict(enumerate(_WAYS.values()))).value_counts(sort=False)
        click.echo("\nTables: " + "; ".join(f"{count} {told}" for told, count in counts.items()) + ".")


@data.command("diff", cls=Listing)
@click.argument("name")
@click.argument("old")
@click.argument("new")
@click.option(
    "--csv",
    type=FILE,
    help="Also write every changed value to this file.",
)
def data_diff(name: str, old: str, new: str, csv: Path | None) -> None:
    """Show what changed in table NAME between the vintages OLD and NEW: rows added and removed, values, the largest changes."""
    from mic2025lab import catalog

    found = catalog.diff(name, old, new)
    click.echo(str(found))
    if csv:
        found.changes.to_csv(csv, index=False)


@data.command("archive")
@click.argument("names", nargs=-1)
@click.option("-o", "--output", required=True, type=FILE, help="The zip to write.")
def data_archive(names: tuple[str, ...], output: Path) -> None:
    """Write the raw files of tables to a zip that can be deposited, with checksums, citations, and a README.

    Without NAMES, these are the tables that the project's plan loads, or outside a project all tables of the package. Files that may not
    be redistributed are listed, not included. After unzipping, point MIC2025LAB_MIRROR at its folder `raw` to build the tables.
    """
    from mic2025lab.catalog.archive import archive

    wanted = list(names) or _of_the_project()
    with report_errors(FAILED):
        made = archive(output, wanted)
    click.echo(
        f"{made.path}: {len(made.files)} raw files, {made.bytes:,} bytes; {len(made.tables)} tables can be built from it."
    )
    if made.excluded:
        click.echo(f"Not in it, by their licenses (see its README.md): {', '.join(made.excluded)}.")


def _of_the_project() -> list[str] | None:
    """Return the built-in tables that the runs of the project's plan load; None outside a project."""
    from mic2025lab import project, sources
    from mic2025lab.runs.plan import read_plan

    own = project.find()
    if own is None or not own.plan.is_file():
        return None
    loaded = {name for run in read_plan(own.plan) for name in run.described().loads(run.parameters)}
    return sorted(loaded & set(sources.TABLES))


@data.command("fetch")
@click.argument("names", nargs=-1)
@click.option("--vintage", help="Name of the new vintage; default: the producer's, such as wdi-2026-07-01.")
@click.option(
    "--accept", is_flag=True, help="Keep a vintage that looks implausible next to the table in use."
)
def data_fetch(names: tuple[str, ...], vintage: str | None, accept: bool) -> None:
    """Refresh tables from their producers, each as a new vintage.

    Refreshes NAMES, or all tables whose producer has an interface.
    """
    from mic2025lab.catalog.fetching import fetch
    from mic2025lab.errors import LabError
    from mic2025lab.sources.live import INTERFACES

    failed = False
    for name in names or dict.fromkeys(interface.table for interface in INTERFACES):
        try:
            fetch(name, vintage=vintage, accept=accept, progress=click.echo)
        except LabError as error:
            failed = True
            click.echo(f"mic2025lab: {error}", err=True)
    if failed:
        raise SystemExit(FAILED)


@data.command("baci")
@click.argument("place", metavar="ZIP_OR_URL")
@click.option("--sha256", help="Required hash of the zip.")
@click.option("--hs", help="Required revision of the zip, such as HS12.")
@click.option("--years", metavar="FIRST-LAST", help="Years to convert; default: all in the zip.")
def data_baci(place: str, sha256: str | None, hs: str | None, years: str | None) -> None:
    """Convert CEPII's BACI (ZIP_OR_URL) to one Parquet file per year for `scan("baci")`. An interrupted conversion resumes."""
    from mic2025lab.errors import ParameterError
    from mic2025lab.sources.baci import convert

    with report_errors(FAILED):
        first, dash, last = (years or "").partition("-")
        if years and not (first.isdigit() and (last if dash else first).isdigit()):
            raise ParameterError(f"--years {years} must be a year or FIRST-LAST, such as 2012-2023.")
        wanted = range(int(first), int(last or first) + 1) if years else None
        folder = convert(place, sha256=sha256, hs=hs, years=wanted, progress=click.echo)
    click.echo(f"BACI: {folder}")
