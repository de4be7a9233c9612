"""SimMart: a simulated shop with known truth, delivered as a real shop would deliver."""
