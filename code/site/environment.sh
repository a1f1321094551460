# Makes or updates .venv, called by the Makefile:  sh code/site/environment.sh book|test
set -eu
PYTHON=${PYTHON:-python3}

fail() {
    echo "$1" >&2
    exit 1
}

as_root() {
    [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null
}

command -v "$PYTHON" >/dev/null || fail "No $PYTHON here. Install Python 3.11 or later, or name one: make PYTHON=python3.12 book"
"$PYTHON" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
    fail "$("$PYTHON" --version) is too old: the book needs 3.11 or later. Name another: make PYTHON=python3.12 book"

if ! "$PYTHON" -c 'import ensurepip, venv' 2>/dev/null; then
    # Debian keeps this part of Python in a package of its own.
    as_root || fail "Python's venv module is missing. Install it: sudo apt-get install python3-venv"
    echo "Installing python3-venv"
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq python3-venv >/dev/null
fi

if [ -f .venv/.place ] && [ "$(cat .venv/.place)" != "$PWD" ]; then
    rm -rf .venv
fi
if ! .venv/bin/python -m pip --version >/dev/null 2>&1; then
    "$PYTHON" -m venv --clear .venv
fi
case $1 in
book)
    echo "Installing the book's environment in .venv (a minute or two, once)"
    .venv/bin/python -m pip install -qq --disable-pip-version-check -r requirements.txt
    # A wheel brings this file itself; an editable install does not.
    mkdir -p .venv/share/jupyter/lab/settings/overrides.d
    cp code/site/descent.json .venv/share/jupyter/lab/settings/overrides.d/
    ;;
test)
    echo "Installing what the tests need"
    .venv/bin/python -m pip install -qq --disable-pip-version-check -r requirements.txt -e '.[test,assignments]'
    ;;
esac
pwd >.venv/.place
touch ".venv/.$1"
