"""The PBX itself and who is on shift: section 8 of noojee-api.md."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from . import wire
from .answers import read_rows
from .results import FrozenDict, Result, Rows
from .section import Section

ROSTERS = "servicemanager/rest/rosterApi"
HEALTH = "servicemanager/rest/systemHealth"


@dataclass(frozen=True, slots=True)
class Health(Result):
    """How the PBX is (section 8); None for what it does not tell.

    :ivar ping_ms: trunk's address → lag in milliseconds
    :ivar row: the whole row as it came
    """

    io_wait: float | None = None
    load_average: float | None = None
    cpu_percent: float | None = None
    cores: int | None = None
    memory_available_mb: float | None = None
    memory_total_mb: float | None = None
    free_disk_space_percent: float | None = None
    thread_pool_usage_percent: float | None = None
    scheduler_pool_usage_percent: float | None = None
    steal: float | None = None
    db_pool_size: int | None = None
    db_pool_usage: int | None = None
    last_backup_attempt: datetime | None = None
    last_backup_success: datetime | None = None
    backup_starting: datetime | None = None
    ping_ms: Mapping[str, float] = field(default_factory=FrozenDict, hash=False)
    row: Mapping[str, object] = field(
        default_factory=FrozenDict, repr=False, compare=False
    )

    @classmethod
    def from_wire(
        cls, row: dict, time_zone: str, code: int = 0, message: str = ""
    ) -> "Health":
        zone = ZoneInfo(time_zone)
        pings = wire.value(row, "pingData")
        pings = pings if isinstance(pings, dict) else {}
        lags = {str(name): wire.number(pings, str(name)) for name in pings}
        return cls(
            code=code,
            message=message,
            io_wait=wire.number(row, "ioWait"),
            load_average=wire.number(row, "loadAverage"),
            cpu_percent=wire.number(row, "cpuPercent"),
            cores=wire.integer(row, "cores"),
            memory_available_mb=wire.number(row, "memoryAvailableMB"),
            memory_total_mb=wire.number(row, "memoryTotalMB"),
            free_disk_space_percent=wire.number(row, "freeDiskSpacePercent"),
            thread_pool_usage_percent=wire.number(row, "threadPoolUsagePercent"),
            scheduler_pool_usage_percent=wire.number(row, "schedulerPoolUsagePercent"),
            steal=wire.number(row, "steal"),
            db_pool_size=wire.integer(row, "dbPoolSize"),
            db_pool_usage=wire.integer(row, "dbPoolUsage"),
            last_backup_attempt=wire.moment(row, zone, "lastBackupAttempt"),
            last_backup_success=wire.moment(row, zone, "lastBackupSuccess"),
            backup_starting=wire.moment(row, zone, "backupStarting"),
            ping_ms=FrozenDict(
                {name: lag for name, lag in lags.items() if lag is not None}
            ),
            row=FrozenDict(row),
        )


@dataclass(frozen=True, slots=True)
class ActiveRoster:
    """Somebody on shift (section 8)."""

    id: str = ""
    login: str = ""
    extension: str = ""
    phone_number: str = ""
    mobile_number: str = ""
    email: str = ""
    stack_position: int | None = None

    @classmethod
    def from_wire(cls, row: dict) -> "ActiveRoster":
        return cls(
            wire.text(row, "id"),
            wire.text(row, "login"),
            wire.text(row, "extension"),
            wire.text(row, "phoneNumber"),
            wire.text(row, "mobileNumber"),
            wire.text(row, "email"),
            # so spelt on the wire; the right spelling may come one day
            wire.integer(row, "statckPostion", "stackPosition"),
        )


class System(Section):
    """``systemHealth`` and ``rosterApi``."""

    def system_health(self) -> Health | None:
        """How the PBX is; None where it tells nothing at all (older systems)."""
        rows = self._entities(HEALTH, "test", {})
        if not rows and not rows.is_warning:
            return None
        row = rows[0] if rows else {}
        return Health.from_wire(row, self._time_zone, rows.code, rows.message)

    def get_active_rosters(self, team_name: str) -> Rows[ActiveRoster]:
        """Who of a team is on shift."""
        rows = self._entities(ROSTERS, "getActiveRosters", {"teamName": team_name})
        return read_rows(rows, ActiveRoster.from_wire)
