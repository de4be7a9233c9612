"""Ecom Assets: from a shop's deliveries to published, provable figures."""
