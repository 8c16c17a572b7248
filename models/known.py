"""What is read of the database once for many calls, while nothing of it changes."""

from dataclasses import dataclass, field


@dataclass
class Known:
    """What was looked up already. What is not in here has to be asked.

    :ivar probed: ids by the names of their models, by number and company
    :ivar lines: line by PBX and number, which may be none
    :ivar existing: ids of records that are there, by their models' names
    :ivar last_calls: last call with a customer, which may be none, by his id, or by
        the reference of a record without one
    :ivar is_scheduled: whether there are activities, by model and id
    :ivar working: by the name of a model, who of the customers that were asked for
        has open records of it
    :ivar readable: whether a user may read records, by his id, whether with sudo,
        their model and ids
    """

    probed: dict = field(default_factory=dict)
    lines: dict = field(default_factory=dict)
    existing: dict = field(default_factory=dict)
    last_calls: dict = field(default_factory=dict)
    is_scheduled: dict = field(default_factory=dict)
    working: dict = field(default_factory=dict)
    readable: dict = field(default_factory=dict)

    def add_existing(self, name, ids):
        self.existing.setdefault(name, set()).update(ids)
