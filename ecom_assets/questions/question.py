"""What the file of a question says: its head, and the one query that answers it."""

import re
from datetime import date
from typing import Self

import duckdb
import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from ecom_assets.errors import ConfigurationError, explain

HEAD = re.compile(r"\s*/\*(?P<head>.*?)\*/\s*(?P<sql>.*?)[\s;]*", re.DOTALL)
STORE, LIMIT = "store", "limit"
MOST_ROWS = 999_999  # of each store: with more, DuckDB refuses `row_number() ... <= $limit`
Value = str | int | date | None


class Parameter(BaseModel):
    """A value of a query that whoever asks may choose, ``$<name>`` in it.

    Attributes:
        description: What it decides.
        default: Its value where nobody chooses; others are of its type.
        choices: The values there are; none where any will do.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    description: str
    default: int | date | str
    choices: tuple[str, ...] = ()

    def value(self, name: str, text: str) -> Value:
        """Returns a chosen value in the type of the default.

        Raises:
            ConfigurationError: It is none, or not among the choices.
        """
        if self.choices and text not in self.choices:
            raise ConfigurationError(
                f"--set {name}={text}: choose one of {', '.join(self.choices)}"
            )
        kind = type(self.default)
        try:
            return date.fromisoformat(text) if kind is date else kind(text)  # type: ignore[call-overload]
        except ValueError as error:
            wanted = "a day like 2026-05-31" if kind is date else "a whole number"
            raise ConfigurationError(f"--set {name}={text}: it must be {wanted}") from error


class Question(BaseModel):
    """A question, from its file.

    Attributes:
        name: That of the file.
        number: Its place among the shipped questions; a home's own have none.
        title: What is asked.
        definition: What exactly is counted, by which clock, of whom, in which currency.
        limit: The rows of each store that are told unless somebody wants more or fewer; `$limit`.
        parameters: Others, by name. `$store` is the one store that is asked for, or null.
        sql: The query.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    number: int | None = Field(default=None, ge=1)
    title: str = Field(min_length=1)
    definition: str = Field(min_length=1)
    limit: int = Field(default=20, ge=1, le=MOST_ROWS)
    parameters: dict[str, Parameter] = Field(default_factory=dict[str, Parameter])
    sql: str = Field(min_length=1)

    @model_validator(mode="after")
    def _says_all_that_its_query_needs(self) -> Self:
        try:
            statements = duckdb.extract_statements(self.sql)
        except duckdb.Error as error:
            raise ValueError(f"its query is no SQL: {error}") from error
        if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
            raise ValueError("it must be one query, a select")
        known = {STORE, LIMIT, *self.parameters}
        if unknown := statements[0].named_parameters - known:
            raise ValueError(f"${min(unknown)} of its query is not among its parameters")
        if unused := self.parameters.keys() - statements[0].named_parameters:
            raise ValueError(f"its query does not use the parameter {min(unused)}")
        return self

    def values(
        self, chosen: dict[str, str], store: str | None, limit: int | None
    ) -> dict[str, Value]:
        """Returns the values of the parameters that the query uses, by name.

        Raises:
            ConfigurationError: There is no such parameter, or no such value.
        """
        for name in chosen.keys() - self.parameters.keys():
            known = ", ".join(self.parameters) or "none"
            raise ConfigurationError(
                f"The question {self.name} has no parameter '{name}'. Its parameters: {known}"
            )
        values: dict[str, Value] = {STORE: store, LIMIT: limit or self.limit}
        for name, parameter in self.parameters.items():
            values[name] = (
                parameter.value(name, chosen[name]) if name in chosen else parameter.default
            )
        used = duckdb.extract_statements(self.sql)[0].named_parameters
        return {name: value for name, value in values.items() if name in used}


def parse_question(name: str, text: str, place: str) -> Question:
    """Reads a question.

    Args:
        name: That of its file.
        text: The file's content.
        place: Where it lies, for messages.

    Raises:
        ConfigurationError: Its head is missing or wrong, or what follows is not one query.
    """
    found = HEAD.fullmatch(text)
    if not found:
        raise ConfigurationError(
            f"{place} does not begin with /* title: ..., definition: ... */ before its query"
        )
    try:
        head = yaml.safe_load(found["head"])
        if not isinstance(head, dict):
            raise ConfigurationError(f"{place}: the comment at its beginning is no `key: value`")
        return Question.model_validate(head | {"name": name, "sql": found["sql"]})
    except ValidationError as error:
        raise ConfigurationError(f"{place}: {explain(error, Question)}") from error
    except yaml.YAMLError as error:
        raise ConfigurationError(f"{place}: {error}") from error
