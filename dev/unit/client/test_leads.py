"""How a lead is written for the PBX (section 7)."""

from datetime import date, datetime

import pytest

from client import FieldKind, lead_body, lead_date, lead_moment, with_disposition


def test_system_fields_stand_beside_the_campaigns_own():
    body = lead_body(
        "odoo-1",
        {"Phone": "0370101235"},
        call_back=datetime(2026, 3, 2, 9, 5),
        priority=0,
        contact_hours="Office",
        disposition="Sale",
    )
    assert body == {
        "Phone": "0370101235",
        "njExternalLeadId": "odoo-1",
        "njCallBackDate": "2026/03/02 09:05",
        "njPriority": "0",
        "njContactHours": "Office",
        "njDisposition": "Sale",
    }
    assert with_disposition(body, "Booked")["njDisposition"] == "Booked"


def test_what_is_not_told_is_not_sent():
    assert lead_body("odoo-1", {}) == {"njExternalLeadId": "odoo-1"}
    assert lead_body("odoo-1", {}, contact_hours="") == {"njExternalLeadId": "odoo-1"}


def test_days_and_moments():
    assert lead_date(date(2026, 3, 2)) == "2026/03/02"
    assert lead_moment(datetime(2026, 3, 2, 22, 30)) == "2026/03/02 22:30"


@pytest.mark.parametrize(
    ("told", "kind"),
    [
        ("phone", FieldKind.PHONE),
        (" Date ", FieldKind.DATE),
        ("timestamp", FieldKind.DATETIME),
        ("Integer", FieldKind.NUMBER),
        ("varchar", FieldKind.TEXT),
        ("", FieldKind.TEXT),
        (None, FieldKind.TEXT),
    ],
)
def test_kinds_of_fields(told, kind):
    assert FieldKind.of(told) is kind
