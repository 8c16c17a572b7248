from .common import NoojeeCommon

NUMBER = "0370109876"
E164 = "+61370109876"


class MatchCommon(NoojeeCommon):
    def match(self, number=NUMBER, user=None):
        user = self.anna if user is None else user
        return self.env["noojee.call"]._match(number, self.pbx, user)

    def decided(self, number=NUMBER, user=None):
        """The contact and the record that a call is about by its number alone."""
        user = self.anna if user is None else user
        values = self.env["noojee.call"]._match_values(number, self.pbx, user)
        return values["partner_id"], values["record_ref"]

    def partner(self, name, **values):
        values = {"phone": "03 7010 9876", "name": name, **values}
        return self.env["res.partner"].create(values)

    def lead(self, name, **values):
        values = {"name": name, "type": "opportunity", "user_id": False, **values}
        if "partner_id" not in values:
            values = {"phone": "+61 3 7010 9876", **values}
        return self.env["crm.lead"].create(values)

    def order(self, partner, user, **values):
        values = {"partner_id": partner.id, "user_id": user.id, **values}
        return self.env["sale.order"].create(values)

    def names(self, found):
        return [candidate["name"] for candidate in found]

    def ids(self, found):
        return [candidate["id"] for candidate in found]

    def remember(self, record, number=E164, **values):
        values = {
            "number": number,
            "record_ref": f"{record._name},{record.id}",
            "partner_id": self.env["noojee.call"]._partner_of(record).id,
            "company_id": self.pbx.company_id.id,
            "user_id": self.ben.id,
            **values,
        }
        return self.env["noojee.number"].create(values)
