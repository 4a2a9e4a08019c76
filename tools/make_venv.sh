#!/bin/sh
# Make .venv with the package in it, or do nothing when it is there already.
#
#   tools/make_venv.sh run   the package with [cli,sandbox]: all that `make demo` needs
#   tools/make_venv.sh dev   the same and every tool of the test suite
#
# PYTHON names the interpreter; without it, the first of python3, python3.13 ... python3.10 that is new enough.
set -eu
cd "$(dirname "$0")/.."
kind=${1:?run or dev}
log=build/pip.log

die() { echo "$*" >&2; exit 1; }

new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 10))' >/dev/null 2>&1; }

if [ -n "${PYTHON:-}" ]; then
    command -v "$PYTHON" >/dev/null || die "PYTHON=$PYTHON is not a program that can be run."
    new_enough "$PYTHON" || die "PYTHON=$PYTHON is older than Python 3.10; name a newer one: make demo PYTHON=python3.12"
else
    for PYTHON in python3 python3.13 python3.12 python3.11 python3.10 none; do
        [ "$PYTHON" = none ] && die "Python 3.10 or newer is needed and none was found: install python3, or name one: make demo PYTHON=/path/to/python3"
        new_enough "$PYTHON" && break
    done
fi

# A stamp holds for one interpreter, one pyproject.toml and one place: an editable install knows the folder's name.
interpreter=$("$PYTHON" -c 'import sys; print(sys.base_prefix, *sys.version_info[:3])')
fingerprint="$interpreter $(pwd) $(cksum <pyproject.toml)"
stamped() { [ -x .venv/bin/python ] && [ "$(cat ".venv/tradecredit-$1" 2>/dev/null)" = "$fingerprint" ]; }
if stamped dev || { [ "$kind" = run ] && stamped run; }; then exit 0; fi
mkdir -p build

# One dot a second while a quiet command works; its whole output when it fails.
watch() {
    title=$1; shift
    printf '%s ' "$title"
    "$@" </dev/null >"$log" 2>&1 & worker=$!
    trap 'kill "$worker" 2>/dev/null; exit 130' INT TERM
    while kill -0 "$worker" 2>/dev/null; do printf '.'; sleep 1; done
    trap - INT TERM
    wait "$worker" && echo ' done' || { echo ' failed'; cat "$log" >&2; return 1; }
}

# Debian keeps ensurepip in a package of its own, without which a virtual environment gets no pip.
full_venv() { "$PYTHON" -c 'import ensurepip, venv' 2>/dev/null && "$PYTHON" -m venv --clear .venv; }
bare_venv() { "$PYTHON" -m venv --clear --without-pip .venv; }
install_venv_package() {
    version=$("$PYTHON" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || return 1
    watch "installing python$version-venv" sh -c \
        "export DEBIAN_FRONTEND=noninteractive; apt-get update && apt-get install -y --no-install-recommends python$version-venv"
}
borrowed_pip() {
    "$PYTHON" -m pip --version >/dev/null 2>&1 && bare_venv && "$PYTHON" -m pip --python .venv/bin/python install --quiet pip
}
borrowed_uv() { command -v uv >/dev/null && bare_venv && uv pip install --quiet --python .venv/bin/python pip; }
borrowed_virtualenv() { command -v virtualenv >/dev/null && virtualenv --quiet --clear --python "$PYTHON" .venv; }

usable() {
    .venv/bin/python -m pip --version >/dev/null 2>&1 && new_enough .venv/bin/python &&
        [ "$(.venv/bin/python -c 'import sys; print(sys.base_prefix, *sys.version_info[:3])')" = "$interpreter" ] &&
        { ! [ -f .venv/tradecredit-place ] || [ "$(cat .venv/tradecredit-place)" = "$(pwd)" ]; }
}
if ! usable; then
    # An environment that somebody else made is not ours to clear away.
    [ ! -e .venv ] || [ -f .venv/tradecredit-place ] || [ ! -x .venv/bin/python ] ||
        die "There is a .venv of another Python here that this script did not make: remove it, or name its interpreter with PYTHON=."
    echo "making .venv with Python $("$PYTHON" -c 'import platform; print(platform.python_version())')"
    full_venv || { install_venv_package && full_venv; } || borrowed_pip 2>/dev/null || borrowed_uv || borrowed_virtualenv || {
        rm -rf .venv
        die "This Python cannot make a virtual environment with pip. Install the package python3-venv (as root: apt-get install python3-venv) and try again."
    }
fi
pwd >.venv/tradecredit-place

export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1 PIP_ROOT_USER_ACTION=ignore
help='The packages could not be installed; the lines above say why. Nothing else was changed: mend it and run the same command again.'
if [ "$kind" = dev ]; then
    # Dependency groups (PEP 735) need pip 25.1.
    watch 'updating pip' .venv/bin/python -m pip install --upgrade 'pip>=25.1' || die "$help"
    watch 'installing the package and the tools of its tests (a few minutes the first time)' \
        .venv/bin/python -m pip install --group dev -e '.[cli,sandbox,postgres]' || die "$help"
else
    watch 'installing the package (about half a minute the first time)' \
        .venv/bin/python -m pip install -e '.[cli,sandbox]' || die "$help"
fi
printf '%s' "$fingerprint" >".venv/tradecredit-$kind"
