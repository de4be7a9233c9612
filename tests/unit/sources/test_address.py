"""URLs of databases: what they say, and that no part of one is ever shown."""

import pytest

from ecom_assets.errors import SourceError
from ecom_assets.sources.databases.address import parse_address
from ecom_assets.sources.databases.failure import explain_failure

POSTGRES = "postgresql://clerk:p%40ss%2Fw0rd@db.example.org:5433/shop?sslmode=require"


def test_a_url_is_taken_apart_and_unquoted() -> None:
    address = parse_address("DB", POSTGRES)
    assert address.kind == "postgres"
    assert address.place == {
        "host": "db.example.org",
        "port": "5433",
        "user": "clerk",
        "password": "p@ss/w0rd",
        "database": "shop",
    }
    assert address.options == {"sslmode": "require"}


@pytest.mark.parametrize(
    ("url", "kind", "place"),
    [
        ("sqlite:////srv/my%20shop.db", "sqlite", {"path": "/srv/my shop.db"}),
        ("sqlite:///shop.db", "sqlite", {"path": "shop.db"}),
        ("postgres+psycopg://db", "postgres", {"host": "db"}),
        ("mariadb://u@db/s", "mysql", {"host": "db", "user": "u", "database": "s"}),
        (
            "mysql://u@/s?socket=/run/my",
            "mysql",
            {"user": "u", "database": "s", "socket": "/run/my"},
        ),
        ("postgresql:///s?host=/run/pg", "postgres", {"host": "/run/pg", "database": "s"}),
    ],
)
def test_all_kinds_of_urls_are_known(url: str, kind: str, place: dict[str, str]) -> None:
    address = parse_address("DB", url)
    assert (address.kind, address.place) == (kind, place)


@pytest.mark.parametrize("url", [None, ""])
def test_a_variable_that_is_not_set_is_told(url: str | None) -> None:
    with pytest.raises(SourceError, match="DB is not set: export DB=URL, such as sqlite:"):
        parse_address("DB", url)


@pytest.mark.parametrize(
    "url",
    ["s3cret", "oracle://u:s3cret@db", "postgresql://u:s3cret@db:s3cret/x", "sqlite://s3cret/x"],
)
def test_what_is_no_url_is_told_without_it(url: str) -> None:
    with pytest.raises(SourceError, match="DB holds no URL of a database") as caught:
        parse_address("DB", url)
    assert "s3cret" not in str(caught.value)


def test_an_address_shows_its_variable_alone() -> None:
    address = parse_address("DB", POSTGRES)
    assert repr(address) == str(address) == "the database that DB names"


@pytest.mark.parametrize(
    ("message", "meaning"),
    [
        ('Unable to connect to Postgres at "": Connection refused', "cannot be reached: is the"),
        ("Can't connect to server on 'db.example.org' (115)", "cannot be reached: is the"),
        ('FATAL:  password authentication failed for user "clerk"', "refuses the user or"),
        ("Access denied for user 'clerk'@'db.example.org'", "refuses the user or"),
        ('FATAL:  database "shop" does not exist', "is none: there is no database of that name"),
        ('ERROR:  relation "orders" does not exist', "has no table orders: see `pull`"),
        ('ERROR:  permission denied for table "orders"', "does not let this user read orders"),
        ("server closed the connection unexpectedly", "ended the connection: nothing of this"),
        ("Lost connection to server during query", "ended the connection: nothing of this"),
        ("database is locked", "is locked by a writer: pull again"),
        ("ERROR:  operator does not exist: text >= integer", "has a watermark of another type"),
    ],
)
def test_what_servers_say_is_told_in_a_sentence(message: str, meaning: str) -> None:
    told = explain_failure(message, parse_address("DB", POSTGRES), "orders")
    assert told.startswith(f"the database that DB names {meaning}")


def test_of_what_nobody_knows_the_first_line_is_shown_without_the_url() -> None:
    message = (
        f"Odd Error: {POSTGRES} at db.example.org:5433 as clerk, p@ss/w0rd, "
        'query "select 1 from shop": went wrong\nLINE 1: clerk'
    )
    told = explain_failure(message, parse_address("DB", POSTGRES), "orders")
    assert told == (
        "the database that DB names could not be read at orders: Odd Error: *** at ***:*** as ***, "
        "***, went wrong"
    )
