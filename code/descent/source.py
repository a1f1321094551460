"""Show a rule as it stands in its file: what is printed is what runs."""

import inspect
import textwrap


class Printed:
    """The source of one method or class, shown as code in a notebook and on the page."""

    def __init__(self, source):
        self.source = source

    def __repr__(self):
        return self.source

    def _repr_markdown_(self):
        return f"```python\n{self.source}\n```"


def printed(thing):
    """Return the source of a rule (its `update`), or of any function or method, ready to be shown.

    Raises TypeError when `thing` has no source.
    """
    function = thing.update if isinstance(thing, type) and hasattr(thing, "update") else thing
    try:
        lines, _ = inspect.getsourcelines(function)
    except (OSError, TypeError):
        raise TypeError(f"printed({thing!r}): expected a rule or a function that was written in Python.") from None
    return Printed(textwrap.dedent("".join(lines)).rstrip())
