# expect: full marks: a generator holds the velocity; theta is changed by np.subtract with out=

# %% momentum-velocities-answer
def rolling(beta):
    z = 0.0
    g = yield
    while True:
        z = beta * z + g
        g = yield z


def velocities(gradients, beta):
    """Return the velocities z_1 … z_T, one row for each row of gradients."""
    ball = rolling(beta)
    next(ball)
    zs = np.empty(np.shape(gradients))
    for t in range(len(gradients)):
        zs[t] = ball.send(gradients[t])
    return zs

# %% momentum-class
class Momentum:
    """The heavy ball, with the learning rate outside the velocity."""

    def __init__(self, lr=0.01, beta=0.9):
        self.lr = lr
        self.ball = rolling(beta)
        next(self.ball)

    def step(self, theta, g):
        """Change theta in place by one step, and return it."""
        return np.subtract(theta, self.lr * self.ball.send(g), out=theta, casting="same_kind")
