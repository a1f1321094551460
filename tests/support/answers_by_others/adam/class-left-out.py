# expect: loses everything of the class (the stub is still there); part 2 is right and keeps its two marks

# %% adam-class
class Adam:
    """Adam (Kingma & Ba 2015, Algorithm 1) for a list of arrays."""

    def __init__(self, parameters, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
        # Your code here.
        raise RuntimeError('Your code goes here.')

    def step(self, gradients):
        """Change the parameters in place, by one step."""
        # Your code here.
        raise RuntimeError('Your code goes here.')
