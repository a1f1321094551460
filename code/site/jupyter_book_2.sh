# How much of the book does Jupyter Book 2 read?  sh code/site/jupyter_book_2.sh
#
# Reads a copy of the sources in _build/jupyter-book-2 and prints its complaints, by kind. What they mean, and what else
# is different there, stands in jupyter-book-2.md. Needs Node 20 or later; the theme is the one thing it takes from outside
# the registries, and without it every page is still read and resolved (_build/jupyter-book-2/_build/site/content).
set -eu
place=_build/jupyter-book-2
[ -x "$place/.venv/bin/jupyter-book" ] || {
    mkdir -p "$place"
    "${PYTHON:-python3}" -m venv "$place/.venv"
    "$place/.venv/bin/python" -m pip install -qq --disable-pip-version-check jupyter-book==2.1.7
}
cp -R chapters _toc.yml _config.yml references.bib "$place/"
cd "$place"
rm -rf myst.yml _build
printf 'version: 1\nproject:\n  title: How Adam Works\nsite:\n  template: book-theme\n' >myst.yml
.venv/bin/jupyter-book build --site >log.txt 2>&1 || true
escape=$(printf '\033')
sed -E "s/$escape\[[0-9;]*m//g" log.txt >plain.txt
grep -o 'Built [0-9]* pages' plain.txt || { cat plain.txt; exit 1; }
grep -E '^(⚠|⛔)' plain.txt |
    sed -E 's/chapters\/[a-z0-9-]+\.(ipynb|md)(:[0-9]+)? ?//; s/"[^"]*"/"…"/g; s/: term-.*/: term-…/; s/(not found): .*/\1: …/' |
    sort | uniq -c | sort -rn
