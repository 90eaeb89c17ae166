"""The description of this package for Airflow, behind the entry point `apache_airflow_provider`.

The form of the connection is described here as data, so that neither the web page nor the scheduler
needs to import the hook, and no form library is needed.
"""

from __future__ import annotations

from typing import Any

PACKAGE = "lantern.integrations.airflow"


def get_provider_info() -> dict[str, Any]:
    """Return the provider's description, in the format of Airflow's `provider_info.schema.json`."""
    name = "Lantern"
    return {
        "package-name": "lantern",
        "name": name,
        "description": "The Lantern API for B2B enrichment, and matching of tables.",
        "integrations": [{"integration-name": name, "tags": ["service"]}],
        "hooks": [{"integration-name": name, "python-modules": [f"{PACKAGE}.hook"]}],
        "operators": [
            {
                "integration-name": name,
                "python-modules": [f"{PACKAGE}.batch", f"{PACKAGE}.match"],
            }
        ],
        "sensors": [{"integration-name": name, "python-modules": [f"{PACKAGE}.sensor"]}],
        "triggers": [{"integration-name": name, "python-modules": [f"{PACKAGE}.trigger"]}],
        "extra-links": [f"{PACKAGE}.link.LanternRunLink"],
        "connection-types": [
            {
                "connection-type": "lantern",
                "hook-class-name": f"{PACKAGE}.hook.LanternHook",
                "hook-name": name,
                "ui-field-behaviour": {
                    "hidden-fields": ["login", "schema", "port", "extra"],
                    "relabeling": {"host": "Base URL", "password": "API key"},
                    "placeholders": {"host": "empty for Lantern's own address"},
                },
                "conn-fields": _fields(),
            }
        ],
    }


def _fields() -> dict[str, Any]:
    return {
        "ledger": {
            "label": "Ledger",
            "description": "The file or postgresql:// URL that spends are written down in, one for "
            "all workers and triggerers; empty for the user's own file. A password belongs below.",
            "schema": {"type": ["string", "null"]},
        },
        "ledger_password": {
            "label": "Ledger password",
            "description": "The password of a ledger in PostgreSQL.",
            "schema": {"type": ["string", "null"], "format": "password"},
        },
        "storage_options": {
            "label": "Storage options",
            "description": "Region, endpoint and the like of the result storage, such as "
            '{"aws_profile": "data-team"}; empty for the AWS credential chain.',
            "schema": {"type": ["object", "null"]},
        },
        "storage_secrets": {
            "label": "Storage secrets",
            "description": "Further storage options, which Airflow hides: keys, tokens, passwords.",
            "schema": {"type": ["object", "null"]},
        },
        "limits": {
            "label": "Rate limits",
            "description": 'Requests a minute by class, such as {"batches": 10}.',
            "schema": {"type": ["object", "null"]},
        },
        "timeout": {
            "label": "Time-out",
            "description": "Seconds that a call may take in all, with its retries.",
            "schema": {"type": ["number", "null"]},
        },
        "retries": {
            "label": "Retries",
            "description": "How often a failed call is tried again.",
            "schema": {"type": ["integer", "null"]},
        },
        "proxy": {"label": "Proxy", "schema": {"type": ["string", "null"]}},
        "ca_bundle": {
            "label": "Certificate authorities",
            "description": "A PEM file, beside the system's own.",
            "schema": {"type": ["string", "null"]},
        },
        "allow_http": {
            "label": "Allow plain http",
            "description": "Sends the key unencrypted; for a network that you trust.",
            "schema": {"type": ["boolean", "null"], "default": False},
        },
        "run_url": {
            "label": "Link to a run",
            "description": "Where people look at a run, with {run_id} in it; empty for the API's "
            "own address of its state.",
            "schema": {"type": ["string", "null"]},
        },
    }
