"""The texts that a figure carries, so that its reader can change them on the page: what `front/edit` translates."""

import re

from descent.engine.record import record_function
from descent.source import printed


def text_of_rule(optimizer):
    """Return {"text", "schedules"} of a rule as the front end reads it.

    text : of its `update`, with the words that this optimizer has for options, and 0 for powers that it leaves out; None where there is no source.
    schedules : dict from each hyperparameter that is a function of t to its tape.
    """
    try:
        text = printed(type(optimizer)).source + "\n"
    except TypeError:
        return {"text": None, "schedules": {}}
    for name in optimizer.options:
        word = getattr(optimizer, name)
        text = re.sub(rf"\b{name}=(['\"])[^'\"]*\1", f'{name}="{word}"', text, count=1)
    for name in optimizer.without_powers:
        text = re.sub(rf"\b{name} ?\*\* ?t\b", "0", text)
    moving = {name: value for name, value in optimizer.hyperparameters.items() if callable(value)}
    return {"text": text, "schedules": {name: record_function(value, ["t"]) for name, value in moving.items()}}
