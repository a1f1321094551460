# expect: full marks: the efficient order of the paper, with epsilon scaled by the same root so that the numbers are those of the equations

# %% adam-class
class Adam:
    """Adam (Kingma & Ba 2015, Algorithm 1) for a list of arrays."""

    def __init__(self, parameters, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
        self.parameters = parameters
        self.lr = lr
        self.beta1 = beta1
        self.beta2 = beta2
        self.eps = eps
        self.m = [np.zeros_like(p) for p in parameters]
        self.v = [np.zeros_like(p) for p in parameters]
        self.t = 0

    def step(self, gradients):
        """Change the parameters in place, by one step."""
        self.t += 1
        root = np.sqrt(1 - self.beta2**self.t)
        rate = self.lr * root / (1 - self.beta1**self.t)
        for p, g, m, v in zip(self.parameters, gradients, self.m, self.v):
            m += (1 - self.beta1) * (g - m)
            v += (1 - self.beta2) * (g * g - v)
            np.subtract(p, rate * m / (np.sqrt(v) + self.eps * root), out=p, casting="same_kind")
