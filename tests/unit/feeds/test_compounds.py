"""Headers that are compounds of known words are understood, and what is left out is told loudly.

Of a German export the discounts, the country and the time of day were dropped without a word, and
the check said that it can be loaded.
"""

from pathlib import Path

import pytest

from ecom_assets.feed_check.check import Report, check_feed
from ecom_assets.feed_check.subject import Wanted
from ecom_assets.feed_draft.draft import Draft, draft_feed, write_draft
from ecom_assets.feed_draft.words import is_discount_rate, meanings
from ecom_assets.feeds import load_feed
from ecom_assets.home import Home

HEADER = (
    "Auftragsnummer;Auftragsdatum;Uhrzeit;SKU;Anzahl;Einzelpreis netto;Positionsrabatt;"
    "Auftragsrabatt;Rechnungsland;Erstattet am;Erstattungsbetrag;Pfand\n"
)
FIRST = "A1;08.02.2025;9:01;T-200;3;12,50;1,00;5,00;CH;31.03.2025;12,50;1,00\n"
SECOND = "A1;08.02.2025;9:01;K-10;4;4,99;;;CH;;;5,00\n"
UNUSED = "not used though it looks like money: Erstattungsbetrag, Pfand; like a day: Erstattet am"


def drafted(home: Home, folder: Path, text: str) -> tuple[Draft, Report]:
    path = folder / "auftraege_2025-03-31.csv"
    path.write_text(text)
    draft = draft_feed(home, "mine", path)
    write_draft(home, "mine", draft)
    return draft, check_feed(home, Wanted("mine", [path], timezone="Europe/Berlin"))


def test_discounts_country_and_time_of_day_of_a_german_export_are_used(
    home: Home, tmp_path: Path
) -> None:
    draft, _ = drafted(home, tmp_path, HEADER + FIRST + SECOND)
    assert "positionsrabatt as discount_amount" in draft.files["order_items.sql"]
    orders = draft.files["orders.sql"]
    assert "arg_min(auftragsrabatt, source_row) as order_discount_amount" in orders
    assert "arg_min(rechnungsland, source_row) as ship_country_code" in orders
    assert load_feed("mine", home).column("auftragsdatum").time == "uhrzeit"


def test_what_looks_like_money_or_a_day_and_is_not_used_is_told_by_both(
    home: Home, tmp_path: Path
) -> None:
    draft, report = drafted(home, tmp_path, HEADER + FIRST + SECOND)
    assert (draft.unused, report.unused, report.faults) == (UNUSED, UNUSED, [])


RATE = "not used though it looks like a discount in percent (make its amount under `derived`): "


@pytest.mark.parametrize(
    ("header", "is_one"),
    [
        *((header, True) for header in ("Rabatt %", "Discount %", "Rabattsatz", "Discount pct")),
        *((header, True) for header in ("Taux de remise", "Kortingspercentage")),
        *(
            (header, False)
            for header in ("Rabatt", "MwSt %", "Steuersatz", "Rate", "Discount code")
        ),
    ],
)
def test_a_header_tells_that_a_discount_is_in_percent(header: str, is_one: bool) -> None:
    assert is_discount_rate(header) == is_one


@pytest.mark.parametrize("values", [("0", "10"), ("2,5", "10"), ("5 %", "10%"), ("", "")])
def test_a_discount_in_percent_is_told_by_both(
    home: Home, tmp_path: Path, values: tuple[str, str]
) -> None:
    """Its whole numbers looked like no money: discounts were dropped without a word."""
    rows = "".join(f"{no};08.02.2025;T;3;12,50;{value}\n" for no, value in enumerate(values))
    header = "Auftrag;Auftragsdatum;SKU;Anzahl;Einzelpreis;Rabatt %\n"
    draft, report = drafted(home, tmp_path, header + rows)
    assert draft.unused == f"{RATE}Rabatt %" == report.unused


