"""Days in the forms that sources write them."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from ingest.sources.dates import best_day, read_day

DAY = date(2024, 5, 24)


@pytest.mark.parametrize(
    "value",
    [
        "2024-05-24", "2024/5/24", "20240524", "20240524101500", 20240524, "5/24/24", "5/24/2024", "24/5/2024", "24.05.24",
        "24-May-24", "24 May '24", "24. Mai 2024", "24 mai 2024", "24 de mayo de 2024", "24 maggio 2024", "24th of May 2024",
        "May 24-26, 2024", "2024, May 24", "2024 May 24", "2024-May-24", "Fri, 24 May 2024 10:00:00 GMT",
        45436, "45436", 45436.75, 1716508800, "1716508800", 1716508800.5, "1716508800.5", 1716508800000, "1716508800000000000",
        {"date-parts": [["2024", 5, 24]]}, {"date-time": "2024-05-24T00:00:00Z"}, {"$date": "2024-05-24T00:00:00Z"},
        {"$date": {"$numberLong": "1716508800000"}}, {"year": 2024, "month": "May", "day": 24},
    ],
)  # fmt: skip
def test_a_day_is_read_in_every_form(value: Any) -> None:
    assert read_day(value) == (DAY, False)


@pytest.mark.parametrize(
    ("value", "day"),
    [
        ("12-2024", date(2024, 12, 1)), ("05/2024", date(2024, 5, 1)), ("2024 May", date(2024, 5, 1)),
        ("März 2021", date(2021, 3, 1)), ("2024Q2", date(2024, 4, 1)), ("Q3 2024", date(2024, 7, 1)),
        ("Spring 2024", date(2024, 1, 1)), ("2021~", date(2021, 1, 1)), ("5/4/2024", date(2024, 1, 1)),
        ("5/4/24", date(2024, 1, 1)), ("juin 1998", date(1998, 6, 1)), ({"date-parts": [[2024, 2]]}, date(2024, 2, 1)),
    ],
)  # fmt: skip
def test_what_is_not_said_of_a_day_is_filled_in_and_marked(value: Any, day: date) -> None:
    assert read_day(value) == (day, True)


@pytest.mark.parametrize("value", ["soon", "", "37 pages", True, None, [], {}, {"$date": {"a": {}}}, "24/05/12", 5.5])
def test_what_is_no_day_or_could_be_several_is_none(value: Any) -> None:
    assert read_day(value) is None


@pytest.mark.parametrize("value", ["31.02.2024", "0000-01-01", "9999-12-31", 10**30, "2024-13-01"])
def test_a_day_that_cannot_be_is_an_error(value: Any) -> None:
    with pytest.raises((ValueError, OverflowError)):
        read_day(value)


def test_a_later_date_counts_only_where_it_tells_the_same_month_or_year_exactly() -> None:
    year, month, day = (date(2024, 1, 1), True), (date(2024, 5, 1), True), (DAY, False)
    assert best_day([]) == (None, False)
    assert best_day([year, month, day]) == day
    assert best_day([month, (date(2024, 6, 3), False)]) == month
    assert best_day([year, (date(2025, 6, 3), False)]) == year
    assert best_day([day, (date(2020, 1, 2), False)]) == day
