from dataclasses import dataclass
from datetime import date, datetime, timedelta

import pytz

from odoo import api, fields, models
from odoo.tools.i18n import format_list

# how far ahead the next opening is looked for
HORIZON_DAYS = 31


@dataclass(frozen=True)
class Plan:
    """Calling hours as plain values: many zones cost no query. Moments are naive UTC,
    as everywhere in Odoo."""

    # by day of the week: begin and end in minutes after midnight
    week: dict[int, list[tuple[int, int]]]
    holidays: dict[date, str]

    def is_open(self, zone: str, at: datetime) -> bool:
        local = self.local(zone, at)
        minute = local.hour * 60 + local.minute
        return local.date() not in self.holidays and any(
            begin <= minute < end for begin, end in self.week.get(local.weekday(), [])
        )

    def opens_at(self, zones: list[str], at: datetime) -> datetime | None:
        """The first moment from ``at`` on when it is open in all zones at once."""
        if self.are_open(zones, at):
            return at
        days = [at.date() + timedelta(days=n) for n in range(-1, HORIZON_DAYS)]
        # what is open in all zones begins where it begins in one of them
        begins = {begin for z in zones for day in days for begin in self.begins(z, day)}
        later = sorted(begin for begin in begins if begin > at)
        return next((begin for begin in later if self.are_open(zones, begin)), None)

    def are_open(self, zones: list[str], at: datetime) -> bool:
        return all(self.is_open(zone, at) for zone in zones)

    def begins(self, zone, day):
        midnight = datetime.combine(day, datetime.min.time())
        for begin, _end in self.week.get(day.weekday(), []):
            local = midnight + timedelta(minutes=begin)
            moment = pytz.timezone(zone).localize(local).astimezone(pytz.utc)
            yield moment.replace(tzinfo=None)

    @staticmethod
    def local(zone, at):
        return pytz.utc.localize(at).astimezone(pytz.timezone(zone))


class NoojeeCallingHours(models.Model):
    """When customers may be called, by the clock of the place where they are."""

    _name = "noojee.calling.hours"
    _description = "Calling hours"
    _order = "name, id"

    name = fields.Char(required=True)
    active = fields.Boolean(default=True)
    line_ids = fields.One2many(
        "noojee.calling.hours.line", "hours_id", string="Hours", copy=True
    )
    holiday_ids = fields.Many2many(
        "noojee.public.holiday", string="Never on these holidays"
    )
    summary = fields.Char(compute="_compute_summary")

    @api.depends("line_ids.weekday", "line_ids.hour_from", "line_ids.hour_to")
    def _compute_summary(self):
        for hours in self:
            hours.summary = format_list(self.env, hours._week_words()) or self.env._(
                "at no time"
            )

    def _plan(self, at):
        """These hours around a moment, as plain values.

        :param datetime at: naive UTC
        """
        # a weekday in lieu may follow from a holiday of the year before
        years = range(at.year - 1, (at + timedelta(days=HORIZON_DAYS)).year + 1)
        return Plan(self._week(), self.holiday_ids._days(years))

    def _week(self):
        """By day of the week: begin and end in minutes after midnight."""
        self.ensure_one()
        week = {}
        for line in self.line_ids.filtered("weekday").sorted("hour_from"):
            week.setdefault(int(line.weekday), []).append(line._minutes())
        return week

    def _week_words(self):
        """For example ``["Monday to Friday from 9 to 20", "Saturday from 9 to 17"]``"""
        runs = []
        for day, times in sorted(self._week().items()):
            if runs and runs[-1]["last"] == day - 1 and runs[-1]["times"] == times:
                runs[-1]["last"] = day
            else:
                runs.append({"first": day, "last": day, "times": times})
        return [self._run_words(**run) for run in runs]

    def _run_words(self, first, last, times):
        weekday = self.line_ids._fields["weekday"]
        names = dict(weekday._description_selection(self.env))
        words = {
            "first": names[str(first)],
            "last": names[str(last)],
            "times": format_list(self.env, [self._time_words(*span) for span in times]),
        }
        if first == last:
            return self.env._("%(first)s %(times)s", **words)
        return self.env._("%(first)s to %(last)s %(times)s", **words)

    def _time_words(self, begin, end):
        return self.env._(
            "from %(begin)s to %(end)s",
            begin=self._clock_words(begin),
            end=self._clock_words(end),
        )

    @staticmethod
    def _clock_words(minutes):
        hour, minute = divmod(minutes, 60)
        return f"{hour}:{minute:02}" if minute else str(hour)
