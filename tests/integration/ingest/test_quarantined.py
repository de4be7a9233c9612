"""Rejected rows are shown without a lock, beside loads that replace them."""

from pathlib import Path

import pytest

from ecom_assets import status
from ecom_assets.errors import ConfigurationError, LakeError
from ecom_assets.ingest.manifest import Manifest, read_manifests
from ecom_assets.ingest.parts import QUARANTINE
from ecom_assets.status import quarantined
from tests.integration.ingest.lake import Lake, line

WRONG = line("536366", quantity="six")


def remove_quarantine(lake: Lake) -> str:
    path, *_ = lake.paths(QUARANTINE)
    Path(path).unlink()
    return path


def test_parts_replaced_while_they_are_read_are_looked_for_again(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`ecom quarantine` beside a load ended in a traceback: a listed part was gone."""
    lake.load(line(), WRONG)

    def just_before_a_load(folder: Path) -> dict[tuple[str, str, str], Manifest]:
        monkeypatch.undo()
        before = read_manifests(folder)
        remove_quarantine(lake)
        lake.load(line(), WRONG, WRONG)
        return before

    monkeypatch.setattr(status, "read_manifests", just_before_a_load)
    assert quarantined(lake.home, None, 10).total == 2


def test_a_part_that_is_lost_is_named_in_a_sentence(lake: Lake) -> None:
    lost = remove_quarantine(lake.load(line(), WRONG))
    with pytest.raises(
        LakeError, match=r"rejected rows cannot be read: .* in .*manifests: "
    ) as told:
        quarantined(lake.home, None, 10)
    assert lost in str(told.value)


def test_a_month_whose_manifest_is_removed_is_read_anew(lake: Lake) -> None:
    """As the sentence about a lost part says."""
    remove_quarantine(lake.load(line(), WRONG))
    for manifest in lake.home.manifests.rglob("*.json"):
        manifest.unlink()
    lake.take_in()
    assert quarantined(lake.home, "orders", 10).total == 1


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        (
            "simmart_orders",
            "'simmart_orders' is a feed, and a dataset is wanted; that feed fills raw_orders",
        ),
        ("order_itms", "there is no dataset 'order_itms'. Did you mean order_items"),
    ],
)
def test_a_name_that_is_no_dataset_is_told_with_what_may_be_meant(
    lake: Lake, name: str, sentence: str
) -> None:
    """Of a feed's name only all datasets were told, not those that it fills."""
    with pytest.raises(ConfigurationError) as caught:
        quarantined(lake.home, name, 10)
    assert str(caught.value).startswith(sentence)
