# expect: full marks: itertools.accumulate for the velocities, a dataclass whose velocity begins as the number 0, the best settings from each other, the steps by trying

# %% momentum-velocities-answer
from itertools import accumulate

def velocities(gradients, beta):
    """Return the velocities z_1 … z_T, one row for each row of gradients."""
    rows = np.array(gradients, dtype=float)
    return np.reshape(list(accumulate(rows, lambda z, g: beta * z + g)), rows.shape)

# %% momentum-class
from dataclasses import dataclass, field

@dataclass
class Momentum:
    """The heavy ball, with the learning rate outside the velocity."""
    lr: float = 0.01
    beta: float = 0.9
    z: object = field(default=0.0, init=False, repr=False)

    def step(self, theta, g):
        """Change theta in place by one step, and return it."""
        self.z = self.beta * self.z + g
        theta -= self.lr * self.z
        return theta

# %% momentum-best-answer
def best_settings(h_min, h_max):
    """Return (lr, beta), the best for curvatures from h_min to h_max."""
    lr = 4 / (h_max**0.5 + h_min**0.5) ** 2
    return lr, (1 - (lr * h_min) ** 0.5) ** 2


steps_needed = 0
while best_settings(*TERM["curvatures"])[1] ** (steps_needed / 2) > 1 / 1000:
    steps_needed += 1
