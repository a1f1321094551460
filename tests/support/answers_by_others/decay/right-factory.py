# expect: full marks: a function makes the two classes; the decay is a multiplication in place before the step; the prediction as a product of so many factors

# %% decay-classes
def make(coupled):
    name = "l2" if coupled else "weight_decay"

    class Rule:
        def __init__(self, parameters, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8, *rest, **kind):
            strength = rest[0] if rest else kind.pop(name, 0.0)
            if kind:
                raise TypeError(f"unknown: {kind}")
            self.step = self._steps(parameters, lr, beta1, beta2, eps, strength)

        @staticmethod
        def _steps(parameters, lr, beta1, beta2, eps, strength):
            means, squares, power = [0.0] * len(parameters), [0.0] * len(parameters), [1.0, 1.0]

            def step(gradients):
                power[0] *= beta1
                power[1] *= beta2
                for k, (p, g) in enumerate(zip(parameters, gradients)):
                    if coupled:
                        g = g + strength * p
                    else:
                        np.multiply(p, 1 - lr * strength, out=p)
                    means[k] = beta1 * means[k] + (1 - beta1) * g
                    squares[k] = beta2 * squares[k] + (1 - beta2) * g**2
                    p -= lr * (means[k] / (1 - power[0])) / (np.sqrt(squares[k] / (1 - power[1])) + eps)

            return step

    Rule.__name__ = "AdamL2" if coupled else "AdamW"
    return Rule


AdamL2, AdamW = make(True), make(False)

# %% decay-predictions
def what_is_left(lr, weight_decay, steps):
    return np.prod(np.full(steps, 1 - lr * weight_decay))


paper_decay = lambda lr, weight_decay: weight_decay * lr
