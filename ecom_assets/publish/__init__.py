"""Publish: the gate, the versions that readers see, and their digests."""
