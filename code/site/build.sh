# Builds the site, with warnings as errors, called by the Makefile:  sh code/site/build.sh
set -eu
mkdir -p _build
# Sphinx leaves pictures and search words of earlier builds in a site. What it has read it keeps elsewhere.
rm -rf _build/html
if ! .venv/bin/jupyter-book build -W -n --keep-going --quiet . >_build/build.log 2>&1; then
    # Sphinx would not read an unchanged page again, and so forget what it warned of.
    rm -rf _build/.doctrees
    # In colour, with full paths, and a line number that is ten thousand times the cell: made readable.
    escape=$(printf '\033')
    sed -E "s/$escape\[[0-9;]*m//g; s#^$PWD/##; s/\.ipynb:([0-9]+)([0-9]{4}):/.ipynb, cell \1, line \2:/; s/, line 0+/, line /" \
        _build/build.log >_build/build.txt
    grep -E '(WARNING|ERROR|CRITICAL): |^[A-Za-z.]*(Error|Exception): .' _build/build.txt >&2 || cat _build/build.txt >&2
    echo "The site was not built. Mend what the lines above name, then: make book   (the whole log: _build/build.txt)" >&2
    exit 1
fi
