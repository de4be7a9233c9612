"""What may be set from outside."""

import pytest

from ecom_assets.errors import ConfigurationError
from ecom_assets.settings import settings


def test_a_value_that_cannot_be_is_told_with_one_that_can(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only a pattern was shown."""
    monkeypatch.setenv("ECOM_MEMORY_LIMIT", "lots")
    settings.cache_clear()
    with pytest.raises(ConfigurationError, match=r"^ECOM_MEMORY_LIMIT: .* \(example: 1GB\)$"):
        settings()
    monkeypatch.undo()
    settings.cache_clear()
