"""The widget behind `explore`: its traits are the figure's whole state, and the front end is handed over once."""

import base64
import json
import re
from functools import cache
from importlib import resources
from pathlib import PurePosixPath
from posixpath import normpath

import anywidget
import ipywidgets
import traitlets

from descent.figures import plots, still
from descent.figures.protocol import check_state, schema
from descent.figures.texts import library, rule_of_text
from descent.figures.views import WORDS, short_number
from descent.loop import descend
from descent.problems import with_parameters

LONG_NUMBER = re.compile(r"\d+\.\d{5,}(e-?\d+)?")


@cache
def bundle(entry="widget.js"):
    """Return the front end as one ES module: its files, joined so that each comes after those it imports.

    entry : of front/; "edit/edit.js" is the editor, which comes when a reader asks for it.
    """
    front = resources.files(__package__) / "front"
    seen, texts = set(), []

    def add(path):
        if path in seen:
            return
        seen.add(path)
        lines = (front / str(path)).read_text(encoding="utf8").splitlines()
        for line in lines:
            if line.startswith("import "):
                imported = PurePosixPath(normpath(path.parent / line.split('"')[1]))
                if imported.suffix == ".js":
                    add(imported)
                elif imported not in seen:
                    seen.add(imported)
                    texts.append(f"const {line.split()[1]} = {_as_script(front / str(imported))};")
        kept = [line for line in lines if not line.startswith("import ")]
        texts.extend(line if line.startswith("export default") else line.removeprefix("export ") for line in kept)

    add(PurePosixPath(entry))
    return "\n".join(texts) + "\n"


def _as_script(path):
    """Return a file of data as JavaScript has it: JSON without the words for its readers, any other text in quotes."""
    if path.name == "library.json":  # what a reader can begin with: made here, from the package itself
        return json.dumps(library())
    text = path.read_text(encoding="utf8")
    if path.suffix != ".json":
        return json.dumps(text)
    return json.dumps(_without_descriptions(json.loads(text)), separators=(",", ":"), ensure_ascii=False)


def _without_descriptions(part):
    if isinstance(part, list):
        return [_without_descriptions(value) for value in part]
    if not isinstance(part, dict):
        return part
    # In a schema a description is a text; a property of that name would be a schema itself, and stay.
    return {
        key: _without_descriptions(value)
        for key, value in part.items()
        if not (key == "description" and isinstance(value, str))
    }


@cache
def stylesheet():
    """Return the figure's style sheet."""
    return (resources.files(__package__) / "explore.css").read_text(encoding="utf8")


@cache
def entry():
    """Return the few lines that every figure carries, which fetch the front end from its FrontEnd."""
    return (resources.files(__package__) / "entry.js").read_text(encoding="utf8")


class FrontEnd(ipywidgets.Widget):
    """The front end's script and style sheet. All figures of a notebook share one, so it is stored once."""

    script = traitlets.Unicode().tag(sync=True)
    style = traitlets.Unicode().tag(sync=True)
    shared = None

    @classmethod
    def of_this_kernel(cls):
        if cls.shared is None or cls.shared.comm is None:  # none yet, or closed
            cls.shared = cls(script=bundle(), style=stylesheet())
        return cls.shared


