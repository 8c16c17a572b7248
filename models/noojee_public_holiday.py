import calendar
from datetime import date, timedelta

from dateutil.easter import easter

from odoo import api, fields, models
from odoo.exceptions import ValidationError

SATURDAY = 5
# a leap year, so that 29 February is a day
SOME_YEAR = 2000


class NoojeePublicHoliday(models.Model):
    """A day on which nobody is called, whatever the day of the week."""

    _name = "noojee.public.holiday"
    _description = "Public holiday"
    _order = "sequence, name"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    kind = fields.Selection(
        [
            ("yearly", "Same date each year"),
            ("easter", "By Easter"),
            ("once", "One date"),
        ],
        required=True,
        default="yearly",
    )
    month = fields.Selection(
        [(str(month), calendar.month_name[month]) for month in range(1, 13)],
        default="1",
    )
    day = fields.Integer(default=1)
    easter_offset = fields.Integer(
        string="Days after Easter",
        help="Counted from Easter Sunday: Good Friday is -2, Easter Monday 1.",
    )
    date = fields.Date()
    has_substitute = fields.Boolean(
        string="Weekday in lieu",
        help="When it falls on a Saturday or Sunday, the next weekday that is no "
        "holiday yet is one as well.",
    )
    next_date = fields.Date(string="Next on", compute="_compute_next_date")

    @api.depends("kind", "month", "day", "easter_offset", "date")
    def _compute_next_date(self):
        today = fields.Date.context_today(self)
        for holiday in self:
            if holiday.kind == "once":
                days = [holiday.date]
            else:
                # 29 February may be eight years away
                days = [holiday._day_in(today.year + years) for years in range(9)]
            holiday.next_date = next(
                (day for day in days if day and day >= today), False
            )

    @api.constrains("kind", "month", "day", "date")
    def _check_day(self):
        for holiday in self:
            if holiday.kind == "once" and not holiday.date:
                raise ValidationError(
                    self.env._("%(holiday)s needs its date.", holiday=holiday.name)
                )
            if holiday.kind == "yearly" and not holiday._day_in(SOME_YEAR):
                raise ValidationError(
                    self.env._(
                        "%(holiday)s: there is no such day in any year. Check the day "
                        "and the month.",
                        holiday=holiday.name,
                    )
                )

    def _day_in(self, year):
        """The holiday's own day in a year, or None."""
        self.ensure_one()
        if self.kind == "easter":
            return easter(year) + timedelta(days=self.easter_offset)
        if self.kind == "once":
            return self.date if self.date and self.date.year == year else None
        try:
            return date(year, int(self.month), self.day)
        except (ValueError, TypeError):
            return None

    def _days(self, years):
        """The holidays of some years, weekdays in lieu included.

        :param years: that follow each other
        :return: ``{date: name}``
        """
        days = sorted(
            (
                (day, holiday)
                for year in years
                for holiday in self
                if (day := holiday._day_in(year))
            ),
            key=lambda item: item[0],
        )
        names = {}
        for day, holiday in days:
            names.setdefault(day, holiday.name)
        # in the calendar's order, for each takes the next weekday that is left
        for day, holiday in days:
            if not holiday.has_substitute or day.weekday() < SATURDAY:
                continue
            substitute = day
            while substitute.weekday() >= SATURDAY or substitute in names:
                substitute += timedelta(days=1)
            names[substitute] = self.env._(
                "the weekday in lieu of %(holiday)s", holiday=holiday.name
            )
        return names
