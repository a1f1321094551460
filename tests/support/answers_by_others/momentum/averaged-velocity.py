# expect: loses the recursion (part 1) and "this sum and no other" / the length of the step (the class takes beta*z + (1-beta)*g, as in Adam and in other books); keeps in place, gradient kept, own state, downhill by sign, best settings

# %% momentum-velocities-answer
def velocities(gradients, beta):
    """Return the velocities z_1 … z_T, one row for each row of gradients."""
    gradients = np.asarray(gradients, dtype=float)
    zs = np.zeros(gradients.shape)
    z = np.zeros(gradients.shape[1])
    for t, g in enumerate(gradients):
        z = beta * z + (1 - beta) * g
        zs[t] = z
    return zs

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
        self.z = self.beta * self.z + (1 - self.beta) * g
        theta -= self.lr * self.z
        return theta
