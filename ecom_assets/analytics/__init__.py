"""Python models over finished tables: customer value, anomalies, forecast.

Pure modules compute over arrays and frames; ``assets.py`` wires them to Dagster and imports them
only inside a run, for their libraries (the extra ``ml``) take seconds to import.
"""
