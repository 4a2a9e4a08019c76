"""A real Odoo 19 for this project's addons: made once, kept in a cache folder, started and tested with one command.

`python -m tools.odoo_runtime --help`, from the root of the repository, names the commands; docs/how-to/run-odoo.md
tells the rest. Only Python's standard library is imported here.
"""
