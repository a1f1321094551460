# expect: loses "the gradient is left as it was" only (z is the caller's g itself at step 1 and is then scaled in place); with a new gradient array at each step all numbers are right. If the same array is given twice, the numbers are wrong as well

# %% momentum-class
class Momentum:
    """The heavy ball, with the learning rate outside the velocity."""

    def __init__(self, lr=0.01, beta=0.9):
        self.lr, self.beta, self.z = lr, beta, None

    def step(self, theta, g):
        """Change theta in place by one step, and return it."""
        if self.z is None:
            self.z = g
        else:
            self.z *= self.beta
            self.z += g
        theta -= self.lr * self.z
        return theta
