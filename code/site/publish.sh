# Gathers everything that is published in one folder, for any host of static files:
#
#     BOOK_SITE=https://example.org/adam sh code/site/publish.sh _build/publish
#
# BOOK_SITE is where the folder will be served: the notebooks that readers take home install the book's package from
# there. Copy the folder to the host by its own means (rsync, sftp, a web form).
set -eu
out=${1:?"Say where to: sh code/site/publish.sh FOLDER"}
[ -n "${BOOK_SITE:-}" ] || echo "BOOK_SITE is not set: notebooks taken home will not know where to get the package." >&2

# The pages name their site and repository: they are made again, in case they were made without.
rm -f _build/.built
make --no-print-directory book
rm -rf "$out"
mkdir -p "$out"
cp -R _build/html/. "$out/"
touch "$out/.nojekyll" # GitHub Pages would leave out folders that begin with _

# The package, as a wheel. The date is fixed: the same commit gives the same bytes.
SOURCE_DATE_EPOCH=1767225600 .venv/bin/python -m pip wheel -qq --disable-pip-version-check --no-deps \
    --wheel-dir "$out/_static" .

# What students get.
make --no-print-directory release >/dev/null
mkdir -p "$out/assignments"
cp _build/assignments/book/*.zip "$out/assignments/"

echo "Ready to publish: $out ($(du -sh "$out" | cut -f1))"
