# expect: loses "each array has its own moments" (one m, one v for the whole list, updated per array); with one array all is right; t is right; two shapes may raise

# %% adam-class
class Adam:
    """Adam (Kingma & Ba 2015, Algorithm 1) for a list of arrays."""

    def __init__(self, parameters, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
        self.parameters = parameters
        self.lr, self.beta1, self.beta2, self.eps = lr, beta1, beta2, eps
        self.m = 0
        self.v = 0
        self.t = 0

    def step(self, gradients):
        """Change the parameters in place, by one step."""
        self.t += 1
        for theta, g in zip(self.parameters, gradients):
            self.m = self.beta1 * self.m + (1 - self.beta1) * g
            self.v = self.beta2 * self.v + (1 - self.beta2) * g**2
            m_hat = self.m / (1 - self.beta1**self.t)
            v_hat = self.v / (1 - self.beta2**self.t)
            theta -= self.lr * m_hat / (np.sqrt(v_hat) + self.eps)
