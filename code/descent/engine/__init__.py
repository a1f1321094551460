"""The engine: a rule or a loss, written once in NumPy, becomes data that other things can run.

    tape.py           a method is called with recording objects for arrays; what it does to them is written down
    operations.py     the operations that may stand on a tape, and what each is in NumPy
    record.py         a whole step of a rule, or a function of numbers, as a tape
    differentiate.py  from a loss's tape to its gradient
    kernel.py         from a rule's tape to a function that runs fast on large arrays

What a tape is, on the smallest rule, theta -= lr * g:

    >>> from descent import GradientDescent
    >>> GradientDescent().tape()
    {'inputs': ['theta', 'g', 't', 'lr'], 'constants': [], 'ops': [['multiply', 3, 1], ['subtract', 0, 4]],
     'outputs': {'theta': 5}, 'names': {}}

Registers are numbered: first the inputs (0 to 3), then the constants, then one for each operation. Here register 4 is
lr * g, and register 5 what theta becomes. The page replays this list with JavaScript's numbers
(`figures/front/model/tape.js`), `tape.replay` does with NumPy, and `kernel.Program` writes it out as a function without
temporary arrays: all three give the same bits. Nothing here knows an optimizer, a problem or a figure.
"""
