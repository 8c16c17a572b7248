from odoo import fields, models


class NoojeeCallingHoursLine(models.Model):
    """From when to when customers may be called on a day of the week."""

    _name = "noojee.calling.hours.line"
    _description = "Calling hours of a weekday"
    _order = "weekday, hour_from"

    hours_id = fields.Many2one(
        "noojee.calling.hours", required=True, ondelete="cascade", index=True
    )
    weekday = fields.Selection(
        [
            ("0", "Monday"),
            ("1", "Tuesday"),
            ("2", "Wednesday"),
            ("3", "Thursday"),
            ("4", "Friday"),
            ("5", "Saturday"),
            ("6", "Sunday"),
        ],
        string="Day",
        required=True,
        default="0",
    )
    hour_from = fields.Float(string="From", required=True, default=9)
    hour_to = fields.Float(string="To", required=True, default=17)

    _hours_in_order = models.Constraint(
        "CHECK (hour_from >= 0 AND hour_from < hour_to AND hour_to <= 24)",
        "Calling hours begin before they end, both within one day.",
    )

    def _minutes(self):
        """Begin and end in minutes after midnight: hours are fractions."""
        self.ensure_one()
        return round(self.hour_from * 60), round(self.hour_to * 60)
