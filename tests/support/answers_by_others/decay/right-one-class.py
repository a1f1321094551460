# expect: full marks: one class with both kinds, the two names are small subclasses; the decay and the step in one line, inside the bracket (p -= lr*(step + wd*p))

# %% decay-classes
class _AdamWithBoth:
    def __init__(self, parameters, lr, beta1, beta2, eps, l2, weight_decay):
        self.parameters = list(parameters)
        self.lr, self.beta1, self.beta2, self.eps = lr, beta1, beta2, eps
        self.l2, self.weight_decay = l2, weight_decay
        self.moments = [np.zeros((2,) + np.shape(p)) for p in self.parameters]
        self.t = 0

    def step(self, gradients):
        self.t += 1
        for p, g, moments in zip(self.parameters, gradients, self.moments):
            m, v = moments[0, ...], moments[1, ...]
            g = g + self.l2 * p
            m += (1 - self.beta1) * (g - m)
            v += (1 - self.beta2) * (g * g - v)
            direction = m / (1 - self.beta1**self.t) / (np.sqrt(v / (1 - self.beta2**self.t)) + self.eps)
            p -= self.lr * (direction + self.weight_decay * p)


class AdamL2(_AdamWithBoth):
    def __init__(self, parameters, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8, l2=0.0):
        super().__init__(parameters, lr, beta1, beta2, eps, l2, 0.0)


class AdamW(_AdamWithBoth):
    def __init__(self, parameters, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8, weight_decay=0.0):
        super().__init__(parameters, lr, beta1, beta2, eps, 0.0, weight_decay)

# %% decay-experiment
left = {}
for rule, key in ((AdamL2, "l2"), (AdamW, "weight_decay")):
    problem = NoisyWeights(quiet=0.01, noisy=10, seed=TERM["seed"])
    theta = np.array(problem.start, dtype=float)
    optimizer = rule([theta], lr=TERM["lr"], **{key: TERM["decay"]})
    for t in range(TERM["steps"]):
        optimizer.step([problem.gradient_at(theta, t + 1)])
    quiet, noisy = theta / problem.start
    left[rule.__name__] = (float(quiet), float(noisy))
