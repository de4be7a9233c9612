"""What a simulation has written into a home."""

import hashlib

from ecom_assets.home import Home


def contents(home: Home) -> dict[str, str]:
    """Returns the hashes of all files of inbox and truth, by path."""
    return {
        str(path.relative_to(home.root)): hashlib.sha256(path.read_bytes()).hexdigest()
        for folder in (home.inbox, home.truth)
        for path in folder.rglob("*.*")
    }
