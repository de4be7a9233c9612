"""What must hold of a pull from any server: it may die, refuse, and hold many rows.

A subclass has the fixtures ``server`` and ``table`` and, in the server's own SQL: ``SERIES``, a
select of numbered things; ``SLOW``, a view of ``t`` that takes its time; ``READING``, whether that
is being read, and what the client prints for ``YES``.
"""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from ecom_assets.errors import SourceError
from ecom_assets.home import Home
from ecom_assets.simmart.database import DATABASE, write_database
from ecom_assets.sources.databases.address import parse_address
from ecom_assets.sources.databases.connection import SOURCE, source_connection
from tests.harness.pull_cases import AT_11, THINGS, insert
from tests.harness.pulled import PulledTable
from tests.harness.simulated import small_shop
from tests.services.database_servers import PASSWORD, QUOTED, free_port, until

ROWS = 500_000


def tables_of(home: Home, variable: str, url: str) -> dict[str, list[tuple[Any, ...]]]:
    """Returns the rows of a simulated shop's tables, as texts in their order."""
    with source_connection(home, parse_address(variable, url)) as connection:
        return {
            table.name: connection.execute(
                f"select cast(columns(*) as varchar) from {SOURCE}.{table.name} order by all"
            ).fetchall()
            for table in DATABASE
        }


class ServerCases:
    """Cases over a server that can be killed."""

    SERIES: str
    MAY_WRITE: str
    SLOW: str
    READING: str
    YES: str

    def test_half_a_million_rows_arrive_and_then_only_what_is_new(self, table: PulledTable) -> None:
        table.write(f"create table t as {self.SERIES.format(ROWS)}")
        table.pulls(watermark="updated_at", overlap="5 seconds", key=["id"], deletes=True)
        first = table.deliver()
        assert first is not None
        assert (first.rows, first.deleted) == (ROWS, 0)
        table.write("delete from t where id = 1", "update t set name = 'last' where id = 500000")
        assert table.pull("id", "name") == [("1", "thing 1", True), ("500000", "last", False)]

    def test_a_server_killed_in_the_middle_leaves_nothing_and_the_next_pull_goes_on(
        self, table: PulledTable
    ) -> None:
        server = table.database
        table.write(THINGS, insert(1, "landed"))
        table.pulls(watermark="updated_at", overlap="1 minute").deliver()
        series = f"select id, name, updated_at from ({self.SERIES.format(20_000)}) as s"
        table.write("delete from t", f"insert into t {series}", self.SLOW)
        table.pulls(table="slow", watermark="updated_at")
        with ThreadPoolExecutor(1) as pool:
            pulling = pool.submit(table.deliver)
            until(lambda: server.ask(self.READING) == self.YES)
            server.stop(server.KILL)
            with pytest.raises(SourceError, match="nothing of this pull was kept, the next one"):
                pulling.result(timeout=60)
        assert len(list(table.inbox.iterdir())) == 1
        server.start()
        delivered = table.pulls(watermark="updated_at").deliver()
        assert delivered is not None
        assert delivered.rows == 20_000

    def test_a_simulated_shop_lies_in_it_as_in_sqlite(
        self, table: PulledTable, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        table.database.ask(self.MAY_WRITE, database="shop")
        urls = {"OF_SERVER": table.database.url, "OF_FILE": f"sqlite:///{tmp_path}/shop.db"}
        for variable, url in urls.items():
            monkeypatch.setenv(variable, url)
            for days in (20, 21):
                written = write_database(table.home, small_shop(days=days), variable)
                assert sum(written.values()) > 0
        of_server, of_file = (
            tables_of(table.home, variable, url) for variable, url in urls.items()
        )
        assert of_server.keys() == of_file.keys() >= {"customers", "orders"}
        assert [name for name in of_file if of_file[name] != of_server[name]] == []

    @pytest.mark.parametrize(
        ("wrong", "fault"),
        [
            (("clerk:", "cleric:"), "refuses the user or the password"),
            ((QUOTED, "s3cr3t"), "refuses the user or the password"),
            (("/shop", "/shoe"), "is none: there is no database of that name|refuses the user"),
            (("127.0.0.1", "nowhere.invalid"), "cannot be reached"),
            (("{port}", "{free}"), "cannot be reached: is the server running"),
        ],
    )
    def test_who_cannot_get_in_is_told_why_and_nothing_of_the_url(
        self, table: PulledTable, wrong: tuple[str, str], fault: str
    ) -> None:
        url = table.database.url
        old, new = (part.format(port=table.database.port, free=free_port()) for part in wrong)
        table.database.url = url.replace(old, new)
        try:
            with pytest.raises(SourceError, match=fault) as caught:
                table.deliver()
        finally:
            table.database.url = url
        told = repr(caught.value) + repr(caught.value.__cause__) + repr(caught.value.__context__)
        for secret in (PASSWORD, QUOTED, "s3cr3t", "clerk", "127.0.0.1", "nowhere", new):
            assert secret not in told

    def test_a_table_the_user_may_not_read_is_told(self, table: PulledTable) -> None:
        table.write(THINGS, insert(1, "pen", AT_11))
        self.forbid(table)
        with pytest.raises(SourceError, match=r"let this user read t|has no table t"):
            table.deliver()

    def forbid(self, table: PulledTable) -> None:
        """Takes the right to read ``t`` away."""
        raise NotImplementedError
