"""Runs a page's cells inside the page: what a notebook's kernel does, as far as a page shows it.

The worker (worker.js) calls `answer` with a request in JSON. Each answer is a line of JSON on file descriptor 1, in the
moment it is known, so that a reader sees what a long cell prints. An output is as in a notebook's file (nbformat 4).
"""

import ast
import base64
import io
import json
import linecache
import logging
import os
import sys
import traceback
import types

FIGURE = "application/vnd.descent.figure+json"  # the state of a figure that the page's own front end draws
CONTROLS = "application/vnd.descent.controls+json"  # the sliders of an `interact`
MARKS = (("_repr_html_", "text/html"), ("_repr_markdown_", "text/markdown"), ("_repr_latex_", "text/latex"))
PICTURES = (("_repr_svg_", "image/svg+xml"), ("_repr_png_", "image/png"), ("_repr_jpeg_", "image/jpeg"))

notebook = types.ModuleType("__main__")  # where the cells live
widgets = {}  # those that stand on the page, by their id
capturing = []  # lists that take the outputs instead of the page: of Output widgets, the innermost last


def say(message):
    data = (json.dumps(message, ensure_ascii=False) + "\n").encode(errors="backslashreplace")
    while data:
        data = data[os.write(1, data) :]


def put_out(output):
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    if capturing:
        capturing[-1].append(output)
    else:
        say({"output": output})


class Stream(io.TextIOBase):
    """Standard output or error: whole lines go at once."""

    def __init__(self, name):
        self.name, self.waiting = name, ""

    def writable(self):
        return True

    def write(self, text):
        self.waiting += text
        if "\n" in text or len(self.waiting) > 4096:
            self.flush()
        return len(text)

    def flush(self):
        text, self.waiting = self.waiting, ""
        if text:
            output = {"output_type": "stream", "name": self.name, "text": text}
            if capturing:
                capturing[-1].append(output)
            else:
                say({"output": output})


# ---------------------------------------------------------------- what is shown


def shown(thing):
    """Return what a notebook would store of a value: its forms, by kind."""
    data = {}
    if figure := state_of_figure(thing):
        data[FIGURE] = figure
        data["text/plain"] = repr(thing)
        return data
    if is_interactive(thing):
        data[CONTROLS] = controls_of(thing)
        data["text/plain"] = "sliders"
        return data
    if is_picture(thing):
        return {"image/png": png(thing), "text/plain": repr(thing)}
    bundle = getattr(thing, "_repr_mimebundle_", None)
    if bundle and not isinstance(thing, type):
        found = bundle()
        found = found[0] if isinstance(found, tuple) else found
        data.update({kind: text for kind, text in (found or {}).items() if "widget-view" not in kind})
    for method, kind in MARKS + PICTURES:
        show = None if isinstance(thing, type) else getattr(thing, method, None)
        found = show() if show and kind not in data else None
        found = found[0] if isinstance(found, tuple) else found
        if found is not None:
            data[kind] = base64.b64encode(found).decode() if isinstance(found, bytes) else found
    data.setdefault("text/plain", repr(thing))
    return data


def display(*things, **options):
    for thing in things:
        put_out({"output_type": "display_data", "data": shown(thing), "metadata": {}})


def is_picture(thing):
    figure = sys.modules.get("matplotlib.figure")
    return figure is not None and isinstance(thing, figure.Figure)


def png(figure):
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", bbox_inches="tight")
    return base64.b64encode(buffer.getvalue()).decode()


def show_pictures():
    """Show what Matplotlib has drawn since the last time, and close it, as a notebook does at the end of a cell."""
    pyplot = sys.modules.get("matplotlib.pyplot")
    if pyplot is None:
        return
    try:
        for number in pyplot.get_fignums():
            display(pyplot.figure(number))
    finally:
        pyplot.close("all")


# ---------------------------------------------------------------- figures and sliders that stay alive


def state_of_figure(thing):
    """The state of one of the book's own figures; None of anything else."""
    if not type(thing).__module__.startswith("descent.") or not hasattr(thing, "needs_kernel"):
        return None
    widgets[thing.model_id] = thing
    return {"model": thing.model_id, "state": thing.state()}


def is_interactive(thing):
    ipywidgets = sys.modules.get("ipywidgets")
    return ipywidgets is not None and isinstance(thing, ipywidgets.interactive)


def controls_of(interactive):
    """What the page needs to draw the sliders of an `interact`, and what its function shows first."""
    widgets[interactive.model_id] = interactive
    controls = []
    for widget in interactive.kwargs_widgets:
        control = {"name": widget._kwarg, "label": widget.description or widget._kwarg, "value": widget.value}
        for key in ("min", "max", "step"):
            if hasattr(widget, key):
                control[key] = getattr(widget, key)
        if hasattr(widget, "options"):
            control["options"] = [str(label) for label in widget._options_labels]
            control["value"] = widget.index
        controls.append(control)
    return {"model": interactive.model_id, "controls": controls, "outputs": outcome(interactive)}


def outcome(interactive):
    """The outputs of an interact's function with the values as they stand."""
    outputs = []
    capturing.append(outputs)
    try:
        interactive.update()
        show_pictures()
    finally:
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        capturing.pop()
    return outputs


