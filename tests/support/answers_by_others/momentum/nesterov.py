# expect: loses "this sum, and no other" only in the class (the step is lr*(g + beta*z), which is Nesterov); the velocity is kept, lr is outside; part 1 is right. The first step is (1+beta) times as long, so the length check may go with it

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
        theta -= self.lr * (g + self.beta * self.z)
        return theta
