"""Profiles of the property tests: the same few examples in every run, or ``--hypothesis-profile
deep`` for many new ones, or ``shops`` for 500 made-up shops."""

from hypothesis import HealthCheck, Phase, settings

settings.register_profile(
    "quick",
    max_examples=12,
    phases=[Phase.explicit, Phase.generate],
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
settings.register_profile(
    "deep", settings.get_profile("quick"), max_examples=300, derandomize=False
)
settings.register_profile("shops", settings.get_profile("deep"), max_examples=100)
# hypothesis chooses "ci" by itself where it sees one; a person's choice stands
if settings.get_current_profile_name() in ("default", "ci"):
    settings.load_profile("quick")
