# expect: full marks: the sum is written out as a triangular matrix of powers; the class keeps all gradients and sums them with their weights

# %% momentum-velocities-answer
def velocities(gradients, beta):
    """Return the velocities z_1 … z_T, one row for each row of gradients."""
    age = np.subtract.outer(np.arange(len(gradients)), np.arange(len(gradients)))
    weights = np.where(age >= 0, float(beta) ** np.maximum(age, 0), 0.0)
    return weights @ gradients

# %% momentum-class
class Momentum:
    """The heavy ball, with the learning rate outside the velocity."""

    def __init__(self, lr=0.01, beta=0.9):
        self.lr = lr
        self.beta = beta
        self.past = []

    def step(self, theta, g):
        """Change theta in place by one step, and return it."""
        self.past.append(np.array(g))
        z = sum(self.beta**age * old for age, old in enumerate(reversed(self.past)))
        theta[...] = theta - self.lr * z
        return theta

# %% momentum-best-answer
best_settings = lambda h_min, h_max: (
    4 / (np.sqrt(h_min) + np.sqrt(h_max)) ** 2,
    (1 - 2 * np.sqrt(h_min) / (np.sqrt(h_min) + np.sqrt(h_max))) ** 2,
)
steps_needed = next(k for k in range(1, 10**6) if np.sqrt(best_settings(*TERM["curvatures"])[1]) ** k <= 1 / 1000)
