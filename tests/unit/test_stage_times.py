"""How long each stage of a load takes, by any clock."""

from ecom_assets.load_run import StageTimes, timed
from ecom_assets.progress import Step, report


def test_seconds_are_those_of_the_given_clock_since_the_last_step() -> None:
    """The benchmarks had a copy of the class for the processor's seconds."""
    ticks = iter([10.0, 12.0, 15.0, 19.0, 24.0, 30.0])
    times = StageTimes(clock=lambda: next(ticks))
    for stage in ("land", "build", "land", "end"):
        times.note(Step(stage, 0, 1))
    assert times.seconds == {"start": 2.0, "land": 3.0 + 5.0, "build": 4.0}
    assert times.total == 20.0


def test_a_timed_block_tells_its_steps_between_a_start_and_an_end() -> None:
    told: list[str] = []
    with timed(lambda step: told.append(step.stage)) as times:
        report(Step("build", 0, 1))
    report(Step("later", 0, 1))
    assert told == ["start", "build", "end"]
    assert times.seconds.keys() == {"start", "build"}
