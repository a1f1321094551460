# expect: loses what uses the returned theta ("returns it": direction, sum, part of outside); in place, gradient kept, own state are right

# %% momentum-class
class Momentum:
    """The heavy ball, with the learning rate outside the velocity."""

    def __init__(self, lr=0.01, beta=0.9):
        self.lr = lr
        self.beta = beta
        self.z = None

    def step(self, theta, g):
        """Change theta in place by one step, and return it."""
        if self.z is None:
            self.z = np.zeros_like(theta)
        self.z = self.beta * self.z + g
        theta -= self.lr * self.z
