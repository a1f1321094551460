# expect: loses "the velocity is kept" and "this sum" (z is a local variable, made anew at each step: gradient descent); downhill, in place, gradient kept, own state are right

# %% momentum-class
class Momentum:
    """The heavy ball, with the learning rate outside the velocity."""

    def __init__(self, lr=0.01, beta=0.9):
        self.lr = lr
        self.beta = beta

    def step(self, theta, g):
        """Change theta in place by one step, and return it."""
        z = np.zeros_like(theta)
        z = self.beta * z + g
        theta -= self.lr * z
        return theta
