# expect: loses "two optimisers know nothing of each other" (mutable default arguments hold the moments, t is its own); a well separated check should not lose more, though all checks of the notebook share the state

# %% adam-class
class Adam:
    """Adam (Kingma & Ba 2015, Algorithm 1) for a list of arrays."""

    def __init__(self, parameters, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8, m={}, v={}):
        self.parameters = parameters
        self.lr = lr
        self.beta1 = beta1
        self.beta2 = beta2
        self.eps = eps
        self.m = m
        self.v = v
        self.t = 0

    def step(self, gradients):
        """Change the parameters in place, by one step."""
        self.t += 1
        for k in range(len(gradients)):
            g = gradients[k]
            key = (k, g.shape)
            self.m[key] = self.beta1 * self.m.get(key, 0) + (1 - self.beta1) * g
            self.v[key] = self.beta2 * self.v.get(key, 0) + (1 - self.beta2) * g**2
            m_hat = self.m[key] / (1 - self.beta1**self.t)
            v_hat = self.v[key] / (1 - self.beta2**self.t)
            self.parameters[k] -= self.lr * m_hat / (np.sqrt(v_hat) + self.eps)
