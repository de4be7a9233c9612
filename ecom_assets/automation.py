"""When a load is asked for: on arrival of files, every night, every hour; and what follows it.

The sensor asks for a set of deliveries once per attempt. Its run key names the deliveries and the
attempt: the same file delivered as A, B, A is three deliveries, and a failed load is asked for
again under a new key, a bounded number of times.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime

import dagster as dg

from ecom_assets.feeds import shipped_feeds
from ecom_assets.file_version import FileVersion, file_version
from ecom_assets.home import Home
from ecom_assets.ingest.assets import SETTLED_BEFORE_TAG
from ecom_assets.ingest.content import content_hash
from ecom_assets.ingest.foreign import describe_foreign
from ecom_assets.ingest.intake import Waiting, months_to_run, waiting
from ecom_assets.ingest.journal import read_journal
from ecom_assets.ingest.manifest import read_manifests
from ecom_assets.jobs import analytics, daily
from ecom_assets.lock import describe_writer
from ecom_assets.months import present_month
from ecom_assets.partitions import RANGE_END, RANGE_START, range_tags
from ecom_assets.publish.gate import RAW, read_gate
from ecom_assets.publish.versions import version_in_place
from ecom_assets.settings import settings
from ecom_assets.status import is_up_to_date
from ecom_assets.stores import Stores, load_stores, pulled_feeds
from ecom_assets.warehouse.generation import current_generation
from ecom_assets.wording import counted

DELIVERIES_TAG = "ecom/deliveries"
QUEUED = [
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
]
FAILED = [dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.CANCELED]

SECONDS_TO_START = 60  # from the start of a run to its first step
# A file is settled when two looks find it unchanged.
SECONDS_BETWEEN_LOOKS = 10


@dataclass(frozen=True)
class Watch:
    """The sensor's memory: the version of every waiting file at the last tick.

    It is kept in the sensor's cursor, so it survives a restart of the daemon.
    """

    files: Mapping[str, tuple[int, ...]]

    @classmethod
    def of(cls, cursor: str | None) -> "Watch":
        """Reads a cursor; no cursor is an empty memory."""
        stored = json.loads(cursor) if cursor else {}
        return cls({path: tuple(version) for path, version in stored.items()})

    def cursor(self) -> str:
        """Returns the memory as cursor."""
        return json.dumps(self.files)


def settled_only(now_waiting: Waiting, before: Watch) -> tuple[Waiting, Watch]:
    """Splits off files that are still changing: they differ from the last tick.

    Returns:
        What is waiting and settled, and the memory for the next tick.
    """
    seen: dict[str, FileVersion] = {}
    for arrival in now_waiting.arrivals:
        with suppress(FileNotFoundError):  # taken away again since the folder was read
            seen[str(arrival.path)] = file_version(arrival.path)
    settled = tuple(
        arrival
        for arrival in now_waiting.arrivals
        if (path := str(arrival.path)) in seen and before.files.get(path) == seen[path]
    )
    return Waiting(settled, now_waiting.plans, now_waiting.unrecognised), Watch(seen)


def deliveries_key(home: Home, asked: Waiting) -> str:
    """Returns a name for a set of deliveries, the same before and after they have landed.

    A delivery is its (store, feed, name), its content, and how many contents came before it.
    """
    held = Counter(delivery.identity for delivery in read_journal(home.journal))
    names: list[tuple[object, ...]] = []
    for a in asked.arrivals:
        identity = (a.store, a.feed, a.name)
        with suppress(FileNotFoundError):  # taken away again since the folder was read
            names.append((*identity, content_hash(home, a.path), held[identity]))
    names += [(*d.identity, d.sha256, held[d.identity] - 1) for p in asked.plans for d, _ in p.read]
    return hashlib.sha256(json.dumps(sorted(names)).encode()).hexdigest()[:16]


def newest_change(settled: Waiting) -> int:
    """Returns the newest modification time among settled files, in nanoseconds.

    Files of the inbox that were changed later are not of this load.
    """
    newest = 0
    for arrival in settled.arrivals:
        with suppress(FileNotFoundError):  # taken away again since the folder was read
            newest = max(newest, arrival.path.stat().st_mtime_ns)
    return newest


@dg.sensor(
    name="file_arrivals",
    job=daily,
    minimum_interval_seconds=SECONDS_BETWEEN_LOOKS,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Asks for one load of all settled deliveries that have arrived.",
)
def file_arrivals(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
    """Asks for one run over the months of all settled deliveries, or says why it does not."""
    home = Home.current()
    if not home.stores_file.is_file():
        return dg.SkipReason(f"{home.stores_file} is missing: run `ecom init`")
    found = waiting(home, _stores_now(home), datetime.now(UTC))
    settled, seen = settled_only(found, Watch.of(context.cursor))
    cursor = seen.cursor()
    reason = _why_wait(context.instance, home, found, settled)
    if reason:
        return dg.SensorResult(skip_reason=dg.SkipReason(reason), cursor=cursor)
    key = deliveries_key(home, settled) if settled.months else current_generation(home).id
    attempt = 1 + len(
        context.instance.get_runs(dg.RunsFilter(tags={DELIVERIES_TAG: key}, statuses=FAILED))
    )
    if attempt > settings().load_attempts:
        loads = counted(attempt - 1, "load")
        reason = f"{loads} of these deliveries failed: see the last run's error"
        return dg.SensorResult(skip_reason=dg.SkipReason(reason), cursor=cursor)
    months = months_to_run(home, settled, None, None)
    request = dg.RunRequest(
        run_key=f"{key}-{attempt}",
        tags={
            **range_tags(months[0], months[-1]),
            DELIVERIES_TAG: key,
            SETTLED_BEFORE_TAG: str(newest_change(settled)),
        },
    )
    return dg.SensorResult(run_requests=[request], cursor=cursor)


def is_wanted(instance: dg.DagsterInstance, home: Home) -> bool:
    """Whether a load would do something although no file waits."""
    if not read_manifests(home.manifests) or is_up_to_date(home) or describe_writer(home):
        return False
    return _is_overtaken(home) or _is_cut_short(instance, home)


def _is_overtaken(home: Home) -> bool:
    """Whether stores.yaml or the models have changed since the last load looked at the lake."""
    judged = read_gate(home).writes.get(RAW)
    return judged is not None and judged.generation != current_generation(home).id


def _is_cut_short(instance: dg.DagsterInstance, home: Home) -> bool:
    """Whether the last load read deliveries and ended, by a fault or a kill, without a verdict.

    A red check is a verdict: asking again without new deliveries would find it red again. A killed
    process leaves its run as started; that it is dead shows in the writer lock nobody holds.
    """
    last = instance.get_runs(dg.RunsFilter(job_name=daily.name), limit=1)
    if not last or last[0].status not in (*FAILED, dg.DagsterRunStatus.STARTED):
        return False
    return not any(v.blocking and not v.passed for v in read_gate(home).verdicts.values())


def _stores_now(home: Home) -> Stores:
    """Reads the stores, and the feeds anew: one may have come since this process began."""
    shipped_feeds.cache_clear()
    return load_stores(home)


def _why_wait(
    instance: dg.DagsterInstance, home: Home, found: Waiting, settled: Waiting
) -> str | None:
    if not found.months and not is_wanted(instance, home):
        return "; ".join(["no new deliveries", *describe_foreign(found.unrecognised)])
    if found.months and not settled.months:
        files = counted(len(found.arrivals), "new or still changing file")
        return f"waiting for {files}: taken once a second look finds them unchanged"
    queued = instance.get_runs(dg.RunsFilter(job_name=daily.name, statuses=QUEUED), limit=1)
    if queued:
        return f"load {queued[0].run_id[:8]} is queued or running"
    if writer := describe_writer(home):
        return f"a load is running: {writer}"
    if _is_starting(instance):
        return "a load is starting"
    return None


def _is_starting(instance: dg.DagsterInstance) -> bool:
    """Whether a run has begun so lately that it may not hold the writer lock yet."""
    started = dg.RunsFilter(job_name=daily.name, statuses=[dg.DagsterRunStatus.STARTED])
    now = datetime.now(UTC).timestamp()
    return any(
        now - (record.start_time or 0) < SECONDS_TO_START
        for record in instance.get_run_records(started, limit=1)
    )


def _load_request(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
    """Asks for the months of all deliveries not yet loaded; else for the present month."""
    home = Home.current()
    moment = context.scheduled_execution_time
    months = waiting(home, _stores_now(home), moment).months or (present_month(moment),)
    return dg.RunRequest(tags=range_tags(months[0], months[-1]))


@dg.schedule(
    name="nightly",
    job=daily,
    cron_schedule="0 2 * * *",
    execution_timezone="UTC",
    description="Every night at 02:00 UTC, whether or not anything was delivered.",
)
def nightly(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
    """Loads what has come, and renews every check and the freshness of every table."""
    return _load_request(context)


@dg.schedule(
    name="hourly",
    job=daily,
    cron_schedule="0 * * * *",
    execution_timezone="UTC",
    description="Every hour, for shops that deliver through the day without the sensor.",
)
def hourly(context: dg.ScheduleEvaluationContext) -> dg.RunRequest | dg.SkipReason:
    """Loads what has come; skips where nothing has, and no source may hold anything new."""
    home = Home.current()
    stores = _stores_now(home)
    found = waiting(home, stores, context.scheduled_execution_time)
    if not found.months and not pulled_feeds(stores) and not is_wanted(context.instance, home):
        return dg.SkipReason("no new deliveries")
    return _load_request(context)


@dg.run_status_sensor(
    name="analytics_after_load",
    run_status=dg.DagsterRunStatus.SUCCESS,
    monitored_jobs=[daily],
    request_job=analytics,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Asks for the analytics of each version that a load has published.",
)
def analytics_after_load(context: dg.RunStatusSensorContext) -> dg.RunRequest | dg.SkipReason:
    """Asks once for each version, and only while it is the present one."""
    run = context.dagster_run
    version = version_in_place(Home.current())
    if version is None or version.run_id != run.run_id:
        return dg.SkipReason(f"load {run.run_id[:8]} published nothing new, or it is replaced")
    tags = {name: run.tags[name] for name in (RANGE_START, RANGE_END) if name in run.tags}
    month = present_month(datetime.now(UTC))
    return dg.RunRequest(run_key=version.version, tags=tags or range_tags(month, month))
