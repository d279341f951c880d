"""An administrative unit as it was in one period: names change, and codes are given again to other places."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from gateway.domain.province.period import Period
from schemas.ticket import Locality


class Level(StrEnum):
    """The three administrative levels; districts exist until 30 June 2025."""

    COMMUNE = "commune"
    DISTRICT = "district"
    PROVINCE = "province"


@dataclass(frozen=True, slots=True)
class Unit:
    """One row of the gazetteer; identified by (`code`, `valid_from`), never by the code alone.

    `name` holds the type ("Xã Tân Lợi"), `bare` does not ("Tân Lợi"), `folded` is `bare` without diacritics and case.
    `served` is False while the unit lies outside the province that the deployment serves: old Đồng Nai before the
    merger, known only so that its old names are understood afterwards. `since` is when the body was formed: a change
    of type or name keeps it. `next` are the codes that hold its area after `valid_to`, the main one first.
    """

    code: str
    name: str
    level: Level
    type: str
    bare: str
    folded: str
    district_code: str
    district_name: str
    province_name: str
    valid_from: date | None
    valid_to: date | None
    served: bool = True
    since: date | None = None
    next: tuple[str, ...] = ()

    @property
    def period(self) -> Period:
        """The days on which the unit exists under this name."""
        return Period(self.valid_from, self.valid_to)

    @property
    def locality(self) -> Locality:
        """The unit as a ticket carries it."""
        return Locality(
            code=self.code,
            valid_from=self.valid_from.isoformat() if self.valid_from else "",
            name=self.name,
            district_code=self.district_code,
        )
