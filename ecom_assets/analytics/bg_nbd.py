"""BG/NBD: how often a customer comes back, and whether they still do.

While alive, a customer buys at a rate of their own (gamma with shape ``r`` and rate ``alpha`` over
customers); after each purchase they leave for good with a probability of their own (beta with
``a`` and ``b``). Source: Fader, Hardie and Lee (2005), "Counting your customers the easy way: an
alternative to the Pareto/NBD model", Marketing Science 24(2).

All arrays have one element per customer, or per group of customers with the same history.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import digamma, expit, gammaln, hyp2f1

Array = NDArray[np.float64]

# The logarithms of the parameters: beyond this the likelihood is flat to the last digit.
BOUNDS = (-9.0, 9.0)
# Of the slope of the mean log-likelihood: the parameters then hold to four digits.
SLOPE = 1e-7
# A search that stops on a ridge has arrived too: more digits change no prediction.
FLAT = 1e-4
NEARLY = 1e-6


@dataclass(frozen=True)
class Histories:
    """What is known of customers, in any one unit of time.

    Attributes:
        frequency: Purchases after the first, 0 or more.
        recency: From the first to the last purchase; 0 where there is one.
        age: From the first purchase to the day of looking, not less than recency.
        customers: How many have this history; at least one.
    """

    frequency: Array
    recency: Array
    age: Array
    customers: Array


@dataclass(frozen=True)
class BgNbd:
    """A fitted model; `alpha` has the unit of time of the histories.

    Attributes:
        r: Shape of the purchase rates.
        alpha: Rate of the purchase rates.
        a: First parameter of the probability to leave.
        b: Second parameter of the probability to leave.
        log_likelihood: Of the histories it was fitted to.
        converged: Whether the search found a top.
    """

    r: float
    alpha: float
    a: float
    b: float
    log_likelihood: float
    converged: bool

    def p_alive(self, histories: Histories) -> Array:
        """Returns the probability that each customer still buys; 1 for those who never returned."""
        return 1 - expit(self._log_odds_gone(histories))

    def expected_purchases(self, histories: Histories, duration: float) -> Array:
        """Returns the purchases expected of each customer in a time to come.

        Equation (10) of the paper. Its hypergeometric function is beyond bounds for customers who
        have bought very often, and after Euler's transformation where next to all leave at once.
        """
        x, past = histories.frequency, self.alpha + histories.age
        z = duration / (past + duration)
        c = self.a + self.b + x - 1
        # at exactly 1 both the difference and what divides it are nothing
        left = self.a - 1 if abs(self.a - 1) > NEARLY else NEARLY
        with np.errstate(over="ignore", invalid="ignore"):
            kept = (1 - z) ** left * hyp2f1(left + self.b - self.r, left, c, z)
            plain = (1 - z) ** (self.r + x) * hyp2f1(self.r + x, self.b + x, c, z)
        bracket = 1 - np.where(np.isfinite(kept), kept, plain)
        return np.maximum(c / left * bracket * self.p_alive(histories), 0)

    def _log_odds_gone(self, histories: Histories) -> Array:
        x = histories.frequency
        with np.errstate(divide="ignore"):
            odds = np.log(self.a) - np.log(self.b + np.maximum(x, 1) - 1)
        rate = np.log(self.alpha + histories.age) - np.log(self.alpha + histories.recency)
        return np.where(x > 0, odds + (self.r + x) * rate, -np.inf)


def fit(histories: Histories) -> BgNbd:
    """Returns the model under which the histories are most likely.

    The parameters are searched by their logarithms, along the exact slope.
    """
    total = float(histories.customers.sum())
    scale = float(np.average(histories.age, weights=histories.customers)) or 1.0
    scaled = Histories(
        histories.frequency,
        histories.recency / scale,
        histories.age / scale,
        histories.customers,
    )
    terms = _Terms(scaled)

    def fall(logs: Array) -> tuple[float, Array]:
        value, slope = terms.log_likelihood(np.exp(logs))
        return -value / total, -slope * np.exp(logs) / total

    found = minimize(
        fall,
        np.log([1.0, 1.0, 1.0, 3.0]),
        jac=True,
        method="L-BFGS-B",
        bounds=[BOUNDS] * 4,
        options={"maxiter": 500, "gtol": SLOPE, "ftol": 1e-13},
    )
    r, alpha, a, b = (float(value) for value in np.exp(found.x))
    repeats = float((histories.frequency * histories.customers).sum())
    return BgNbd(
        r=r,
        alpha=alpha * scale,
        a=a,
        b=b,
        # each purchase is as likely as its unit of time is long
        log_likelihood=-float(found.fun) * total - repeats * float(np.log(scale)),
        converged=bool(found.success) or bool(np.abs(found.jac).max() < FLAT),
    )


class _Terms:
    """The log-likelihood of histories and its slope, with each distinct value worked out once."""

    def __init__(self, histories: Histories) -> None:
        self._x, self._of_x = np.unique(histories.frequency, return_inverse=True)
        self._age, self._of_age = np.unique(histories.age, return_inverse=True)
        self._recency, self._of_recency = np.unique(histories.recency, return_inverse=True)
        self._weight = histories.customers
        self._by_x = np.bincount(self._of_x, self._weight)

    def log_likelihood(self, parameters: Array) -> tuple[float, Array]:
        r, alpha, a, b = parameters
        x = self._x
        past = np.log(alpha + self._age)[self._of_age]
        last = np.log(alpha + self._recency)[self._of_recency]
        # purchases that are as likely whether the customer is still there or not
        common = gammaln(r + x) - gammaln(r) + r * np.log(alpha)
        common += gammaln(a + b) + gammaln(b + x) - gammaln(b) - gammaln(a + b + x)
        odds = np.where(x > 0, np.log(a) - np.log(b + np.maximum(x, 1) - 1), -np.inf)
        shape = (r + x)[self._of_x]
        alive, gone = -shape * past, odds[self._of_x] - shape * last
        either = np.logaddexp(alive, gone)
        value = common @ self._by_x + either @ self._weight
        p_gone = np.exp(gone - either) * self._weight
        p_alive = self._weight - p_gone
        return float(value), self._slope(
            parameters, p_alive, p_gone, past * p_alive + last * p_gone
        )

    def _slope(self, parameters: Array, p_alive: Array, p_gone: Array, logs: Array) -> Array:
        r, alpha, a, b = parameters
        x, by_x = self._x, self._by_x
        gone_by_x = np.bincount(self._of_x, p_gone)
        times = p_alive / (alpha + self._age)[self._of_age]
        times += p_gone / (alpha + self._recency)[self._of_recency]
        both = digamma(a + b) - digamma(a + b + x)
        of_b = digamma(b + x) - digamma(b)
        bought = np.where(x > 0, gone_by_x / (b + np.maximum(x, 1) - 1), 0)
        return np.array(
            [
                (digamma(r + x) - digamma(r) + np.log(alpha)) @ by_x - logs.sum(),
                r / alpha * by_x.sum() - (r + x)[self._of_x] @ times,
                both @ by_x + gone_by_x.sum() / a,
                (both + of_b) @ by_x - bought.sum(),
            ]
        )
