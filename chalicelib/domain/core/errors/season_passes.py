"""Refusals of season passes and their plans."""

from __future__ import annotations

from chalicelib.domain.core.errors.families import Conflict, NotFound


class SeasonPassNotFound(NotFound):
    code = "SEASON_PASS_NOT_FOUND"


class SeasonPlanNotFound(NotFound):
    code = "SEASON_PLAN_NOT_FOUND"


class PlateHasPass(Conflict):
    """Another season pass of the vehicle is active at the site."""

    code = "PLATE_HAS_PASS"


class SeasonPassNotActive(Conflict):
    """The season pass is not paid, over, or cancelled."""

    code = "SEASON_PASS_NOT_ACTIVE"


class VehicleInside(Conflict):
    """A covered stay of the vehicle goes on."""

    code = "VEHICLE_INSIDE"


class SeasonPassLimit(Conflict):
    """The plan allows no further pause or transfer."""

    code = "SEASON_PASS_LIMIT"
