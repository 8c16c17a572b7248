"""Writing to many records what most of them have in common."""


def write_alike(changes):
    """Write what is new, in one step for all records that it is the same of: to write
    one record takes nearly as long as to write a hundred.

    :param changes: pairs of a record and its values, all of one model
    """
    alike = {}
    for record, values in changes:
        new = {name: value for name, value in values.items() if record[name] != value}
        if new:
            alike.setdefault(tuple(new.items()), []).append(record)
    for values, records in alike.items():
        records[0].union(*records[1:]).write(dict(values))
