"""The account that each lead belongs to, matched on this machine for free."""

from lantern.integrations.dbt import match


def model(dbt, session):
    dbt.config(materialized="table")
    return match(
        dbt,
        session,
        dbt.ref("leads"),
        dbt.ref("accounts"),
        [["domain:eq"], ["company:fuzzy0.85"]],
        left_id="lead_id",
        right_id="account_id",
    )
