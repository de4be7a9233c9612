"""Gamma-Gamma: what a customer spends each time.

Each purchase of a customer varies about a mean of their own (gamma with shape ``p``), whose rate
varies over customers (gamma with shape ``q`` and rate ``v``), whatever their frequency. Source:
Fader and Hardie (2013), "The Gamma-Gamma Model of Monetary Value".
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import digamma, gammaln

Array = NDArray[np.float64]

BOUNDS = (-7.0, 9.0)
SLOPE = 1e-7
FLAT = 1e-4  # as in bg_nbd.py


@dataclass(frozen=True)
class GammaGamma:
    """A fitted model; `v` is in money.

    Attributes:
        p: Shape of a customer's purchases about their mean.
        q: Shape of the customers' rates.
        v: Rate of the customers' rates.
        converged: Whether the search found a top at which the mean of all customers has a bound.
    """

    p: float
    q: float
    v: float
    converged: bool

    def expected_spend(self, frequency: Array, mean_spend: Array) -> Array:
        """Returns each customer's expected spend a purchase, between their mean and that of all.

        Args:
            frequency: Their repeat purchases.
            mean_spend: The mean of these, 0 or more; of no account where there are none.
        """
        spent = frequency * mean_spend
        return self.p * (self.v + spent) / (self.p * frequency + self.q - 1)


def fit(frequency: Array, mean_spend: Array) -> GammaGamma:
    """Returns the model under which the repeat purchases are most likely.

    Args:
        frequency: Repeat purchases of each customer, 1 or more.
        mean_spend: The mean of these, above 0.
    """
    scale = float(mean_spend.mean())
    z = mean_spend / scale
    log_z, log_x = np.log(z), np.log(frequency)

    def fall(logs: Array) -> tuple[float, Array]:
        p, q, v = np.exp(logs)
        px, rest = p * frequency, np.log(v + frequency * z)
        value = gammaln(px + q) - gammaln(px) - gammaln(q) + q * np.log(v)
        value += (px - 1) * log_z + px * log_x - (px + q) * rest
        both = digamma(px + q)
        slope = np.array(
            [
                (frequency * (both - digamma(px) + log_z + log_x - rest)).mean(),
                (both - digamma(q) + np.log(v) - rest).mean(),
                (q / v - (px + q) / (v + frequency * z)).mean(),
            ]
        )
        return -float(value.mean()), -slope * np.exp(logs)

    found = minimize(
        fall,
        np.log([5.0, 4.0, 1.0]),
        jac=True,
        method="L-BFGS-B",
        bounds=[BOUNDS] * 3,
        options={"maxiter": 500, "gtol": SLOPE, "ftol": 1e-13},
    )
    p, q, v = (float(value) for value in np.exp(found.x))
    arrived = bool(found.success) or bool(np.abs(found.jac).max() < FLAT)
    return GammaGamma(p, q, v * scale, arrived and q > 1)
