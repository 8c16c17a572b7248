from odoo import fields, models


class NoojeeHandsetProfile(models.Model):
    """How a make of handset is told to answer by itself."""

    _name = "noojee.handset.profile"
    _description = "Noojee handset profile"
    _order = "name, id"

    name = fields.Char(string="Handset", required=True)
    active = fields.Boolean(default=True)
    answer_string = fields.Char(
        string="Auto-answer string",
        required=True,
        # a backslash is a character of the string, and blanks count
        trim=False,
        help="Sent to the handset as it stands. {ip} becomes the handset's address.",
    )
    alternative_string = fields.Char(
        string="Alternative string",
        trim=False,
        help="Another string that handsets of this make are known to want. Try it "
        "with the test ring where the first does not work.",
    )

    _name_unique = models.Constraint(
        "unique(name)", "There is a profile of this name already."
    )

    def action_swap_strings(self):
        """Put the alternative into use and keep the present one as alternative."""
        for profile in self.filtered("alternative_string"):
            profile.write(
                {
                    "answer_string": profile.alternative_string,
                    "alternative_string": profile.answer_string,
                }
            )
