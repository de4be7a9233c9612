"""Pulling the files of one feed: the objects of a bucket that are new or have changed, as they are.

What was pulled before is remembered by tag and size (``state/buckets``). That is no more than a
saving: without it every object is read anew, and the landing knows the contents that it has.
"""

import json
import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from obstore import exceptions
from obstore.store import S3Store

from ecom_assets.errors import LandingError, SourceError, UnreachableError
from ecom_assets.feeds import Feed
from ecom_assets.home import Home
from ecom_assets.ingest.unpack import unpacked_name
from ecom_assets.replace_file import replace_text
from ecom_assets.sources.buckets.address import Bucket
from ecom_assets.sources.handing_over import DeliveredFiles
from ecom_assets.wording import counted

if TYPE_CHECKING:
    from obstore import ObjectMeta

CHUNK_BYTES = 4_000_000
Answer = TypeVar("Answer")
Mark = list[Any]  # tag, size and time of an object

NOT_FOUND = "is none: there is no bucket of that name, or an object just went"
# The first that matches an error counts.
MEANINGS = (
    (r"InvalidAccessKeyId|SignatureDoesNotMatch", "refuses the key or its secret"),
    (r"status code: 40[13]\b|AccessDenied", "does not let this key list and read its objects"),
    (r"status code: 404\b|NoSuchBucket", NOT_FOUND),
    (
        r"status code: 301\b|redirect without LOCATION|AuthorizationHeaderMalformed",
        "lies in another region: say region=...",
    ),
    (
        r"^Encountered object with invalid path",
        "holds an object whose key is no path (a line break or another control character in it, "
        "two slashes in a row, or a part that is . or ..), and cannot be listed because of it: "
        "rename that object, or let the prefix lead past it",
    ),
)
NO_ANSWER = "cannot be reached: is the endpoint right, and does it answer?"
UNREACHABLE = "HTTP error: "  # said where no answer came, or not all of it


def pull_bucket(home: Home, bucket: Bucket, target: tuple[str, Feed]) -> DeliveredFiles | None:
    """Delivers the objects that are new or have changed.

    A key's slashes below the prefix become underscores in the name of the file; its time is that of
    the object.

    Args:
        home: The home; the caller holds its writer lock.
        bucket: Where the objects lie.
        target: Store id and feed, whose pattern says which objects are its files.

    Returns:
        The files, or None where nothing is new.

    Raises:
        SourceError: The bucket cannot be read, or two objects would have one name.
        LandingError: The inbox cannot be written.
    """
    store, feed = target
    memory = home.bucket_memory / f"{store}-{feed.feed}.json"
    inbox = home.feed_inbox(store, feed.feed)
    try:
        return _pull(bucket, feed, memory, inbox)
    except OSError as error:
        raise LandingError(f"{inbox} cannot take what was pulled: {error.strerror}") from error


def _pull(bucket: Bucket, feed: Feed, memory: Path, inbox: Path) -> DeliveredFiles | None:
    objects = bucket.store()
    listed = _ask(bucket, lambda: [meta for batch in objects.list() for meta in batch])
    named = _named([m for m in listed if not m["path"].endswith("/")], bucket)
    ours = {n: m for n, m in named.items() if re.fullmatch(feed.pattern, unpacked_name(n))}
    known = _remembered(memory)
    new = {n: m for n, m in ours.items() if not _is_known(known.get(n), m, inbox / n)}
    inbox.mkdir(parents=True, exist_ok=True)
    kept = {name: known[name] for name in ours if name in known}
    try:
        for name, meta in sorted(new.items()):
            kept[name] = _fetch(bucket, objects, meta["path"], inbox / name)
    finally:  # what was fetched before a failure is not fetched again
        if kept != known:
            replace_text(memory, json.dumps(kept, indent=1))
    if not kept:
        raise SourceError(
            f"{bucket!r} holds no file of this feed yet: below the prefix, none of "
            f"{counted(len(named), 'object')} is named like {feed.example}"
        )
    files = tuple(inbox / name for name in sorted(new))
    return DeliveredFiles(files, len(named) - len(ours)) if files else None


def _named(listed: "list[ObjectMeta]", bucket: Bucket) -> "dict[str, ObjectMeta]":
    """Returns objects by the name that their file gets.

    Raises:
        SourceError: Two would get the same.
    """
    named: dict[str, ObjectMeta] = {}
    for meta in listed:
        name = meta["path"].replace("/", "_")
        if other := named.get(name):
            raise SourceError(
                f"{bucket!r} holds {meta['path']} and {other['path']}, which would be one file "
                f"{name}: rename one of them"
            )
        named[name] = meta
    return named


def _is_known(known: Mark | None, meta: "ObjectMeta", file: Path) -> bool:
    """Whether an object is as it was when it was pulled, and its file still there."""
    is_same = known == _mark(meta)
    return is_same and file.is_file() and file.stat().st_size == meta["size"]


def _mark(meta: "ObjectMeta") -> Mark:
    return [meta["e_tag"], meta["size"], meta["last_modified"].isoformat()]


def _fetch(bucket: Bucket, objects: S3Store, key: str, target: Path) -> Mark:
    """Copies one object; returns by what it is known again: as it was when it was read."""
    found = _ask(bucket, lambda: objects.get(key))
    chunks = found.stream(min_chunk_size=CHUNK_BYTES)
    draft = target.with_name(f".{target.name}.part")
    with draft.open("wb") as copy:
        while chunk := _ask(bucket, lambda: next(chunks, None)):
            copy.write(chunk)
    modified = found.meta["last_modified"].timestamp()
    os.utime(draft, (modified, modified))
    draft.replace(target)
    return _mark(found.meta)


def _remembered(memory: Path) -> Mapping[str, Mark]:
    try:
        return json.loads(memory.read_text("utf-8"))
    except (FileNotFoundError, ValueError):  # none yet, or cut short by a power cut
        return {}


def _ask(bucket: Bucket, question: Callable[[], Answer]) -> Answer:
    """Returns what a bucket answers.

    Raises:
        SourceError: It does not; the message holds no part of the URL, nor does a chained error.
    """
    try:
        return question()
    except FileNotFoundError:
        kind, sentence = SourceError, f"{bucket!r} {NOT_FOUND}"
    except exceptions.BaseError as error:
        if UNREACHABLE in str(error):
            kind, sentence = UnreachableError, f"{bucket!r} {NO_ANSWER}"
        else:
            kind, sentence = SourceError, _explain(error, bucket)
    raise kind(sentence)


def _explain(error: exceptions.BaseError, bucket: Bucket) -> str:
    said = str(error)
    for pattern, meaning in MEANINGS:
        if re.search(pattern, said):
            return f"{bucket!r} {meaning}"
    status = re.search(
        r"status code: (\d{3})", said
    )  # no more: a server may repeat what it was sent
    told = f"it answers with status {status[1]}" if status else type(error).__name__
    return f"{bucket!r} could not be read: {told}"
