"""The shipped questions as one page: of each its definition, its answer and its query."""

from collections.abc import Iterator, Sequence
from typing import Any

from ecom_assets.home import Home
from ecom_assets.questions.answering import Told, answer_question
from ecom_assets.questions.catalogue import shipped_questions
from ecom_assets.questions.question import Question

SHOWN_ROWS = 4  # of each store, or of each part that a question limits

PREFACE = """\
# Questions

What people ask their shop's data, each answered by `ecom ask NAME` (or its number) from the
published version: the definition, the first rows of the answer for the demo (`make demo`), and the
query. Stores are told one by one, in their own currencies. Without a name `ecom ask` lists the
questions; `--store`, `--limit`, `--set` and `--format csv|json` choose what is told and how. Your
own lie in `<home>/questions/` (`docs/operations.md`).

This page is what `ecom ask --docs` prints of the demo's home.
"""


def document(home: Home) -> Iterator[str]:
    """Yields the page about the shipped questions, a section at a time.

    Args:
        home: The home whose published version is asked.

    Raises:
        QueryError: Nothing is published, or a query cannot be answered.
    """
    yield PREFACE
    for question in shipped_questions().values():
        told = answer_question(home, question, question.values({}, None, SHOWN_ROWS))
        yield "\n".join(_section(question, told))


def _section(question: Question, told: Told) -> Iterator[str]:
    yield f"## {question.number}. {question.title}\n"
    yield f"`ecom ask {question.name} --limit {SHOWN_ROWS}`\n"
    yield f"{question.definition.strip()}\n"
    for name, parameter in question.parameters.items():
        choices = f" ({', '.join(parameter.choices)})" if parameter.choices else ""
        yield f"`--set {name}={parameter.default}`{choices}: {parameter.description}\n"
    if told.answer.rows:
        yield _row(told.answer.columns)
        yield _row(["---"] * len(told.answer.columns))
        yield from map(_row, told.answer.rows)
        yield ""
    for sentence in told.silent:
        yield f"{sentence}\n"
    yield f"```sql\n{question.sql}\n```\n"


def _row(values: Sequence[Any]) -> str:
    cells = ("" if value is None else str(value).replace("|", "\\|") for value in values)
    return f"| {' | '.join(cells)} |"
