"""The file of a question says all that its query needs, or is refused with a sentence."""

from datetime import date

import pytest

from ecom_assets.errors import ConfigurationError
from ecom_assets.questions.catalogue import shipped_questions
from ecom_assets.questions.question import parse_question

HEAD = "title: Orders\ndefinition: All of them."
DAYS = "parameters: {days: {description: how many, default: 7}}"
FROM = "parameters: {from: {description: first, default: 2024-01-01, choices: []}}"
BY = "parameters: {by: {description: what, default: day, choices: [day, week]}}"


def question(head: str = HEAD, sql: str = "select 1 as a"):  # type: ignore[no-untyped-def]
    return parse_question("mine", f"/*\n{head}\n*/\n{sql};\n", "mine.sql")


def test_a_question_is_its_head_and_its_query() -> None:
    found = question()
    assert (found.title, found.definition, found.sql) == ("Orders", "All of them.", "select 1 as a")
    assert (found.number, found.limit, found.values({}, "shop", 3)) == (None, 20, {})


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("select 1", "mine.sql does not begin with /* title: ..., definition: ... */"),
        ("/* nothing */ select 1", "the comment at its beginning is no `key: value`"),
        ("/*\ntitle: [\n*/ select 1", "mine.sql: while parsing"),
        ("/*\ntitle: Orders\n*/ select 1", "mine.sql: definition: Field required"),
        (f"/*\n{HEAD}\nlimits: 3\n*/ select 1", "limits: unknown key; known: name, number, title"),
        (f"/*\n{HEAD}\n*/ selec 1", "its query is no SQL: Parser Error"),
        (f"/*\n{HEAD}\n*/ select 1; select 2", "it must be one query, a select"),
        (f"/*\n{HEAD}\n*/ drop table fact_sales", "it must be one query, a select"),
        (f"/*\n{HEAD}\n*/ select $days", "$days of its query is not among its parameters"),
        (f"/*\n{HEAD}\n{DAYS}\n*/ select 1", "its query does not use the parameter days"),
    ],
)
def test_a_wrong_file_is_refused_with_a_sentence(text: str, sentence: str) -> None:
    with pytest.raises(ConfigurationError, match=r"^mine\.sql") as caught:
        parse_question("mine", text, "mine.sql")
    assert sentence in str(caught.value)


def test_a_value_has_the_type_of_the_default() -> None:
    days = question(f"{HEAD}\n{DAYS}", "select $days, $store, $limit")
    assert days.values({}, None, None) == {"store": None, "limit": 20, "days": 7}
    assert days.values({"days": "30"}, "shop", 5) == {"store": "shop", "limit": 5, "days": 30}
    first = question(f"{HEAD}\n{FROM}", "select $from")
    assert first.values({}, None, None) == {"from": date(2024, 1, 1)}
    assert first.values({"from": "2025-02-28"}, None, None) == {"from": date(2025, 2, 28)}


@pytest.mark.parametrize(
    ("head", "sql", "chosen", "sentence"),
    [
        (DAYS, "select $days", "days=many", "--set days=many: it must be a whole number"),
        (FROM, "select $from", "from=2025-02-30", "it must be a day like 2026-05-31"),
        (BY, "select $by", "by=month", "--set by=month: choose one of day, week"),
        (BY, "select $by", "per=day", "mine has no parameter 'per'. Its parameters: by"),
    ],
)
def test_a_wrong_value_is_refused_with_a_sentence(
    head: str, sql: str, chosen: str, sentence: str
) -> None:
    with pytest.raises(ConfigurationError, match=r"mine|--set") as caught:
        question(f"{HEAD}\n{head}", sql).values(dict([chosen.split("=")]), None, None)
    assert sentence in str(caught.value)


def test_the_shipped_questions_are_thirty_in_the_order_of_their_numbers() -> None:
    assert [question.number for question in shipped_questions().values()] == list(range(1, 31))
    assert len({question.title for question in shipped_questions().values()}) == 30
