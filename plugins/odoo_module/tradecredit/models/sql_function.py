"""Queries that the database keeps: to plan one of them takes many times as long as to run it."""

from __future__ import annotations

from typing import Any, NamedTuple

from odoo.tools import SQL


class SqlFunction(NamedTuple):
    """A reading query as a function of the database, of which each session keeps the plan.

    `parameters` and `columns` are declared as in SQL. Parameters must not be called like a column of the query.
    """

    name: str
    parameters: str
    columns: str
    query: str

    def install(self, cr) -> None:
        """Make it, or make it anew: its columns may have changed."""
        # pylint: disable-next=sql-injection; made of constants, and DDL takes no parameters
        cr.execute(f"""
            DROP FUNCTION IF EXISTS {self.name};
            CREATE FUNCTION {self.name}({self.parameters}) RETURNS TABLE ({self.columns})
            LANGUAGE plpgsql STABLE SET plan_cache_mode = 'force_generic_plan' AS $$
            #variable_conflict use_column
            BEGIN RETURN QUERY {self.query}; END $$;
        """)

    def drop(self, cr) -> None:
        """Leave nothing of it."""
        cr.execute(SQL("DROP FUNCTION IF EXISTS %s", SQL.identifier(self.name)))

    def __call__(self, *arguments: Any) -> SQL:
        """All columns of its rows."""
        return SQL(
            "SELECT * FROM %s(%s)", SQL.identifier(self.name), SQL(", ").join(SQL("%s", one) for one in arguments)
        )
