"""The URL of a bucket: what is one, what none, and that no part of it is shown."""

import pytest

from ecom_assets.errors import SourceError
from ecom_assets.sources.buckets.address import parse_bucket

GIVEN = "s3://KEY:s3cr3t%2Fword@exports/daily/web/?endpoint=http://127.0.0.1:9000&region=eu-west-1"


def test_a_url_is_taken_apart() -> None:
    bucket = parse_bucket("SHOP", GIVEN)
    assert (bucket.name, bucket.prefix, bucket.key) == (
        "exports",
        "daily/web",
        ("KEY", "s3cr3t/word"),
    )
    assert bucket.options == {"endpoint": "http://127.0.0.1:9000", "region": "eu-west-1"}
    assert str(bucket) == "the bucket that SHOP names"
    bucket.store()


def test_without_a_key_it_is_that_of_the_environment() -> None:
    assert parse_bucket("SHOP", "s3://exports").key is None


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://clerk:s3cr3t@host/shop",
        "s3://",
        "s3://KEY@exports",
        "s3://exports?bogus=1",
        "s3://exports?endpoint=",
        "s3://exports?endpoint=127.0.0.1:9000",
        "s3://exports?endpoint=ftp://127.0.0.1",
        "s3://exports?endpoint=http://127.0.0.1:99999",
        "s3://exports?endpoint=http://",
        "s3://exports/a//b",
        "s3://exports/a/../b",
        "s3://[exports",
    ],
)
def test_what_is_no_bucket_is_told_without_its_url(url: str) -> None:
    """Some of these ended a pull in a panic of the library."""
    with pytest.raises(
        SourceError, match="SHOP holds no URL of a bucket, such as s3://KEY"
    ) as told:
        parse_bucket("SHOP", url)
    assert "s3cr3t" not in str(told.value)


def test_nothing_is_no_bucket() -> None:
    with pytest.raises(SourceError, match="SHOP is not set: export SHOP=URL"):
        parse_bucket("SHOP", None)
