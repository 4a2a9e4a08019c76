"""The pytest plugin is there wherever the SDK is installed, so it must cost nothing and never be in the way."""

import subprocess
import sys

LAZY = """
import sys
import tradecredit_sdk.testing.plugin
heavy = {"fastapi", "sqlalchemy", "uvicorn", "requests", "pydantic", "tradecredit_sdk.sandbox"} & set(sys.modules)
sys.exit(f"loaded: {sorted(heavy)}" if heavy else 0)
"""

WITHOUT_THE_EXTRA = """
import sys
import pytest

class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("fastapi", "uvicorn", "sqlalchemy"):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Missing())
sys.exit(pytest.main(["-q", "-p", "no:schemathesis", "-p", "no:cacheprovider", sys.argv[1]]))
"""

TESTS = """
def test_that_has_nothing_to_do_with_it():
    pass

def test_that_wants_it(sandbox):
    pass
"""


def run(*command, **options):
    return subprocess.run(
        [sys.executable, *command], capture_output=True, text=True, timeout=120, check=False, **options
    )


def test_it_loads_nothing_until_it_is_used():
    done = run("-c", LAZY)
    assert (done.returncode, done.stderr) == (0, "")


def test_without_the_extra_only_those_fail_that_want_it_and_they_say_how(tmp_path):
    (tmp_path / "test_mine.py").write_text(TESTS)
    done = run("-c", WITHOUT_THE_EXTRA, str(tmp_path), cwd=tmp_path)
    assert "1 passed, 1 error" in done.stdout, done.stdout + done.stderr
    assert "pip install 'tradecredit-sdk[sandbox]'" in done.stdout


def test_a_project_of_its_own_uses_the_fixture(tmp_path):
    (tmp_path / "test_mine.py").write_text(
        "def test_mine(sandbox):\n    assert sandbox.control('GET', '/overview')['counts']['buyers'] > 300\n"
    )
    done = run("-m", "pytest", "-q", "-p", "no:cacheprovider", "-W", "error", str(tmp_path), cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
