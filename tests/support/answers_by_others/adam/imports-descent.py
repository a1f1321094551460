# expect: loses everything of the class: `from descent import Adam` is an ImportError when graded (the student saw it run at home); part 2 is right

# %% adam-class
from descent import Adam as _Adam

class Adam:
    """Adam (Kingma & Ba 2015, Algorithm 1) for a list of arrays."""

    def __init__(self, parameters, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
        self.parameters = parameters
        self.opts = [_Adam(lr=lr, beta1=beta1, beta2=beta2, eps=eps) for _ in parameters]

    def step(self, gradients):
        """Change the parameters in place, by one step."""
        for p, g, o in zip(self.parameters, gradients, self.opts):
            p[...] = o.step(p, g)
