# expect: full marks: unnormalised sums, the weights 1-beta put in at the end, powers of beta kept by multiplication

# %% adam-class
class Adam:
    """Adam (Kingma & Ba 2015, Algorithm 1) for a list of arrays."""

    def __init__(self, parameters, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
        self.arrays = list(parameters)
        self.lr, self.beta1, self.beta2, self.eps = lr, beta1, beta2, eps
        self.sums = [(np.zeros(a.shape), np.zeros(a.shape)) for a in self.arrays]
        self.p1 = self.p2 = 1.0          # beta1**t, beta2**t

    def step(self, gradients):
        """Change the parameters in place, by one step."""
        self.p1 *= self.beta1
        self.p2 *= self.beta2
        c1 = (1 - self.beta1) / (1 - self.p1)
        c2 = (1 - self.beta2) / (1 - self.p2)
        for a, g, (s, q) in zip(self.arrays, gradients, self.sums):
            s *= self.beta1
            s += g
            q *= self.beta2
            q += np.square(g, dtype=float)
            a -= (self.lr * c1 * s / (np.sqrt(c2 * q) + self.eps)).astype(a.dtype)
