# expect: loses decay-l2-place
# %% decay-classes
class AdamL2:
    def __init__(self, parameters, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8, l2=0.0):
        self.parameters, self.lr, self.beta1, self.beta2, self.eps, self.l2 = parameters, lr, beta1, beta2, eps, l2
        self.m = [np.zeros(p.shape) for p in parameters]
        self.v = [np.zeros(p.shape) for p in parameters]
        self.t = 0

    def step(self, gradients):
        self.t += 1
        for k, p in enumerate(self.parameters):
            g = gradients[k]
            self.m[k] = self.beta1 * self.m[k] + (1 - self.beta1) * g
            self.v[k] = self.beta2 * self.v[k] + (1 - self.beta2) * g**2
            m_hat = self.m[k] / (1 - self.beta1**self.t)
            v_hat = self.v[k] / (1 - self.beta2**self.t)
            p -= self.lr * (m_hat + self.l2 * p) / (np.sqrt(v_hat) + self.eps)


class AdamW:
    def __init__(self, parameters, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8, weight_decay=0.01):
        self.adam = AdamL2(parameters, lr, beta1, beta2, eps, 0.0)
        self.weight_decay = weight_decay

    def step(self, gradients):
        for p in self.adam.parameters:
            p *= 1 - self.adam.lr * self.weight_decay
        self.adam.step(gradients)
# %% decay-predictions
def what_is_left(lr, weight_decay, steps):
    return (1 - lr * weight_decay) ** steps


def paper_decay(lr, weight_decay):
    return lr * weight_decay
# %% decay-experiment
problem = NoisyWeights(quiet=0.01, noisy=10, seed=TERM["seed"])
left = {}
for name, rule, setting in (("AdamL2", AdamL2, {"l2": TERM["decay"]}), ("AdamW", AdamW, {"weight_decay": TERM["decay"]})):
    theta = problem.start.copy()
    optimizer = rule([theta], lr=TERM["lr"], **setting)
    for t in range(1, TERM["steps"] + 1):
        optimizer.step([problem.gradient_at(theta, t)])
    left[name] = tuple(theta / problem.start)
