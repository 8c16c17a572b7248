from odoo import api, fields, models
from odoo.tools import format_date, format_time


class NoojeeCall(models.Model):
    """When whoever may not be called now can be called: for a whole list at once."""

    _inherit = "noojee.call"

    @api.model
    def _opening_words(self, numbers, pbx):
        """When records may be called, by the calling hours of their teams.

        :param dict numbers: the number of each record, or False
        :return: ``{record: "opens 9:00 in Perth", or "" where it may be called now}``
        """
        at = fields.Datetime.now()
        plans, known = {}, {}
        words = dict.fromkeys(numbers, "")
        for record, number in numbers.items():
            # sudo: the rules hold whatever of the team the user may see
            hours = self._team_of(record, self.env.user).sudo().noojee_calling_hours_id
            e164 = hours and self._e164_of(record, number, pbx)
            if not e164:
                continue
            if hours not in plans:
                plans[hours] = hours._plan(at)
            # sudo: so they do of the customer
            partner = self._partner_of(record).sudo()
            zones = self._zones(e164, record.sudo(), partner, self.env.user)
            key = hours, *zones
            if key not in known:
                known[key] = self._opening_words_of(plans[hours], zones, at)
            words[record] = known[key]
        return words

    @api.model
    def _e164_of(self, record, number, pbx):
        country = self._country_of(record, self._partner_of(record))
        return number and self._phone_format_number(number, country or pbx.country_id)

    @api.model
    def _opening_words_of(self, plan, zones, at):
        opens_at = plan.opens_at(zones, at)
        if opens_at == at:
            return ""
        if not opens_at:
            return self.env._("closed for the next weeks")
        zone = self._closing_zone(plan, zones, at)
        day, today = self._day_of(opens_at, zone), self._day_of(at, zone)
        words = {
            "time": format_time(self.env, opens_at, tz=zone, time_format="H:mm"),
            "place": self._place_words(zone),
        }
        if day == today:
            return self.env._("opens %(time)s in %(place)s", **words)
        if (day - today).days == 1:
            return self.env._("opens tomorrow %(time)s in %(place)s", **words)
        words["day"] = format_date(self.env, day, date_format="EEEE d MMMM")
        return self.env._("opens %(day)s %(time)s in %(place)s", **words)
