import phonenumbers
import pytz
from phonenumbers.timezone import time_zones_for_number

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date, format_time

UNKNOWN_ZONE = "Etc/Unknown"


class NoojeeCall(models.Model):
    """May this number be called? One answer for click, panel, server action and
    campaign push."""

    _inherit = "noojee.call"

    overridden_rules = fields.Char(
        string="Called in spite of", help="The rules that were overridden."
    )
    override_reason = fields.Char(string="Reason given")

    @api.model
    def check_number(
        self,
        number,
        res_model=None,
        res_id=None,
        activity_id=None,
        partner_id=None,
        override=None,
    ):
        """Whether a number may be called by other means than the PBX: the computer's
        phone program keeps no rules. The parameters are those of :meth:`dial`; what is
        overridden is logged on the record. A number that the user does not see is not
        told to his computer.

        :return: ``{"check": why not, as _check_payload describes it, or False,
            "number": what to call in E.164, or False where it cannot be read}``
        """
        self.check_access("read")
        if self._number_meant(number) != number:
            raise UserError(
                self.env._(
                    "Your phone program would show this number, which you may not see. "
                    "Sign on to a desk: from there you can call it."
                )
            )
        record, activity, partner = self._about_to_read(
            res_model, res_id, activity_id, partner_id
        )
        partner = partner or self._partner_of(record)
        e164 = self._number_to_check(number, record, partner)
        findings = self._may_call(e164, record, partner)
        if findings and not (override and all(f["can_override"] for f in findings)):
            check = self._check_payload(number, findings, record, partner, activity)
            return {"check": check, "number": e164}
        if findings:
            self._log_program_override(number, findings, record, partner, override)
        return {"check": False, "number": e164}

    @api.model
    def _number_to_check(self, number, record, partner):
        """The number in E.164; False where it is an extension or none that can be
        read: codes and emergency numbers are for the phone to judge."""
        country = self._country_of(record, partner)
        pbx = self._own_pbx()
        if not pbx:
            country = country or self.env.company.country_id
            return self._phone_format_number(number, country)
        try:
            return pbx._dial_form(number, country)[1]
        except UserError:
            return False

    @api.model
    def _log_program_override(self, number, findings, record, partner, override):
        about = self._activity_record(record, partner)
        if not about:
            return
        body = self.env._(
            "%(number)s is called with the computer's phone program in spite of this: "
            "%(rules)s.",
            number=self.env["res.users"]._noojee_shown_to_all(number),
            rules=". ".join(f["title"] for f in findings),
        )
        if isinstance(override, str) and (reason := self._checked_note(override)):
            body += " " + self.env._("Reason: %(reason)s", reason=reason)
        # sudo: who may call but not write to the record leaves his trace too
        about.sudo()._message_log(body=body)

    @api.model
    def _may_call(
        self, e164, record=None, partner=None, user=None, at=None, is_timed=True
    ):
        """Whether a number may be called: by the phone blacklist and the calling hours,
        as the sales team wants them kept.

        :param str e164: the number; False for an extension, which is never checked
        :param record: that the call is about
        :param partner: the customer, where it is not to be found by the record
        :param user: who calls, the present one unless told
        :param datetime at: when, in UTC; now unless told
        :param bool is_timed: False where the time of the call is not known yet: by the
            blacklist alone
        :return: list of what speaks against it, empty when it may be called:
            ``{"rule": "blacklist" or "hours", "policy": "warn", "override" or "block",
            "title", "message", "opens_at": when it may be called next or False,
            "can_override": whether the user may call all the same}``
        """
        if not e164:
            return []
        case = self._case(e164, record, partner, user, at)
        findings = [self._check_blacklist(case), is_timed and self._check_hours(case)]
        return [finding for finding in findings if finding]

    @api.model
    def _out_of_hours(self, numbers, at):
        """Whom the calling hours of :meth:`_may_call` speak against: of thousands at
        once, each team's hours are worked out once.

        :param numbers: dict from records to their numbers in E.164
        :return: list of these records
        """
        plans, are_open = {}, {}

        def is_open(hours, zone):
            key = hours.id, zone
            if key not in are_open:
                if hours.id not in plans:
                    plans[hours.id] = hours._plan(at)
                are_open[key] = plans[hours.id].is_open(zone, at)
            return are_open[key]

        def is_out(record, e164):
            # sudo: the rules hold whatever of team and customer the user may see
            hours = self._team_of(record, self.env.user).sudo().noojee_calling_hours_id
            partner = self._partner_of(record).sudo()
            zones = self._zones(e164, record.sudo(), partner) if hours else ()
            return not all(is_open(hours, zone) for zone in zones)

        return [r for r in numbers if any(is_out(r, n) for n in numbers[r])]

    @api.model
    def _case(self, e164, record=None, partner=None, user=None, at=None):
        """What the rules look at; parameters as of :meth:`_may_call`."""
        user = user or self.env.user
        at = at or fields.Datetime.now()
        partner = partner or self._partner_of(record)
        # sudo: the rules hold whatever of team and customer the user may see
        case = {
            "e164": e164,
            "record": record and record.sudo(),
            "partner": partner.sudo(),
            "user": user,
            "team": self._team_of(record, user).sudo(),
            "at": at,
        }
        name = self._name_of(case["record"], case["partner"])
        # what is found is kept with the call
        case["name"] = name or self.env["res.users"]._noojee_shown_to_all(
            self._written(e164)
        )
        return case

    @api.model
    def _team_of(self, record, user):
        """Whose rules hold: the record's sales team, else the user's."""
        field = record and record._fields.get("team_id")
        if field and field.comodel_name == "crm.team" and record.sudo().team_id:
            return record.sudo().team_id
        return user.sudo().sale_team_id

    @api.model
    def _name_of(self, record, partner):
        """The customer's name, for people to read."""
        if partner or not record:
            return partner.name
        # what a lead knows of a customer who is no contact yet
        fnames = [f for f in ("contact_name", "partner_name") if f in record]
        return next((record[f] for f in fnames if record[f]), record.display_name)

    @api.model
    def _written(self, e164):
        international = phonenumbers.PhoneNumberFormat.INTERNATIONAL
        return phonenumbers.format_number(phonenumbers.parse(e164), international)

    @api.model
    def _finding(self, case, rule, policy, **values):
        return {
            "rule": rule,
            "policy": policy,
            "can_override": policy == "warn"
            or (
                policy == "override"
                and case["user"].has_group("noojee.group_supervisor")
            ),
            "opens_at": False,
            **values,
        }

    # === BLACKLIST === #

    @api.model
    def _check_blacklist(self, case):
        # sudo: users without rights on the list are bound by it too
        is_listed = (
            self.env["phone.blacklist"]
            .sudo()
            .search_count([("number", "=", case["e164"])], limit=1)
        )
        if not is_listed:
            return None
        return self._finding(
            case,
            "blacklist",
            case["team"].noojee_blacklist_policy or "warn",
            title=self.env._("%(name)s is on the phone blacklist", name=case["name"]),
            message=self.env._(
                "Do not call this number. Where the customer has agreed to calls "
                "again, have it taken off the blacklist."
            ),
        )

    # === HOURS === #

    @api.model
    def _check_hours(self, case):
        hours = case["team"].noojee_calling_hours_id
        if not hours:
            return None
        zones = self._zones(case["e164"], case["record"], case["partner"], case["user"])
        plan = hours._plan(case["at"])
        opens_at = plan.opens_at(zones, case["at"])
        if opens_at == case["at"]:
            return None
        return self._finding(
            case,
            "hours",
            case["team"].noojee_hours_policy,
            title=self._hours_title(plan, zones, case["at"]),
            message=self._hours_message(case, hours, zones, opens_at),
            opens_at=opens_at or False,
        )

    @api.model
    def _zones(self, e164, record=None, partner=None, user=None):
        """In which time zones the customer may be.

        By the state of the address, or all zones of its country where the state's is
        not known; else by the country of the address and by the number, which together
        may leave several (any for a mobile in a country with several zones).

        :return: sorted names of zones, at least one
        """
        country, state = self._whereabouts(record, partner)
        if state.noojee_tz:
            return [state.noojee_tz]
        zones = self._country_zones(country.code)
        if not state or not zones:
            by_number = self._number_zones(e164)
            zones = zones & by_number or zones or by_number
        return sorted(zones) or [self._pbx_zone(user or self.env.user)]

    @api.model
    def _whereabouts(self, record, partner):
        """:return: country and state of the nearest address, each possibly empty"""
        country = self.env["res.country"]
        for place in (record, partner, partner and partner.commercial_partner_id):
            if not place or "country_id" not in place or "state_id" not in place:
                continue
            state = place.state_id
            country = country or place.country_id or state.country_id
            # one's own country is known better than the state of one's company
            if state and state.country_id == country:
                return country, state
        return country, self.env["res.country.state"]

    @api.model
    def _number_zones(self, e164):
        parsed = phonenumbers.parse(e164)
        # a calling code may be shared: +61 is Christmas Island's too, and taken as
        # one of those no mobile of Australia's could be called in the morning
        home = self._country_zones(phonenumbers.region_code_for_number(parsed))
        zones = set(time_zones_for_number(parsed)) - {UNKNOWN_ZONE}
        # only landlines stay where their area code says: a mobile travels, and in
        # North America nobody can tell it from a landline
        kind = phonenumbers.number_type(parsed)
        if kind != phonenumbers.PhoneNumberType.FIXED_LINE:
            return home or zones
        return zones & home or home or zones

    @api.model
    def _country_zones(self, code):
        return set(pytz.country_timezones.get(code, ())) if code else set()

    @api.model
    def _pbx_zone(self, user):
        # sudo: the time zone of a PBX is no secret
        pbx_sudo = user.sudo().noojee_extension_ids[:1].pbx_id or self.env[
            "noojee.pbx"
        ].sudo().search([("company_id", "=", user.company_id.id)], limit=1)
        return pbx_sudo.tz or "UTC"

    @api.model
    def _hours_title(self, plan, zones, at):
        """Why not: by the clock that keeps it closed for longest."""
        zone = self._closing_zone(plan, zones, at)
        local = plan.local(zone, at)
        place = self._place_words(zone)
        if holiday := plan.holidays.get(local.date()):
            return self.env._("It is %(day)s in %(place)s", day=holiday, place=place)
        if not plan.week.get(local.weekday()):
            day = format_date(self.env, local.date(), date_format="EEEE")
            return self.env._("It is %(day)s in %(place)s", day=day, place=place)
        time = format_time(self.env, at, tz=zone, time_format="H:mm")
        return self.env._("It is %(time)s in %(place)s", time=time, place=place)

    @api.model
    def _closing_zone(self, plan, zones, at):
        """Whose clock keeps it closed for longest."""
        closed = [zone for zone in zones if not plan.is_open(zone, at)]
        # a week that never opens has no next opening
        return max(closed, key=lambda zone: plan.opens_at([zone], at) or at)

    @api.model
    def _place_words(self, zone):
        return zone.rpartition("/")[2].replace("_", " ")

    @api.model
    def _hours_message(self, case, hours, zones, opens_at):
        team, user = case["team"], case["user"]
        words = {"hours": hours.summary, "team": team.name}
        if team == user.sudo().sale_team_id:
            rule = self.env._(
                "Your team calls %(hours)s, by the customer's clock.", **words
            )
        else:
            rule = self.env._(
                "The team %(team)s calls %(hours)s, by the customer's clock.", **words
            )
        words = {
            "name": case["name"],
            "when": opens_at and self._when_words(opens_at, user, case["at"]),
        }
        if opens_at:
            turn = self.env._(
                "%(name)s can be called from %(when)s your time.", **words
            )
        else:
            turn = self.env._("%(name)s cannot be called in the next weeks.", **words)
        sentences = [rule, turn]
        if len(zones) > 1:
            sentences.append(
                self.env._(
                    "Where the customer is, is not known for sure, so the strictest "
                    "time zone counts: in the address, a state with a time zone would "
                    "tell."
                )
            )
        return " ".join(sentences)

    @api.model
    def _when_words(self, moment, user, at):
        """A moment to come, by the user's clock."""
        zone = self._clock_of(user)
        day, today = self._day_of(moment, zone), self._day_of(at, zone)
        time = format_time(self.env, moment, tz=zone, time_format="H:mm")
        if day == today:
            return time
        if (day - today).days == 1:
            return self.env._("tomorrow at %(time)s", time=time)
        return self.env._(
            "%(day)s at %(time)s",
            day=format_date(self.env, day, date_format="EEEE d MMMM"),
            time=time,
        )

    @api.model
    def _clock_of(self, user):
        """The time zone that a user reads times in."""
        return user.tz or self._pbx_zone(user)

    @api.model
    def _today_of(self, user):
        return self._day_of(fields.Datetime.now(), self._clock_of(user))

    @api.model
    def _day_of(self, moment, zone):
        return pytz.utc.localize(moment).astimezone(pytz.timezone(zone)).date()
