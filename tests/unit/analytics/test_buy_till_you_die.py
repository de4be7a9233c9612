"""BG/NBD and Gamma-Gamma: the published figures, and every formula by another way."""

import math
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from scipy.integrate import quad
from scipy.stats import beta as beta_distribution
from scipy.stats import gamma as gamma_distribution

from ecom_assets.analytics import bg_nbd, gamma_gamma
from ecom_assets.analytics.bg_nbd import BgNbd, Histories
from ecom_assets.analytics.customer_value import grouped, histories_to
from tests.unit.analytics.purchases import simulated_order_days

CDNOW = BgNbd(0.2426, 4.4136, 0.7929, 2.4259, -9582.429, True)  # published, in weeks
LAST_CALIBRATED = date(1997, 9, 30)


def histories(*rows: tuple[float, float, float]) -> Histories:
    frequency, recency, age = np.array(rows, float).T
    return Histories(frequency, recency, age, np.ones(len(rows)))


def in_weeks(days: Histories) -> Histories:
    return Histories(days.frequency, days.recency / 7, days.age / 7, days.customers)


def likelihood(model: BgNbd, x: float, recency: float, age: float, t: float = 0) -> float:
    """The likelihood of a history of a customer who is still there t after it, by its definition:
    over rates and probabilities to leave, without the closed form.
    """
    rates = gamma_distribution(model.r, scale=1 / model.alpha)
    left = beta_distribution(model.a, model.b)
    bought = quad(
        lambda n: n**x * math.exp(-n * (age + t)) * rates.pdf(n), 0, np.inf, limit=200, epsabs=0
    )
    stayed = quad(lambda p: (1 - p) ** x * left.pdf(p), 0, 1, limit=200, epsabs=0)
    return bought[0] * stayed[0]


def gone(model: BgNbd, x: float, recency: float) -> float:
    """The likelihood of one who left right after the last purchase."""
    if x == 0:
        return 0.0
    rates = gamma_distribution(model.r, scale=1 / model.alpha)
    left = beta_distribution(model.a, model.b)
    bought = quad(
        lambda n: n**x * math.exp(-n * recency) * rates.pdf(n), 0, np.inf, limit=200, epsabs=0
    )
    went = quad(lambda p: p * (1 - p) ** (x - 1) * left.pdf(p), 0, 1, limit=200, epsabs=0)
    return bought[0] * went[0]


@pytest.mark.parametrize("history", [(0, 0, 30), (2, 30.43, 38.86), (7, 20, 39), (29, 37, 38.9)])
def test_p_alive_is_what_integration_gives(history: tuple[float, float, float]) -> None:
    x, recency, age = history
    here = likelihood(CDNOW, x, recency, age)
    expected = here / (here + gone(CDNOW, x, recency))
    assert CDNOW.p_alive(histories(history))[0] == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("history", [(0, 0, 30), (2, 30.43, 38.86), (7, 20, 39)])
def test_expected_purchases_are_what_integration_gives(
    history: tuple[float, float, float],
) -> None:
    """Given rate n and probability p, one who is there makes (1 - exp(-n p t)) / p purchases."""
    x, recency, age = history
    t = 39.0
    left = beta_distribution(CDNOW.a, CDNOW.b)

    def bought(discount: float) -> float:
        """The mean of n**x * exp(-n * discount) over rates n."""
        shape = math.exp(math.lgamma(CDNOW.r + x) - math.lgamma(CDNOW.r))
        return shape * CDNOW.alpha**CDNOW.r / (CDNOW.alpha + discount) ** (CDNOW.r + x)

    def given(p: float) -> float:
        return (bought(age) - bought(age + p * t)) / p * (1 - p) ** x * left.pdf(p)

    top = quad(given, 0, 1, limit=200, epsabs=0)[0]
    expected = top / (likelihood(CDNOW, x, recency, age) + gone(CDNOW, x, recency))
    found = CDNOW.expected_purchases(histories(history), t)[0]
    assert found == pytest.approx(expected, rel=1e-4)


def test_the_log_likelihood_is_the_sum_of_what_integration_gives() -> None:
    rows = [(0.0, 0.0, 30.0), (2.0, 30.43, 38.86), (7.0, 20.0, 39.0)]
    each = [math.log(likelihood(CDNOW, *row) + gone(CDNOW, row[0], row[1])) for row in rows]
    weights = [50.0, 20.0, 5.0]
    frequency, recency, age = np.array(rows).T
    many = Histories(frequency, recency, age, np.array(weights))
    parameters = np.array([CDNOW.r, CDNOW.alpha, CDNOW.a, CDNOW.b])
    value, slope = bg_nbd._Terms(many).log_likelihood(parameters)
    assert value == pytest.approx(np.dot(each, weights), rel=1e-6)
    for place in range(4):
        step = np.eye(4)[place] * 1e-6 * parameters[place]
        up, down = (bg_nbd._Terms(many).log_likelihood(parameters + s)[0] for s in (step, -step))
        assert slope[place] == pytest.approx((up - down) / (2 * step[place]), rel=1e-4)


def test_customers_of_one_history_are_counted_together_and_units_do_not_matter() -> None:
    days = grouped(histories_to(simulated_order_days(600, 400, seed=3), date(2026, 2, 4)))
    each = Histories(
        *(np.repeat(v, days.customers.astype(int)) for v in (days.frequency, days.recency)),
        np.repeat(days.age, days.customers.astype(int)),
        np.ones(int(days.customers.sum())),
    )
    together, apart, weekly = bg_nbd.fit(days), bg_nbd.fit(each), bg_nbd.fit(in_weeks(days))
    assert together.converged
    for model, unit in ((apart, 1), (weekly, 7)):
        found = (model.r, model.alpha * unit, model.a, model.b)
        assert found == pytest.approx(
            (together.r, together.alpha, together.a, together.b), rel=1e-3
        )


