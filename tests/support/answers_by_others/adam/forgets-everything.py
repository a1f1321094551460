# expect: loses what is remembered (the moments are made anew in each step and t stays 1): every step is a first step; the correction at step 1, epsilon, arrays, own state are right

# %% adam-class
class Adam:
    """Adam (Kingma & Ba 2015, Algorithm 1) for a list of arrays."""

    def __init__(self, parameters, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
        self.parameters = parameters
        self.lr, self.beta1, self.beta2, self.eps = lr, beta1, beta2, eps

    def step(self, gradients):
        """Change the parameters in place, by one step."""
        t = 1
        for theta, g in zip(self.parameters, gradients):
            m = np.zeros_like(theta)
            v = np.zeros_like(theta)
            m = self.beta1 * m + (1 - self.beta1) * g
            v = self.beta2 * v + (1 - self.beta2) * g**2
            m_hat = m / (1 - self.beta1**t)
            v_hat = v / (1 - self.beta2**t)
            theta -= self.lr * m_hat / (np.sqrt(v_hat) + self.eps)
