"""Who a salt key belongs to: the subject that can be erased."""


def driver_subject(fleet: str, driver_id: str) -> str:
    """Return the key subject of a driver of a fleet."""
    return f"driver:{fleet}/{driver_id}"


def vehicle_subject(fleet: str, vehicle_id: str) -> str:
    """Return the key subject of a vehicle, for trips without a driver."""
    return f"vehicle:{fleet}/{vehicle_id}"


def subject_of(fleet: str, vehicle_id: str, driver_id: str | None) -> str:
    """Return whose key salts a trip: the driver's, or the vehicle's where there is none."""
    if driver_id is None:
        return vehicle_subject(fleet, vehicle_id)
    return driver_subject(fleet, driver_id)
