#!/bin/sh
# See that the programs the tests and Odoo drive are there: need.sh chromium postgresql openssl
# Missing ones are installed by apt-get when we are root; otherwise the message names the Debian package.
set -eu

have() {
    case $1 in
        chromium) for name in chromium chromium-browser google-chrome google-chrome-stable; do command -v "$name" && return 0; done ;;
        postgresql) command -v initdb || ls /usr/lib/postgresql/*/bin/initdb ;;
        postgresql-client) command -v psql ;;
        *) command -v "$1" ;;
    esac >/dev/null 2>&1
}

missing=
for program in "$@"; do
    have "$program" || missing="$missing $program"
done
[ -n "$missing" ] || exit 0

if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
    echo "This also needs:$missing. Install them with: sudo apt-get install$missing" >&2
    exit 1
fi

# The tests start a private server of their own: Debian's package shall not start one for good.
config=/etc/postgresql-common/createcluster.d/tradecredit-tests.conf
if [ ! -d /etc/postgresql-common ]; then
    mkdir -p "${config%/*}"
    echo 'create_main_cluster = false' >"$config"
    trap 'rm -f "$config"' EXIT
fi
mkdir -p build
echo "installing$missing (a minute or two)"
export DEBIAN_FRONTEND=noninteractive
# shellcheck disable=SC2086 # one word a package
{ apt-get -o DPkg::Lock::Timeout=300 update && apt-get -o DPkg::Lock::Timeout=300 install -y --no-install-recommends $missing; } </dev/null >build/apt.log 2>&1 || {
    tail -n 20 build/apt.log >&2
    echo "Installing$missing failed; the lines above say why (all of them: build/apt.log)." >&2
    exit 1
}
