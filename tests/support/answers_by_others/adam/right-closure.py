# expect: full marks: the class is a shell round a generator; all arrays are one long vector inside; written back slice by slice

# %% adam-class
def adam_rule(lr, beta1, beta2, eps):
    """A coroutine: send it a gradient vector, it gives the change."""
    m = v = 0.0
    t = 0
    change = None
    while True:
        g = yield change
        t += 1
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g * g
        change = -lr * (m / (1 - beta1**t)) / (np.sqrt(v / (1 - beta2**t)) + eps)


class Adam:
    """Adam (Kingma & Ba 2015, Algorithm 1) for a list of arrays."""

    def __init__(self, parameters, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
        rule = adam_rule(lr, beta1, beta2, eps)
        next(rule)

        def step(gradients):
            change = rule.send(np.concatenate([np.ravel(g).astype(float) for g in gradients]))
            at = 0
            for p in parameters:
                p[...] = p + change[at:at + p.size].reshape(p.shape)
                at += p.size

        self._step = step

    def step(self, gradients):
        """Change the parameters in place, by one step."""
        self._step(gradients)
