# pyright: reportMissingImports=false, reportUntypedBaseClass=false
"""Refuses to build a wheel: it would have neither the dbt project nor the versions of uv.lock.

A build hook of hatchling (`pyproject.toml`), which only a build can import. `uv sync` installs the
checkout itself, editable, and passes.
"""

from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class FromCheckout(BuildHookInterface):
    """Lets through what leaves the package where it is, beside `dbt/` and `examples/`."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002
        """Is called before anything is written.

        Raises:
            RuntimeError: The wheel would be one to install elsewhere.
        """
        if version != "editable":
            raise RuntimeError(
                "Ecom Assets runs from a checkout, with dbt/ and uv.lock beside the package; a "
                "wheel has neither. Clone the repository and call `make setup` or "
                "`uv sync --extra ml`."
            )
