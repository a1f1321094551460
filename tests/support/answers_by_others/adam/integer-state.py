# expect: loses all that needs moments with a fraction: m and v are kept as integers and cut off (in small gradients 0/0 = 0 by eps, no motion); in place and gradient kept may remain

# %% adam-class
class Adam:
    """Adam (Kingma & Ba 2015, Algorithm 1) for a list of arrays."""

    def __init__(self, parameters, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
        self.parameters = parameters
        self.lr, self.beta1, self.beta2, self.eps = lr, beta1, beta2, eps
        self.m = [np.zeros(p.shape, dtype=int) for p in parameters]
        self.v = [np.zeros(p.shape, dtype=int) for p in parameters]
        self.t = 0

    def step(self, gradients):
        """Change the parameters in place, by one step."""
        self.t += 1
        for p, m, v, g in zip(self.parameters, self.m, self.v, gradients):
            m[...] = self.beta1 * m + (1 - self.beta1) * g
            v[...] = self.beta2 * v + (1 - self.beta2) * g**2
            m_hat = m / (1 - self.beta1**self.t)
            v_hat = v / (1 - self.beta2**self.t)
            p -= self.lr * m_hat / (np.sqrt(v_hat) + self.eps)
