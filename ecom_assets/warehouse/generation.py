"""The generation of a build: the hash of all that it is made from."""

import hashlib
import json
from dataclasses import dataclass
from importlib.metadata import version

from ecom_assets.home import Home
from ecom_assets.ingest.manifest import Manifest, Part, read_manifests
from ecom_assets.stores import Stores, feeds_in_use, load_stores
from ecom_assets.warehouse.project import project_fingerprint


@dataclass(frozen=True)
class Generation:
    """The inputs of a build.

    Attributes:
        id: Hash of the listed parts, the project, the library of holidays, stores.yaml and what its
            feeds say of blocking.
        parts: The listed parts.
    """

    id: str
    parts: tuple[Part, ...]


def current_generation(home: Home) -> Generation:
    """Returns the generation that a build started now would have.

    Deliveries of a store or feed that is no longer in stores.yaml stay in the lake and are not
    built from.
    """
    stores = load_stores(home)
    manifests = manifests_of(home, stores)
    parts = tuple(part for _, manifest in sorted(manifests.items()) for part in manifest.parts)
    files = [
        (*manifest.key, file.fingerprint, file.status)
        for _, manifest in sorted(manifests.items())
        for file in manifest.files
    ]
    said = home.stores_file.read_text("utf-8")
    limits = {
        name: (feed.required, feed.max_rejected_pct)
        for name, feed in feeds_in_use(home, stores).items()
    }
    paths = [part.path for part in parts]
    calendar = version("holidays")  # names the days of dim_date
    inputs = json.dumps([files, paths, project_fingerprint(), said, limits, calendar])
    return Generation(hashlib.sha256(inputs.encode()).hexdigest()[:16], parts)


def manifests_of(home: Home, stores: Stores) -> dict[tuple[str, str, str], Manifest]:
    """Returns the manifests of stores and feeds that stores.yaml still names."""
    held = read_manifests(home.manifests)
    return {
        key: manifest
        for key, manifest in held.items()
        if manifest.store in stores.stores and manifest.feed in stores.stores[manifest.store].feeds
    }
