"""What a process and its ended children have used, as Linux counts it."""

import resource

SCOPES = {"self": resource.RUSAGE_SELF, "children": resource.RUSAGE_CHILDREN}


def cpu_seconds() -> float:
    """Returns user and system seconds of this process and its ended children.

    Unlike wall seconds they hardly change when others use the machine too.
    """
    used = [resource.getrusage(scope) for scope in SCOPES.values()]
    return sum(usage.ru_utime + usage.ru_stime for usage in used)


def peak_kib() -> dict[str, int]:
    """Returns the peak memory of this process (``self``) and of its largest child, in KiB.

    A child is counted from its fork, so its peak is at least what its parent had by then.
    """
    return {name: resource.getrusage(scope).ru_maxrss for name, scope in SCOPES.items()}
