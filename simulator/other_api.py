"""``systemHealth`` and ``rosterApi`` (noojee-api.md section 8)."""

from datetime import timedelta

from .method import Method
from .pbx import Pbx
from .replies import entities

HEALTH, ROSTERS = "systemHealth", "rosterApi"
# who is on shift: (team, desk)
ON_SHIFT = (("Sales", "101"), ("Sales", "102"), ("Service", "103"))
HEALTH_ROW = {
    "ioWait": 0.4,
    "loadAverage": 0.62,
    "cpuPercent": 11.5,
    "cores": 4,
    "memoryAvailableMB": 5210,
    "memoryTotalMB": 7975,
    "freeDiskSpacePercent": 63.0,
    "threadPoolUsagePercent": 4,
    "schedulerPoolUsagePercent": 2,
    "steal": 0.0,
    "dbPoolSize": 50,
    "dbPoolUsage": 3,
    "backupStarting": "",
    "pingData": {"sip.trunk.example.com": 18},
}


class OtherApi:
    """What a PBX tells of itself and of its teams."""

    def __init__(self, pbx: Pbx):
        self.pbx = pbx

    def health_methods(self) -> dict[str, Method]:
        return {"test": Method(self.health, verbs=("GET",))}

    def roster_methods(self) -> dict[str, Method]:
        return {
            "getActiveRosters": Method(
                self.rosters, verbs=("GET",), required=("teamName",)
            )
        }

    def health(self, _params: dict) -> dict:
        """One row, or none on an older system."""
        if self.pbx.is_older:
            return entities(HEALTH, [])
        # the last night whose backup, from 02:00 to 02:07, is over
        night = f"{self.pbx.clock.now() - timedelta(hours=2, minutes=7):%Y-%m-%d}"
        backup = {
            "lastBackupAttempt": f"{night} 02:00",
            "lastBackupSuccess": f"{night} 02:07",
        }
        return entities(HEALTH, [HEALTH_ROW | backup])

    def rosters(self, params: dict) -> dict:
        """Case of the team's name does not count; an unknown team has nobody on shift
        (the document is silent)."""
        wanted = params["teamName"].strip().lower()
        desks = [
            self.pbx.desks[number]
            for team, number in ON_SHIFT
            if team.lower() == wanted and number in self.pbx.desks
        ]
        rows = [
            {
                "id": str(200 + position),
                "login": desk.login,
                "extension": desk.number,
                "phoneNumber": f"03 9000 1{desk.number}",
                "mobileNumber": "",
                "email": f"{desk.login}@example.com",
                "statckPostion": position,
            }
            for position, desk in enumerate(desks, 1)
        ]
        return entities("roster", rows)
