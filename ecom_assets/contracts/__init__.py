"""Contracts: one YAML file per raw dataset, the single source of types, keys and rules."""

from ecom_assets.contracts.model import Column, Contract, Rule, load_contracts

__all__ = ["Column", "Contract", "Rule", "load_contracts"]
