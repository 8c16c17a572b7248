from odoo import api, fields, models


class NoojeeCampaignMirrored(models.AbstractModel):
    """What a PBX lists of its campaigns, as it was at the last refresh.

    Nobody creates or deletes such rows: what the PBX does not list any more is
    archived, with what was set for it here, and comes back with it.
    """

    _name = "noojee.campaign.mirrored"
    _description = "Row of a PBX's campaign lists"
    _order = "name, id"

    # the field that leads to what the row is listed below
    _above = "template_id"

    name = fields.Char(required=True, readonly=True)
    wire_id = fields.Char(
        string="Number at the PBX", required=True, readonly=True, copy=False
    )
    active = fields.Boolean(default=True, readonly=True)

    @api.model
    def _mirror(self, above, rows):
        """Make what is below a record that which the PBX lists there.

        :param above: the record that the rows are listed below
        :param rows: :class:`NamedRow` of the client; None where they could not be
            read: all stays as it is
        :return: dict of the present records by their number at the PBX
        """
        everything = self.with_context(active_test=False)
        here = everything.search([(self._above, "=", above.id)])
        by_wire_id = {record.wire_id: record for record in here}
        if rows is None:
            return {w: record for w, record in by_wire_id.items() if record.active}
        new = [row for row in rows if row.id not in by_wire_id]
        created = self.create(
            [{self._above: above.id, **self._mirrored_values(row)} for row in new]
        )
        by_wire_id |= {record.wire_id: record for record in created}
        present = {row.id: by_wire_id[row.id] for row in rows}
        for row in rows:
            present[row.id]._follow(self._mirrored_values(row))
        gone = here.filtered(lambda r: r.active and r.wire_id not in present)
        gone.active = False
        created._complete()
        return present

    @api.model
    def _mirrored_values(self, row):
        return {"wire_id": row.id, "name": row.name or row.id, "active": True}

    def _follow(self, values):
        """Write what has changed, and nothing else: most refreshes change nothing."""
        changed = {name: value for name, value in values.items() if self[name] != value}
        if changed:
            self.write(changed)

    def _complete(self):
        """Add what the PBX does not tell of new rows."""
