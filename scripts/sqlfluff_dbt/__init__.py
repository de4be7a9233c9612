"""What dbt puts into a template, for sqlfluff's Jinja templater.

sqlfluff brings ``ref``, ``source``, ``config``, ``var`` and ``this`` itself and reads our macros
from ``dbt/macros``; here is what those macros need besides: dispatch to DuckDB's version of a
macro, ``return`` in a macro that another macro of its file calls, the target, and the rule that
a lint run never executes a query.
"""

from collections.abc import Callable
from typing import Any

from jinja2 import Undefined, pass_context
from jinja2.runtime import Context, Macro
from sqlfluff.core.templaters.builtins.dbt import MacroReturn

TARGET = "duckdb"


class Adapter:
    """The part of dbt's ``adapter`` that rendering a model needs."""

    @pass_context
    def dispatch(
        self, context: Context, macro_name: str, macro_namespace: str | None = None
    ) -> Callable[..., Any]:
        """Returns DuckDB's version of a macro, or the default one.

        Args:
            context: The template that asks.
            macro_name: Name without its prefix.
            macro_namespace: dbt project to search; there is only this one.

        Returns:
            The macro.

        Raises:
            LookupError: If neither version exists.
        """
        del macro_namespace
        for prefix in (TARGET, "default"):
            macro = context.resolve(f"{prefix}__{macro_name}")
            if not isinstance(macro, Undefined):
                return macro
        message = f"No macro {TARGET}__{macro_name} or default__{macro_name} in dbt/macros."
        raise LookupError(message)


class Target:
    """dbt's ``target``: the engine that the lint run stands for."""

    name = TARGET
    type = TARGET
    schema = "main"


def returning(invoke: Callable[..., Any]) -> Callable[..., Any]:
    """Ends ``{{ return(value) }}`` at the macro that it stands in.

    sqlfluff ends it at the outermost macro, so that ``{{ local_day(x) }}`` would render as the
    ``local_time(x)`` inside it, without the cast.

    Args:
        invoke: Jinja's way to run a macro.

    Returns:
        The same, giving out the value of a ``return`` where there is one.
    """

    def invoked(*arguments: Any, **options: Any) -> Any:
        try:
            return invoke(*arguments, **options)
        except MacroReturn as returned:
            return returned.value

    return invoked


Macro._invoke = returning(Macro._invoke)

adapter = Adapter()
target = Target()
execute = False