def test_a_discount_in_percent_that_derived_makes_an_amount_of_is_used(
    home: Home, tmp_path: Path
) -> None:
    header = "Auftrag;Auftragsdatum;SKU;Anzahl;Einzelpreis;Rabatt %;Rabattsatz-Name\n"
    _, report = drafted(home, tmp_path, f"{header}A;08.02.2025;T;3;12,50;10;Treue\n")
    assert report.unused == f"{RATE}Rabatt %"
    path = home.feeds / "mine" / "feed.yaml"
    amount = "cast(anzahl * einzelpreis * rabatt / 100 as decimal(18, 4))"
    text = path.read_text().replace("header: Rabatt %", "header: Rabatt %, type: decimal")
    path.write_text(f'{text}derived: {{nachlass: "{amount}"}}\n')
    sample = tmp_path / "auftraege_2025-03-31.csv"
    assert check_feed(home, Wanted("mine", [sample])).unused is None


def test_a_header_tells_where_the_sample_has_no_value(home: Home, tmp_path: Path) -> None:
    draft, report = drafted(home, tmp_path, HEADER + SECOND)
    assert draft.unused == UNUSED == report.unused


def test_amounts_in_whole_numbers_are_suggested_as_money(home: Home, tmp_path: Path) -> None:
    """1,00 and 5,00 are whole numbers too, and as such 1,50 would be rejected."""
    draft, _ = drafted(home, tmp_path, HEADER + FIRST + SECOND)
    told = draft.files["feed.yaml"]
    assert "looks like type: money.\n  - {name: pfand, header: Pfand}" in told
    assert "{name: anzahl, header: Anzahl, type: integer, required: true}" in told


def test_a_time_without_its_day_is_told(home: Home, tmp_path: Path) -> None:
    text = (HEADER + FIRST).replace("08.02.2025", "08.02.2025 10:00")
    draft, report = drafted(home, tmp_path, text)
    assert "time_of_day" not in draft.recognised
    assert str(draft.unused).endswith("; like a time of day: Uhrzeit")
    assert draft.unused == report.unused


def test_the_check_tells_that_discounts_stay_empty(home: Home, tmp_path: Path) -> None:
    text = (HEADER + FIRST).replace("Positionsrabatt;Auftragsrabatt", "X;Y")
    _, report = drafted(home, tmp_path, text)
    empty = "\n".join(report.empty)
    assert "the discounts of lines: amounts are as if none was given" in empty
    assert "the discounts of whole orders: amounts are as if none was given" in empty


@pytest.mark.parametrize(
    ("header", "meaning"),
    [
        ("Treuerabatt", "discount_amount"),
        ("Rabatt (Position)", "discount_amount"),
        ("Rabatt auf die Bestellung", "order_discount_amount"),
        ("Total order discount", "order_discount_amount"),
        ("Rechnungsland", "country"),
        ("Bestelluhrzeit", "time_of_day"),
        ("Rabattsatz", None),
        ("Rabatt %", None),
        ("Taux de remise", None),
        ("Bruttorabatt", None),
        ("Landline", None),
        ("Lieferuhrzeit", None),
        ("Brutto-Stückpreis", None),
    ],
)
def test_compounds_mean_what_their_known_word_does(header: str, meaning: str | None) -> None:
    assert meanings([header]) == ({meaning: 0} if meaning else {})


def test_a_plain_discount_beside_one_of_lines_is_that_of_the_order() -> None:
    """Of Shopify's export the order's discount was taken for that of its first line."""
    found = meanings(["Discount Amount", "Lineitem discount"])
    assert found == {"discount_amount": 1, "order_discount_amount": 0}


SHOPIFY = "Name,Email,Created at,Lineitem quantity,Lineitem name,Lineitem price,Receipt Number\n"


def test_a_column_without_a_value_is_not_taken_for_a_required_one(
    home: Home, tmp_path: Path
) -> None:
    """Shopify's Receipt Number, filled in no row, stood for the order's number, not its Name."""
    draft, report = drafted(home, tmp_path, f"{SHOPIFY}#1001,a@b.de,2024-01-31,1,Pen,2.50,\n")
    assert (draft.recognised["order_id"], report.faults) == ("Name", [])


def test_of_two_columns_that_one_is_taken_that_has_values(home: Home, tmp_path: Path) -> None:
    text = "Order,Invoice,Date,Coupon,Qty,Price\n,R1,2024-01-31,,1,2.50\n"
    draft, _ = drafted(home, tmp_path, text)
    assert draft.recognised["order_id"] == "Invoice"
    assert draft.recognised["coupon_code"] == "Coupon"  # no dataset requires it
