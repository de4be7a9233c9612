"""Questions that people ask their data, each an SQL file over the published tables.

A file ``<name>.sql`` begins with a comment that says number, title, definition and parameters
(``question.py``); what follows is one query over published tables alone, ordered totally.
"""
