"""Leads on their way to a campaign: a job that is killed, people who do the same at
once, and a lead that closes while the PBX is asked about it."""

import json
import os
import subprocess
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from .listeners import wait_for
from .rpc import Rpc

COUNT = 40
CRON = (
    "UPDATE ir_cron SET active = %s WHERE id = (SELECT res_id FROM ir_model_data"
    " WHERE module = 'noojee' AND name = 'ir_cron_push_leads')"
)


@pytest.fixture
def campaign(call_kw, query, pbx_id):
    """A campaign: its id, its template's and one of its allocations'."""
    call_kw("noojee.pbx", "action_refresh_campaigns", [pbx_id])
    find = (
        "SELECT campaign.id, template_id, min(allocation.id)"
        " FROM noojee_campaign AS campaign"
        " JOIN noojee_campaign_allocation AS allocation ON campaign_id = campaign.id"
        " WHERE campaign.name = 'Spring offer' GROUP BY campaign.id"
    )
    return wait_for(lambda: query(find))[0]


@pytest.fixture
def make_leads(call_kw, query):
    made = []

    def make(count):
        first = 4000 + len(made)
        rows = [
            {
                "name": f"House {n}",
                "contact_name": f"Person {n}",
                "phone": f"03 7010 {n}",
            }
            for n in range(first, first + count)
        ]
        ids = call_kw("crm.lead", "create", rows)
        made.extend(ids)
        return ids

    yield make
    query("DELETE FROM noojee_lead_push_job")
    call_kw("crm.lead", "unlink", made)


def push(call, campaign, ids):
    """As the wizard is used.

    :return: what went wrong, or None
    """
    campaign_id, template_id, allocation_id = campaign
    context = {"active_model": "crm.lead", "active_ids": ids}
    values = {
        "template_id": template_id,
        "campaign_id": campaign_id,
        "allocation_id": allocation_id,
    }
    model = "noojee.campaign.push"
    wizard_id, error = call(model, "create", values, context=context)
    assert not error
    return call(model, "action_push", [wizard_id], context=context)[1]


@pytest.fixture
def admin(odoo_url, database):
    return Rpc(odoo_url, database.info.dbname, "admin")


@pytest.fixture
def start_job(query):
    """The job in a process of its own; nobody else runs it meanwhile."""
    query(CRON, False)
    given = json.loads(os.environ["NOOJEE_LISTENER"])
    python, launcher, _command, *database = given["command"]
    processes = []

    def start():
        process = subprocess.Popen(
            [python, launcher, "shell", *database, "--no-http", "--log-level=error"],
            env={**os.environ, **given["environment"]},
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        processes.append(process)
        process.stdin.write("env['noojee.lead.push']._cron_send()\n")
        process.stdin.close()
        return process

    yield start
    for process in processes:
        if process.poll() is None:
            process.kill()
        process.wait()
    query(CRON, True)


def test_a_job_that_is_killed_while_it_sends(
    simulator, query, campaign, make_leads, admin, start_job
):
    assert not push(admin.call, campaign, make_leads(COUNT))
    # the PBX has the leads before it answers
    slow = {"kind": "latency", "method": "insertLeadFast", "seconds": 1}
    simulator.faults({**slow, "when": "after"})
    process = start_job()
    wait_for(lambda: len(simulator.leads) > COUNT / 4, 60)
    process.kill()
    process.wait()
    there = {lead["key"] for lead in simulator.leads}
    rows = query("SELECT lead_key, state, sent_at FROM noojee_lead_push")
    # the PBX had some whose answer nobody heard, and others are still to come
    assert [key for key, state, _sent in rows if state == "sending" and key in there]
    assert [key for key, state, _sent in rows if state == "queued"]
    simulator.clear_faults()
    # whoever took them is given up after minutes
    query("UPDATE noojee_lead_push SET due_at = now() AT TIME ZONE 'UTC'")
    start_job().wait(60)
    rows = query("SELECT lead_key, state, sent_at FROM noojee_lead_push")
    assert {state for _key, state, _sent in rows} == {"sent"}
    assert all(sent for _key, _state, sent in rows)
    keys = sorted(lead["key"] for lead in simulator.leads)
    assert keys == sorted(key for key, _state, _sent in rows)
    assert len(keys) == COUNT


def test_two_people_who_send_the_same_leads_at_once(
    query, campaign, make_leads, admin, odoo_url, database, start_job
):
    ids = make_leads(300)
    chloe = Rpc(odoo_url, database.info.dbname, "chloe")
    together = threading.Barrier(2)

    def send(rpc, leads):
        together.wait()
        return push(rpc.call, campaign, leads)

    with ThreadPoolExecutor(2) as pool:
        works = [
            pool.submit(send, admin, ids),
            pool.submit(send, chloe, ids[::-1]),
        ]
        errors = [work.result() for work in works]
    rows = query("SELECT lead_id FROM noojee_lead_push ORDER BY lead_id")
    assert [lead_id for [lead_id] in rows] == sorted(ids)
    # who came second is told so in plain words
    [words] = [error["data"]["message"] for error in errors if error]
    assert words == "None of these leads is left to be sent to the campaign."


def test_a_lead_that_is_won_while_the_pbx_refuses_its_change(
    simulator, query, call_kw, campaign, make_leads, admin
):
    [lead_id] = make_leads(1)
    [[won_id]] = query(
        "SELECT id FROM noojee_campaign_disposition"
        " WHERE name = 'Sale' AND template_id = %s",
        campaign[1],
    )
    template = "noojee.campaign.template"
    call_kw(template, "write", [campaign[1]], {"won_disposition_id": won_id})
    state = "SELECT 1 FROM noojee_lead_push WHERE lead_id = %s AND state = %s"
    assert not push(admin.call, campaign, [lead_id])
    wait_for(lambda: query(state, lead_id, "sent"), 60)
    # nobody has called it yet: the PBX refuses the change
    simulator.faults({"kind": "latency", "method": "updateLeadFast", "seconds": 3})
    call_kw("crm.lead", "write", [lead_id], {"contact_name": "Somebody else"})
    simulator.wait_for_request("updateLeadFast", 60)
    call_kw("crm.lead", "action_set_won", [lead_id])
    simulator.clear_faults()
    wait_for(lambda: query(state, lead_id, "withdrawn"), 60)
    assert [lead["disposition"] for lead in simulator.leads] == ["Sale"]
    call_kw(template, "write", [campaign[1]], {"won_disposition_id": False})
