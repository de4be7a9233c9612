"""Processor time by stage of a load, which hardly changes when others use the machine too."""

import resource
from dataclasses import dataclass, field

from ecom_assets.progress import Step


def cpu_seconds() -> float:
    """Returns user and system seconds of this process and its ended children."""
    scopes = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return sum(used.ru_utime + used.ru_stime for used in map(resource.getrusage, scopes))


@dataclass
class StageUse:
    """Seconds of processor spent in each stage of a load, from its progress."""

    seconds: dict[str, float] = field(default_factory=dict[str, float])
    _stage: str = "start"
    _since: float = field(default_factory=cpu_seconds)

    def note(self, step: Step) -> None:
        """Counts what was used since the last step to the stage that was under way."""
        now = cpu_seconds()
        self.seconds[self._stage] = self.seconds.get(self._stage, 0) + now - self._since
        self._stage, self._since = step.stage, now
