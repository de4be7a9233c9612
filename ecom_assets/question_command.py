"""The ``ecom ask`` command: the questions there are, and the answer to one of them."""

from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from ecom_assets.console import Format, out, plain, print_answer, shown
from ecom_assets.errors import ConfigurationError
from ecom_assets.feed_commands import HomeOption, chosen_home, readable_home

if TYPE_CHECKING:
    from ecom_assets.home import Home


def ask(  # noqa: PLR0913, PLR0917 - each option is a parameter
    name: Annotated[
        str | None, typer.Argument(help="Name or number of a question; none lists all")
    ] = None,
    home: HomeOption = None,
    store: Annotated[str | None, typer.Option(help="Only this store")] = None,
    limit: Annotated[
        int | None, typer.Option(help="Rows of each store", min=1, max=999_999)  # MOST_ROWS
    ] = None,
    chosen: Annotated[
        list[str] | None, typer.Option("--set", help="A parameter, as by=day; repeatable")
    ] = None,
    format: Annotated[Format, typer.Option(help="How to print the rows")] = Format.TABLE,  # noqa: A002
    sql: Annotated[bool, typer.Option("--sql", help="Print its query, and do not ask it")] = False,
    docs: Annotated[
        bool, typer.Option("--docs", help="Print a page about all shipped questions (Markdown)")
    ] = False,
) -> None:
    """Answer one of the questions people ask their shop's data, or list them."""
    from ecom_assets.questions.answering import answer_question
    from ecom_assets.questions.catalogue import find_question
    from ecom_assets.questions.document import document
    from ecom_assets.questions.question import LIMIT, STORE

    where = chosen_home(home)
    if docs:
        for section in document(readable_home(home)):
            out.file.write(section + "\n")
    elif name is None:
        _list(where)
    else:
        question = find_question(where, name)
        pairs = _pairs(chosen or [])
        values = question.values(pairs, store, limit)
        if sql:
            out.file.write(question.sql + "\n")
            return
        told = answer_question(readable_home(home), question, values)
        if format is not Format.TABLE:
            print_answer(told.answer, format)
            return
        _say(question.title, question.definition.strip())
        chosen_ones = {*pairs, *([STORE] if store else []), *([LIMIT] if limit else [])}
        if given := [f"{key} = {value}" for key, value in values.items() if key in chosen_ones]:
            _say(", ".join(given))
        if told.answer.rows:
            print_answer(told.answer, format)
        _say(*told.silent)


def _list(home: "Home") -> None:
    """Prints all questions: the shipped ones and those of a home."""
    from ecom_assets.questions.catalogue import own_files, read_own, shipped_questions

    own = own_files(home)
    table = Table("number", "name", "question")
    for question in shipped_questions().values():
        if question.name not in own:
            table.add_row(str(question.number), question.name, plain(question.title))
    for name, path in own.items():
        try:
            table.add_row("", plain(name), f"{plain(read_own(path).title)} ({plain(path)})")
        except ConfigurationError as error:
            table.add_row("", plain(name), plain(error))
    out.print(table)


def _pairs(chosen: list[str]) -> dict[str, str]:
    pairs = [text.partition("=") for text in chosen]
    for name, equals, _ in pairs:
        if not equals:
            raise typer.BadParameter(f"{name} must be like by=day", param_hint="--set")
    return {name.strip(): value.strip() for name, _, value in pairs}


def _say(*lines: str) -> None:
    for line in lines:
        out.print(shown(line), markup=False, soft_wrap=True)
