# expect: loses the class (2+2+2+2+1+1+1); parts 1 and 3 keep their marks

# %% momentum-class
class Momentum:
    """The heavy ball, with the learning rate outside the velocity."""

    def __init__(self, lr=0.01, beta=0.9):
        # Your code here.
        raise RuntimeError('Your code goes here.')

    def step(self, theta, g):
        """Change theta in place by one step, and return it."""
        # Your code here.
        raise RuntimeError('Your code goes here.')
