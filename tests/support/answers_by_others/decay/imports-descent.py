# expect: loses the classes and the experiment when graded (`import descent` has no AdamW there); the predictions keep their marks

# %% decay-classes
import descent

class _Rule:
    def __init__(self, parameters, rule):
        self.parameters = parameters
        self.rules = [rule() for _ in parameters]

    def step(self, gradients):
        for p, g, rule in zip(self.parameters, gradients, self.rules):
            p[...] = rule.step(p, g)


_Adam, _AdamW = descent.Adam, descent.AdamW


class AdamL2(_Rule):
    def __init__(self, parameters, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8, l2=0.0):
        super().__init__(parameters, lambda: _Adam(lr=lr, beta1=beta1, beta2=beta2, eps=eps, l2=l2))


class AdamW(_Rule):
    def __init__(self, parameters, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8, weight_decay=0.0):
        super().__init__(parameters, lambda: _Adam(lr=lr, beta1=beta1, beta2=beta2, eps=eps, weight_decay=weight_decay))
