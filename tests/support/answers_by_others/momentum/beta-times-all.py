# expect: loses momentum-velocities
# %% momentum-velocities-answer
def velocities(gradients, beta):
    zs = np.zeros(gradients.shape)
    z = np.zeros(gradients.shape[1])
    for t in range(len(gradients)):
        z = beta * (z + gradients[t])
        zs[t] = z
    return zs
# %% momentum-class
class Momentum:
    def __init__(self, lr=0.01, beta=0.9):
        self.lr = lr
        self.beta = beta
        self.z = None

    def step(self, theta, g):
        if self.z is None:
            self.z = np.zeros(theta.shape)
        self.z = self.beta * self.z + g
        theta -= self.lr * self.z
        return theta
# %% momentum-best-answer
def best_settings(h_min, h_max):
    a, b = np.sqrt(h_min), np.sqrt(h_max)
    return (2 / (a + b)) ** 2, ((b - a) / (b + a)) ** 2


lr, beta = best_settings(*TERM["curvatures"])
steps_needed = 1
while np.sqrt(beta) ** steps_needed > 1 / 1000:
    steps_needed += 1
