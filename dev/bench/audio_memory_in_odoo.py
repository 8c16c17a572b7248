"""Read by `odoo shell` from audio_memory.py, which writes URL and MEGABYTES above."""
# ruff: noqa: F821, T201

import time
from pathlib import Path


def megabytes(line):
    """A line of this process's memory: VmRSS now, VmHWM at most."""
    for row in Path("/proc/self/status").read_text().splitlines():
        if row.startswith(f"{line}:"):
            return int(row.split()[1]) / 1024
    raise LookupError(line)


pbx = env["noojee.pbx"].create(
    {
        "name": "Bench",
        "base_url": URL,
        "new_api_key": "k",
        "country_id": env.ref("base.au").id,
        "max_audio_mb": MEGABYTES,
    }
)
recording = env["noojee.recording"].create(
    {"pbx_id": pbx.id, "company_id": pbx.company_id.id, "state": "fetching"}
)
leg = env["noojee.recording.leg"].create(
    {
        "recording_id": recording.id,
        "pbx_id": pbx.id,
        "unique_id": "1412750652.496",
        "call_record_id": "1",
        "number": 1,
    }
)
env.cr.commit()
before = megabytes("VmRSS")
# the highest mark begins anew
Path("/proc/self/clear_refs").write_text("5")
started = time.perf_counter()
leg._fetch_apart()
seconds = time.perf_counter() - started
peak = megabytes("VmHWM") - before
if leg.state != "stored":
    raise SystemExit(leg.reason)
print(f"{'leg':<30} {leg.size / 1024 / 1024:>8.0f} MB")
print(f"{'peak beyond an idle Odoo':<30} {peak:>8.0f} MB")
print(f"{'times the leg':<30} {peak / MEGABYTES:>8.2f}")
print(f"{'seconds':<30} {seconds:>8.1f}")