def change(request):
    """A reader has moved something of a widget: take it over, and tell what became of it."""
    widget = widgets[request["model"]]
    if is_interactive(widget):
        for control in widget.kwargs_widgets:
            if control._kwarg in request["changes"]:
                value = request["changes"][control._kwarg]
                if hasattr(control, "options"):
                    control.index = value
                else:
                    control.value = type(control.value)(value)
        say({"model": request["model"], "outputs": outcome(widget)})
        return
    with widget.hold_trait_notifications():
        for name, value in request["changes"].items():
            if widget.has_trait(name):
                setattr(widget, name, value)
    say({"model": request["model"], "state": widget.state()})


# ---------------------------------------------------------------- cells


def run(request):
    """Run a cell; say whether it went through."""
    name = request["name"]
    source = request["source"]
    # Errors and `inspect` show the lines of the cell.
    linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
    went = True
    try:
        tree = ast.parse(source, name)
        last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
        exec(compile(tree, name, "exec"), notebook.__dict__)
        if last is not None:
            value = eval(compile(ast.Expression(last.value), name, "eval"), notebook.__dict__)
            if value is not None and not source.rstrip().endswith(";"):
                notebook.__dict__["_"] = value
                put_out({"output_type": "execute_result", "data": shown(value), "metadata": {}})
        show_pictures()
    except BaseException as error:
        went = False
        put_out(fault(error))
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    say({"done": went})


def fault(error):
    """What a notebook stores of an error: its name, its words, and the lines that led to it outside this file."""
    trace = error.__traceback__
    while trace is not None and trace.tb_frame.f_code.co_filename == __file__:
        trace = trace.tb_next
    lines = traceback.format_exception(type(error), error, trace)
    if isinstance(error, SyntaxError) and any(line.lstrip()[:1] in "%!" for line in (error.text or "").splitlines()):
        lines.append("Lines that begin with % or ! are commands of Jupyter; the page runs Python alone.\n")
    if isinstance(error, ModuleNotFoundError):
        lines.append("On this page there are Python's own modules, NumPy, Matplotlib, SymPy and the book's package.\n")
    return {
        "output_type": "error",
        "ename": type(error).__name__,
        "evalue": str(error),
        "traceback": "".join(lines).splitlines(),
    }


def answer(text):
    request = json.loads(text)
    {"run": run, "change": change}[request["ask"]](request)


# ---------------------------------------------------------------- what notebooks take for granted


def stand_in(name, **content):
    module = types.ModuleType(name)
    module.__dict__.update(content)
    module.__path__ = []
    sys.modules[name] = module
    parent, _, child = name.rpartition(".")
    if parent:
        setattr(sys.modules[parent], child, module)


class Shown:
    """IPython's HTML, Markdown and their like: a text with its kind."""

    kind = "text/plain"

    def __init__(self, data="", **options):
        self.data = data

    def _repr_mimebundle_(self, **options):
        return {self.kind: self.data, "text/plain": f"<{type(self).__name__}>"}


def ipython():
    """What `IPython` is to the widgets' libraries and to the book's cells."""
    kinds = {"HTML": "text/html", "Markdown": "text/markdown", "Math": "text/latex", "Latex": "text/latex"}
    kinds |= {"SVG": "image/svg+xml", "Image": "image/png"}
    classes = {name: type(name, (Shown,), {"kind": kind}) for name, kind in kinds.items()}
    stand_in("IPython", get_ipython=lambda: None, version_info=(9, 0, 0), __version__="9.0.0")
    stand_in("IPython.display", display=display, clear_output=lambda wait=False: None, **classes)
    sys.modules["IPython"].display = sys.modules["IPython.display"]
    stand_in("IPython.core")
    stand_in("IPython.core.getipython", get_ipython=lambda: None)
    stand_in("IPython.core.interactiveshell", InteractiveShell=type("InteractiveShell", (), {}))


class Outputs:
    """An Output widget's `with`: the page shows what its block puts out where the widget stands, or in the cell."""

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        if exception[1] is not None:
            put_out(fault(exception[1]))
        return True


def adapt(module):
    """Called for each of the libraries below once it is imported: a page is no Jupyter."""
    if module.__name__ == "ipywidgets":
        module.Output.__enter__, module.Output.__exit__ = Outputs.__enter__, Outputs.__exit__
        module.Output.clear_output = lambda self, *args, **options: None
    else:  # descent.figures.widget: the page has the front end already
        module.bundle = lambda entry="widget.js": ""
        module.stylesheet = lambda: ""


class Adapter:
    """Finds a module as ever, and adapts it after it is loaded."""

    names = {"ipywidgets", "descent.figures.widget"}

    def find_spec(self, name, path=None, target=None):
        if name not in self.names:
            return None
        self.names.discard(name)
        from importlib.util import find_spec

        spec = find_spec(name)
        execute = spec.loader.exec_module

        def exec_module(module):
            execute(module)
            adapt(module)

        spec.loader.exec_module = exec_module
        return spec


def begin():
    sys.modules["__main__"] = notebook
    notebook.__dict__.update(__builtins__=__builtins__, display=display)
    sys.stdout, sys.stderr = Stream("stdout"), Stream("stderr")
    os.environ.update(MPLBACKEND="module://page_backend", MPLCONFIGDIR="/tmp", TQDM_DISABLE="1")
    # Its complaint that the page has no folder for settings.
    logging.getLogger("matplotlib").setLevel(logging.ERROR)
    ipython()
    sys.meta_path.insert(0, Adapter())
    say({"begun": sys.version.split()[0]})
