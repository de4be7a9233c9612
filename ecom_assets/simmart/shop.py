"""The whole of a simulated store: its people, products, orders and what follows, wired together."""

from dataclasses import dataclass
from functools import cached_property

from ecom_assets.simmart.aftermath import Aftermath
from ecom_assets.simmart.baskets import Baskets
from ecom_assets.simmart.catalogue import Catalogue
from ecom_assets.simmart.demand import Demand
from ecom_assets.simmart.marketing import Marketing
from ecom_assets.simmart.money import Money
from ecom_assets.simmart.payment_attempts import Attempts
from ecom_assets.simmart.people import People
from ecom_assets.simmart.plan import Plan
from ecom_assets.simmart.stock import Walk, walk
from ecom_assets.simmart.web import Web


@dataclass(frozen=True)
class Shop:
    """One store's truth."""

    plan: Plan

    @cached_property
    def people(self) -> People:
        """The customers."""
        return People(self.plan)

    @cached_property
    def catalogue(self) -> Catalogue:
        """The products."""
        return Catalogue(self.plan)

    @cached_property
    def demand(self) -> Demand:
        """The orders."""
        return Demand(self.plan, self.people)

    @cached_property
    def baskets(self) -> Baskets:
        """The lines of the orders."""
        return Baskets(self.demand, self.catalogue)

    @cached_property
    def walked(self) -> Walk:
        """The stock of every day."""
        return walk(self.baskets)

    @cached_property
    def money(self) -> Money:
        """The amounts of lines and orders."""
        return Money(self.baskets, self.walked)

    @cached_property
    def aftermath(self) -> Aftermath:
        """Cancellations, parcels, refunds."""
        return Aftermath(self.money)

    @cached_property
    def attempts(self) -> Attempts:
        """The attempts to pay."""
        return Attempts(self.money)

    @cached_property
    def marketing(self) -> Marketing:
        """The campaigns."""
        return Marketing(self.demand)

    @cached_property
    def web(self) -> Web:
        """What the pages record."""
        return Web(self.marketing, self.baskets, self.walked)