class Explore(anywidget.AnyWidget):
    """The widget that `explore` returns. Its traits are the whole state of the figure."""

    _esm = traitlets.Unicode().tag(sync=True)
    front = traitlets.Instance(FrontEnd).tag(sync=True, **ipywidgets.widget_serialization)
    problem = traitlets.Dict().tag(sync=True)
    rules = traitlets.List().tag(sync=True)
    shared = traitlets.List().tag(sync=True)
    views = traitlets.List().tag(sync=True)
    settings = traitlets.List().tag(sync=True)
    parameters = traitlets.Dict().tag(sync=True)
    start = traitlets.List().tag(sync=True)
    steps = traitlets.Int().tag(sync=True)
    frame = traitlets.Int().tag(sync=True)
    origin = traitlets.Dict().tag(sync=True)
    title = traitlets.Unicode().tag(sync=True)
    alt = traitlets.Unicode().tag(sync=True)
    ask = traitlets.Unicode().tag(sync=True)
    anatomy = traitlets.Bool().tag(sync=True)
    needs_kernel = traitlets.Bool().tag(sync=True)
    picture = traitlets.Unicode().tag(sync=True)  # of a figure that Python draws: the still, base64
    texts = traitlets.Dict().tag(sync=True)  # that the reader changed, of "rule 1", "add 1", "surface 1"

    def __init__(self, surface, optimizers, **traits):
        self._surface, self._optimizers = surface, optimizers  # the Python objects behind the traits
        super().__init__(_esm=entry(), front=FrontEnd.of_this_kernel(), **traits)
        self.origin = {name: getattr(self, name) for name in ("settings", "parameters", "start", "frame")}
        self._tell()
        check_state(self.state())
        if self.needs_kernel:
            self.observe(self._tell, ["settings", "parameters", "start", "steps"])
        self.on_msg(self._answer)

    def _answer(self, widget, content, buffers):
        """Hand over the editor, which the front end asks for when a reader first edits something."""
        if content.get("kind") == "editor":
            self.send({"kind": "editor", "script": bundle("edit/edit.js")})

    @property
    def edited(self):
        """The class of the rule whose text the reader changed, or wrote, last; None where there is none.

        Raises SyntaxError, TypeError or Untranslatable for a text that is no rule, or none that the page can replay.
        """
        targets = [target for target in self.texts if not target.startswith("surface")]
        return self._rule_at(targets[-1]) if targets else None

    def _rule_at(self, target):
        kind, number = target.split()
        name = f"Edited{type(self._optimizers[int(number) - 1]).__name__}" if kind == "rule" else "OwnRule"
        return rule_of_text(name, self.texts[target])

    def state(self):
        """Return the figure's whole state as plain data: what the page is handed, as `protocol.json` describes it."""
        return {name: getattr(self, name) for name in schema()["properties"]}

    def _tell(self, change=None):
        self.alt = self._describe()
        if self.needs_kernel:
            self.picture = self._picture()

    def _picture(self):
        return base64.b64encode(plots.png(self.still())).decode()

    @property
    def surface(self):
        """The problem as its sliders now stand."""
        return with_parameters(self._surface, self.parameters)

    @property
    def optimizers(self):
        """The optimizers as the sliders now stand, with the texts that the reader has given them."""
        made = []
        for k, (optimizer, setting) in enumerate(zip(self._optimizers, self.settings), start=1):
            rule = self._rule_at(f"rule {k}") if f"rule {k}" in self.texts else type(optimizer)
            values = optimizer.hyperparameters | setting
            made.append(rule(**{name: value for name, value in values.items() if name in rule.defaults}))
        return made

    @property
    def paths(self):
        """The paths as the figure now stands, computed with NumPy: one Path for each optimizer."""
        return [descend(optimizer, self.surface, self.start, self.steps) for optimizer in self.optimizers]

    def _describe(self):
        start = ", ".join(f"{number:g}" for number in self.start)
        given = "".join(f", {WORDS.get(name, name)} {short_number(value)}" for name, value in self.parameters.items())
        lines = [f"{self.title}: {self.steps} steps from ({start}){given}."]
        for rule, optimizer, path in zip(self.rules, self.optimizers, self.paths):
            end = ", ".join(f"{number:.4g}" for number in path.positions[-1])
            state = f"diverges at step {path.diverged_at}" if path.diverged_at else f"ends at ({end})"
            written = LONG_NUMBER.sub(lambda number: short_number(float(number[0])), repr(optimizer))
            lines.append(f"{rule['label']}, {written}: {state}, loss {path.losses[-1]:.4g}.")
        return "\n".join(lines)

    def __repr__(self):
        return self._describe()

    def still(self):
        """Return the figure as a Matplotlib figure: for print, for pages without JavaScript, for slides."""
        return still.draw(self.title, self.surface, self.views, self.rules, self.settings, self.parameters, self.paths)

    def _repr_mimebundle_(self, **options):
        data, metadata = super()._repr_mimebundle_(**options)
        data["text/plain"] = self._describe()
        data["image/png"] = self._picture()
        return data, metadata
