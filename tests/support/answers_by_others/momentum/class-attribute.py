# expect: loses "two optimisers know nothing of each other" only, in a fair notebook; all other checks on the class share the velocity, so some may go with it (the velocity is a class attribute changed in place, kept per shape)

# %% momentum-class
class Momentum:
    """The heavy ball, with the learning rate outside the velocity."""
    velocity = {}

    def __init__(self, lr=0.01, beta=0.9):
        self.lr = lr
        self.beta = beta

    def step(self, theta, g):
        """Change theta in place by one step, and return it."""
        z = self.velocity.setdefault(theta.shape, np.zeros(theta.shape))
        z *= self.beta
        z += g
        theta -= self.lr * z
        return theta
