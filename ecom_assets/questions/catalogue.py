"""Which questions there are: those of the package, and those of a home in ``<home>/questions/``.

One of a home stands in place of a shipped one of the same name. What a home's file says is looked
at with each question; the shipped ones are read once.
"""

from functools import lru_cache
from importlib.resources import files
from pathlib import Path

from ecom_assets.errors import ConfigurationError
from ecom_assets.home import Home
from ecom_assets.questions.question import Question, parse_question
from ecom_assets.wording import did_you_mean

SUFFIX = ".sql"


@lru_cache(maxsize=1)
def shipped_questions() -> dict[str, Question]:
    """Reads the questions of the package, by name, in the order of their numbers.

    Raises:
        ConfigurationError: A file is wrong.
    """
    found = [
        parse_question(item.name.removesuffix(SUFFIX), item.read_text("utf-8"), item.name)
        for item in files("ecom_assets.questions").iterdir()
        if item.name.endswith(SUFFIX)
    ]
    return {question.name: question for question in sorted(found, key=lambda q: q.number or 0)}


def own_files(home: Home) -> dict[str, Path]:
    """Returns the files of a home's own questions, by name; what is in them may be wrong."""
    if not home.questions.is_dir():
        return {}
    paths = sorted(home.questions.glob(f"*{SUFFIX}"))
    return {path.stem: path for path in paths if path.is_file() and path.name[0] != "."}


def read_own(path: Path) -> Question:
    """Reads a question of a home.

    Raises:
        ConfigurationError: The file is wrong.
    """
    try:
        return parse_question(path.stem, path.read_text("utf-8"), str(path))
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"{path} is no UTF-8 text: save it as UTF-8") from error


def find_question(home: Home, name: str) -> Question:
    """Returns one question by its name, or a shipped one by its number.

    Raises:
        ConfigurationError: There is no such question, or its file is wrong.
    """
    shipped, own = shipped_questions(), own_files(home)
    if name.isdecimal():
        name = next((q.name for q in shipped.values() if q.number == int(name)), name)
    if name in own:
        return read_own(own[name])
    if name in shipped:
        return shipped[name]
    meant = did_you_mean(name, [*shipped, *own])
    raise ConfigurationError(f"There is no question '{name}'.{meant} All of them: ecom ask")
