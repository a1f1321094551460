"""The operations of a tape: the one list that Python and the page share.

The page's interpreter is `figures/front/model/tape.js`; a test compares the two, operation by operation, on edge
values.
"""

import operator

import numpy as np

# NumPy's own names. All of them work element by element.
OPERATIONS = (
    "add",
    "subtract",
    "multiply",
    "divide",
    "power",
    "negative",
    "positive",
    "absolute",
    "sqrt",
    "square",
    "sign",
    "floor",
    "minimum",
    "maximum",
    "exp",
    "log",
    "sin",
    "cos",
    "tanh",
    "greater",
    "greater_equal",
    "less",
    "less_equal",
    "equal",
    "not_equal",
    "logical_and",
    "logical_or",
    "logical_not",
    "where",
)

# Comparisons joined by &, | and ~ are the logical operations.
SYNONYMS = {"bitwise_and": "logical_and", "bitwise_or": "logical_or", "invert": "logical_not"}


# The same operations as a rule's text writes them: with Python's operators, numbers stay Python's own.
AS_WRITTEN = {name: getattr(np, name) for name in OPERATIONS} | {
    "add": operator.add,
    "subtract": operator.sub,
    "multiply": operator.mul,
    "divide": operator.truediv,
    "power": operator.pow,
    "square": lambda x: x**2,
    "negative": operator.neg,
    "positive": operator.pos,
    "less": operator.lt,
    "less_equal": operator.le,
    "greater": operator.gt,
    "greater_equal": operator.ge,
    "equal": operator.eq,
    "not_equal": operator.ne,
}

OPERATORS = {name for name in OPERATIONS if AS_WRITTEN[name] is not getattr(np, name)}
