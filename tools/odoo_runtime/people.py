"""Who can log in to the server of `make odoo`: the one place that knows the passwords of the demo data."""

from __future__ import annotations

from dataclasses import dataclass

from .cluster import sql


@dataclass(frozen=True)
class Person:
    """One user of the demo data, and what he is there to show."""

    login: str
    password: str
    part: str


PEOPLE = (
    Person("salesperson", "salesperson", "salesperson, without accounting rights"),
    Person("controller", "controller", "credit controller"),
    Person("manager", "manager", "credit manager, releases held orders"),
    Person("customer", "customer", "customer in the portal"),
    Person("admin", "admin", "administrator"),
)


def present(database: str) -> list[Person]:
    """Those that this database has."""
    logins = set(sql("SELECT login FROM res_users WHERE active", database))
    return [person for person in PEOPLE if person.login in logins]
