"""Endpoints of REST APIs, pulled page by page."""
