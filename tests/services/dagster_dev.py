"""A real `dagster dev` on a home: webserver, daemon, code server, in a process group of its own."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from ecom_assets.home import Home
from ecom_assets.ingest.intake import waiting
from ecom_assets.publish.versions import current_folder, current_version
from ecom_assets.settings import child_environment
from ecom_assets.status import is_up_to_date
from ecom_assets.stores import load_stores

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
PATIENCE = 180.0
POLL = 0.5
GRACE = 30.0
# The repository of a module's one Definitions object, as workspace.yaml loads it.
REPOSITORY = {
    "repositoryName": "__repository__",
    "repositoryLocationName": "ecom_assets.definitions",
}

SENSOR_STATE = """
query ($sensor: SensorSelector!) {
  sensorOrError(sensorSelector: $sensor) { ... on Sensor { sensorState { id status } } }
}"""
STOP_SENSOR = """
mutation ($id: String!) {
  stopSensor(id: $id) { ... on StopSensorMutationResult { instigationState { status } } }
}"""
ASSETS = "{ assetNodes { groupName isExecutable assetKey { path } } }"
LAUNCH = """
mutation ($params: ExecutionParams!) {
  launchRun(executionParams: $params) {
    __typename
    ... on LaunchRunSuccess { run { runId } }
    ... on PythonError { message }
  }
}"""
RUN_STATUS = "query ($id: ID!) { runOrError(runId: $id) { ... on Run { status } } }"
ENDED = {"SUCCESS", "FAILURE", "CANCELED"}

T = TypeVar("T")


class DagsterDev:
    """A started `dagster dev`: what a user does in its web UI, and what its daemon brings about."""

    def __init__(self, home: Home) -> None:
        self.home = home
        self.port = _free_port()
        self.log = home.dagster / "dagster-dev.log"
        command = [BIN / "dagster", "dev", "-w", "workspace.yaml", "--host", "127.0.0.1"]
        environment = child_environment(home.root) | {
            "DAGSTER_HOME": str(home.dagster),
        }
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [*command, "--port", str(self.port)],
                cwd=ROOT,
                env=environment,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=_take_interrupts,  # noqa: PLW1509  (no threads of ours are running)
            )

    def until(self, what: str, probe: Callable[[], T | None]) -> T:
        """Returns the probe's first answer; fails when the server ends or patience does."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            answer = probe()
            if answer is not None:
                return answer
            try:
                self.process.wait(POLL)
            except subprocess.TimeoutExpired:
                continue
            break
        raise AssertionError(f"no {what}; the server's last words:\n{self._last_words()}")

    def ask(self, query: str, **variables: object) -> dict[str, Any]:
        """Returns the data of a GraphQL answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        body = json.dumps({"query": query, "variables": variables})
        try:
            connection.request("POST", "/graphql", body, {"Content-Type": "application/json"})
            answer = json.loads(connection.getresponse().read())
        finally:
            connection.close()
        assert "errors" not in answer, answer["errors"]
        return answer["data"]

    def published_after(self, version: str | None) -> Path:
        """Waits until all that was delivered is published in another version than this one."""

        def probe() -> Path | None:
            now = current_version(self.home)
            if now is None or now.version == version or not is_up_to_date(self.home):
                return None
            found = waiting(self.home, load_stores(self.home), datetime.now(UTC))
            return None if found.months else current_folder(self.home)

        return self.until(f"version after {version}", probe)

    def stop_sensor(self, name: str) -> None:
        """Switches a sensor off, as the toggle in the web UI does."""
        found = self.ask(SENSOR_STATE, sensor=REPOSITORY | {"sensorName": name})
        stopped = self.ask(STOP_SENSOR, id=found["sensorOrError"]["sensorState"]["id"])
        assert stopped["stopSensor"]["instigationState"]["status"] == "STOPPED"

    def assets_of(self, group: str) -> list[dict[str, Any]]:
        """Returns the keys of a group's assets that can be materialised."""
        nodes = self.ask(ASSETS)["assetNodes"]
        return [n["assetKey"] for n in nodes if n["groupName"] == group and n["isExecutable"]]

    def materialise(self, assets: Sequence[dict[str, Any]], tags: dict[str, str]) -> str:
        """Launches one run over some assets, waits for its end and returns its status."""
        selector = REPOSITORY | {"pipelineName": "__ASSET_JOB", "assetSelection": assets}
        metadata = {"tags": [{"key": key, "value": value} for key, value in tags.items()]}
        params = {"selector": selector, "executionMetadata": metadata, "runConfigData": "{}"}
        launched = self.ask(LAUNCH, params=params)["launchRun"]
        assert launched["__typename"] == "LaunchRunSuccess", launched

        def probe() -> str | None:
            status = self.ask(RUN_STATUS, id=launched["run"]["runId"])["runOrError"]["status"]
            return status if status in ENDED else None

        return self.until("end of the run", probe)

    def wait_until_serving(self) -> None:
        """Waits until the webserver answers and has loaded the graph."""

        def probe() -> bool | None:
            try:
                return bool(self.ask(ASSETS)["assetNodes"]) or None
            except (OSError, http.client.HTTPException):
                return None

        self.until("answer from the webserver", probe)

    def stop(self) -> None:
        """Interrupts the server as Ctrl-C does; what then still lives of its group is killed."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGINT)
        try:
            self.process.wait(GRACE)
        except subprocess.TimeoutExpired:
            pass
        finally:
            _kill_group(self.process.pid)
            self.process.wait(GRACE)

    def _last_words(self) -> str:
        return self.log.read_text("utf-8", "replace")[-4000:]


@contextmanager
def serving(home: Home) -> Generator[DagsterDev]:
    """Runs `dagster dev` on a home for the length of the block."""
    server = DagsterDev(home)
    try:
        server.wait_until_serving()
        yield server
    finally:
        server.stop()


def _take_interrupts() -> None:
    """A child of a background script ignores SIGINT unless told otherwise."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


def _kill_group(group: int) -> None:
    try:
        os.killpg(group, signal.SIGKILL)
    except ProcessLookupError:
        return


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]
