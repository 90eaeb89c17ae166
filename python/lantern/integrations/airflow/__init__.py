"""Lantern in Airflow 3: a connection type, operators, a trigger and a sensor.

Airflow finds the connection type by the provider's entry point; a DAG imports the rest from here.
Everything is imported only when it is used, so that Airflow starts quickly. The example of each
class is a DAG file.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lantern.integrations.airflow.batch import LanternBatchOperator
    from lantern.integrations.airflow.hook import LanternHook
    from lantern.integrations.airflow.link import LanternRunLink
    from lantern.integrations.airflow.match import LanternMatchOperator
    from lantern.integrations.airflow.sensor import LanternJobSensor
    from lantern.integrations.airflow.trigger import LanternJobTrigger

__all__ = [
    "LanternBatchOperator",
    "LanternHook",
    "LanternJobSensor",
    "LanternJobTrigger",
    "LanternMatchOperator",
    "LanternRunLink",
]

_MODULES = {
    "LanternBatchOperator": "batch",
    "LanternHook": "hook",
    "LanternJobSensor": "sensor",
    "LanternJobTrigger": "trigger",
    "LanternMatchOperator": "match",
    "LanternRunLink": "link",
}


def __getattr__(name: str) -> object:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        module = importlib.import_module(f"{__name__}.{_MODULES[name]}")
    except ImportError as error:
        if (error.name or "").partition(".")[0] != "airflow":
            raise
        raise ImportError(
            f"{name} needs Airflow 3.3 or later; install it with: pip install 'lantern[airflow]'",
            name=error.name,
        ) from error
    return getattr(module, name)