def test_the_parameters_of_simulated_customers_are_found_again() -> None:
    days = grouped(histories_to(simulated_order_days(4000, 700, seed=5), date(2026, 12, 1)))
    model = bg_nbd.fit(days)
    # two purchases of one day are one, so the rates found are a little lower
    assert model.r / model.alpha == pytest.approx(0.8 / 60, rel=0.1)
    assert model.a / (model.a + model.b) == pytest.approx(0.9 / 3.9, rel=0.15)


def test_nothing_overflows_however_often_customers_buy() -> None:
    extreme = histories((0, 0, 0), (5000, 20_000, 20_001), (1, 1, 40_000), (300, 10, 9000))
    for a in (1e-4, 0.5, 1.0, 1.0 + 1e-9, 3.0, 5e4):
        model = BgNbd(0.3, 5.0, a, 2.4, 0.0, True)
        for found in (model.p_alive(extreme), model.expected_purchases(extreme, 365)):
            assert np.isfinite(found).all()
            assert (found >= 0).all()


def test_expected_purchases_are_continuous_where_the_formula_divides_by_nothing() -> None:
    one = histories((3, 20, 30))
    near = [
        BgNbd(0.3, 5.0, a, 2.4, 0.0, True).expected_purchases(one, 52)[0]
        for a in (0.999, 1.0, 1.001)
    ]
    assert near[1] == pytest.approx((near[0] + near[2]) / 2, rel=1e-3)


def population_mean(model: gamma_gamma.GammaGamma) -> float:
    """What is expected of a customer of whom no repeat purchase is known."""
    return model.p * model.v / (model.q - 1)


def test_gamma_gamma_finds_what_the_spending_was_made_of() -> None:
    chance = np.random.default_rng(7)
    frequency = chance.integers(1, 12, 5000).astype(float)
    rates = chance.gamma(4.0, 1 / 15.0, 5000)
    mean = chance.gamma(6.0 * frequency, 1 / rates) / frequency
    model = gamma_gamma.fit(frequency, mean)
    assert (model.p, model.q, model.v) == pytest.approx((6.0, 4.0, 15.0), rel=0.1)
    assert population_mean(model) == pytest.approx(6.0 * 15.0 / 3.0, rel=0.03)


def test_expected_spend_lies_between_the_customers_own_and_that_of_all() -> None:
    model = gamma_gamma.GammaGamma(6.25, 3.74, 15.44, True)
    spend = model.expected_spend(np.array([0.0, 1.0, 50.0]), np.array([0.0, 100.0, 100.0]))
    assert spend[0] == pytest.approx(population_mean(model))
    assert population_mean(model) < spend[1] < spend[2] < 100.0


@pytest.fixture
def cdnow(test_data: Path) -> pl.DataFrame:
    """Days with a purchase of the sample of CDNOW."""
    log = pl.read_csv(test_data / "cdnow" / "cdnowElog.csv")
    day = pl.col("date").cast(pl.String).str.to_date("%Y%m%d")
    return (
        log.group_by(
            pl.col("sampleid").cast(pl.String).alias("customer_id"), day.alias("ordered_on")
        )
        .agg(pl.col("sales").sum().alias("net_amount"))
        .sort("customer_id", "ordered_on")
    )


@pytest.mark.external_data
def test_cdnow_gives_the_published_parameters_and_likelihood(cdnow: pl.DataFrame) -> None:
    model = bg_nbd.fit(in_weeks(grouped(histories_to(cdnow, LAST_CALIBRATED))))
    found = (model.r, model.alpha, model.a, model.b)
    assert found == pytest.approx((0.2426, 4.4136, 0.7929, 2.4259), rel=0.001)
    assert model.log_likelihood == pytest.approx(-9582.429, abs=0.01)


@pytest.mark.external_data
def test_cdnow_expects_the_published_purchases(cdnow: pl.DataFrame) -> None:
    """1,882 came in the 39 weeks held out; the model of the paper expects 1,653.4 of them."""
    calibrated = histories_to(cdnow, LAST_CALIBRATED)
    model = bg_nbd.fit(in_weeks(grouped(calibrated)))
    columns = ("frequency", "recency_days", "age_days")
    each = Histories(
        *(calibrated[c].to_numpy() / (1 if c == "frequency" else 7) for c in columns),
        np.ones(calibrated.height),
    )
    assert model.expected_purchases(each, 39).sum() == pytest.approx(1653.4, abs=1.0)
    came = cdnow.filter(pl.col("ordered_on") > LAST_CALIBRATED).height
    assert came == 1882
    assert CDNOW.expected_purchases(histories((2, 30.43, 38.86)), 39)[0] == pytest.approx(
        1.226, abs=5e-4
    )


@pytest.mark.external_data
def test_cdnow_gives_the_published_spending(test_data: Path) -> None:
    rows = pl.read_csv(test_data / "cdnow" / "cdnow_customers_summary_with_transactions.csv")
    repeats = rows.filter(pl.col("x") > 0)
    assert repeats.height == 946
    model = gamma_gamma.fit(repeats["x"].cast(pl.Float64).to_numpy(), repeats["zbar"].to_numpy())
    assert (model.p, model.q, model.v) == pytest.approx((6.25, 3.74, 15.44), rel=0.01)
    assert population_mean(model) == pytest.approx(35.171, abs=0.001)
    first = rows.head(3)
    spend = model.expected_spend(first["x"].cast(pl.Float64).to_numpy(), first["zbar"].to_numpy())
    assert spend == pytest.approx([24.6586, 18.9115, 35.1710], abs=0.01)
