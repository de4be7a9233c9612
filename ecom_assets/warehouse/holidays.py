"""Public holidays by country, from the ``holidays`` library."""

from collections.abc import Sequence
from datetime import date


def public_holidays(
    countries: Sequence[str], first_year: int, last_year: int
) -> list[tuple[str, date, str]]:
    """Returns (country code, day, names) of all public holidays, by country and day.

    Countries that the library does not know have none.
    """
    if not countries:
        return []
    import holidays

    known = holidays.list_supported_countries()
    years = range(first_year, last_year + 1)
    return [
        (country, day, name)
        for country in countries
        if country in known
        for day, name in sorted(holidays.country_holidays(country, years=years).items())
    ]
