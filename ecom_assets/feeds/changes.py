"""How the changes of a table are read from Postgres: ``changes`` of a feed, in either YAML file.

Belongs here: what may stand there, and the columns that a file of changes has beside those of any
pulled file. Reading changes is the work of ``sources/changes/pull_changes.py``.
"""

from pydantic import BaseModel, ConfigDict, Field

LSN = "_lsn"  # where the server's log has the transaction's commit; as text in the log's order
CHANGE = "_change"  # which change of the pull it is, from 1; 0 in a snapshot
COMMITTED_AT = "_committed_at"  # when the transaction was committed, UTC; none in a snapshot
CHANGE_MARKS = (LSN, CHANGE, COMMITTED_AT)

# What to do where changes are lost, at the end of a sentence.
ANEW = "take a new snapshot with: ecom pull --snapshot, and the store and feed"


class Changes(BaseModel):
    """From where the changes of the table come.

    Attributes:
        publication: The publication at the server that the table is in.
        slot: The replication slot of this store's feed; by default ``ecom_<store>_<feed>``. A
            slot has one reader: two homes that pull the same table need two slots.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    publication: str = Field(min_length=1, max_length=63)
    slot: str | None = Field(default=None, pattern=r"^[a-z0-9_]{1,63}$")
