"""Read by `odoo shell` from push.py, which writes URL, KEY and LEADS above."""
# ruff: noqa: F821, T201

import itertools
import time

FEW = 10
# sent at the documented rate: half a minute
SENT = 600
# of a PBX with four hardware threads: two leads at a time, 100 ms each
MOST = 20
FILL = """
INSERT INTO crm_lead (
    name, type, contact_name, phone, phone_sanitized, active, stage_id, won_status,
    country_id, team_id, city, description
)
SELECT 'Lead ' || n, 'lead', 'Person ' || n, '0' || n, '+61' || n, TRUE,
       (SELECT min(id) FROM crm_stage), 'pending', %s, %s, 'Carlton', '<p>Roof</p>'
  FROM generate_series(%s, %s) AS n
RETURNING id
"""

pbx = env["noojee.pbx"].create(
    {
        "name": "Bench",
        "base_url": URL,
        "new_api_key": KEY,
        "country_id": env.ref("base.au").id,
        "tz": "Australia/Melbourne",
    }
)
team = env["crm.team"].create(
    {
        "name": "Telemarketers",
        "noojee_calling_hours_id": env.ref("noojee.calling_hours_au_telemarketing").id,
    }
)
env.cr.commit()
env["noojee.campaign.mirror"]._of(pbx)._refresh()
campaign = env["noojee.campaign"].search(
    [("pbx_id", "=", pbx.id), ("name", "=", "Spring offer")]
)
user = env.ref("base.user_admin")
# mobile numbers that exist in Australia
numbers = itertools.count(410_000_000, LEADS + FEW)


def written(count):
    """Leads with a number of their own each."""
    first = next(numbers)
    place = [env.ref("base.au").id, team.id]
    env.cr.execute(FILL, [*place, first, first + count - 1])
    ids = [row[0] for row in env.cr.fetchall()]
    env.cr.execute("ANALYZE crm_lead")
    env.cr.commit()
    env.invalidate_all()
    return ids


def measured(title, ids, **values):
    """As a supervisor does it: the wizard opens and counts, then sends."""
    started, before = time.perf_counter(), env.cr.sql_log_count
    wizard = (
        env["noojee.campaign.push"]
        .with_user(user)
        .with_context(active_model="crm.lead", active_ids=ids)
        .create(
            {
                "template_id": campaign.template_id.id,
                "campaign_id": campaign.id,
                "allocation_id": campaign.allocation_ids[0].id,
                **values,
            }
        )
    )
    count = wizard.sendable_count
    counted = time.perf_counter()
    job = env["noojee.lead.push.job"].browse(wizard.action_push()["res_id"])
    env.cr.commit()
    seconds = time.perf_counter() - started
    statements = env.cr.sql_log_count - before
    print(
        f"{title:<44} {count:>6} {counted - started:>8.2f} {seconds:>8.2f}"
        f" {len(ids) / seconds:>8.0f} {statements:>10}",
        flush=True,
    )
    env.invalidate_all()
    return job


print(
    f"\n{'The wizard: counted, then queued':<44} {'leads':>6} {'counted':>8}"
    f" {'queued':>8} {'leads/s':>8} {'statements':>10}"
)
measured("warm-up", written(FEW))
measured("a few", written(FEW))
job = measured("many", written(LEADS))
measured(
    "many, at a time, with calling hours",
    written(LEADS),
    # by day in all of Australia
    call_back_at="2027-01-12 03:00:00",
    allow_duplicates=True,
)
# only some of them are sent here
env.cr.execute(
    "UPDATE noojee_lead_push SET due_at = now() + interval '1 day' WHERE id NOT IN"
    " (SELECT id FROM noojee_lead_push WHERE job_id = %s ORDER BY id LIMIT %s)",
    [job.id, SENT],
)
env.cr.commit()
env.invalidate_all()
started, before = time.perf_counter(), env.cr.sql_log_count
env["noojee.lead.push"]._cron_send()
seconds = time.perf_counter() - started
statements = (env.cr.sql_log_count - before) / SENT
sent = env["noojee.lead.push"].search_count([("state", "=", "sent")])
print(
    f"\nThe job: {sent} of {SENT} leads in {seconds:.0f} s, {sent / seconds:.1f}/s;"
    f" the PBX takes {MOST}/s at most; {statements:.0f} statements for each"
)
