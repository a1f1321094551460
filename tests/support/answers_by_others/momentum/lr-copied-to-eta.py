# expect: loses "the learning rate is outside" (or may be changed) only: lr is copied into eta at the start, so that changing optimizer.lr does nothing

# %% momentum-class
class Momentum:
    """The heavy ball, with the learning rate outside the velocity."""

    def __init__(self, lr=0.01, beta=0.9):
        self.lr = lr
        self.eta = lr
        self.beta = beta
        self.z = None

    def step(self, theta, g):
        """Change theta in place by one step, and return it."""
        if self.z is None:
            self.z = np.zeros_like(theta)
        self.z = self.beta * self.z + g
        theta -= self.eta * self.z
        return theta
