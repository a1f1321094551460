# expect: loses adam-correction
# %% adam-class
class Adam:
    def __init__(self, parameters, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
        self.parameters = parameters
        self.lr = lr
        self.beta1 = beta1
        self.beta2 = beta2
        self.eps = eps
        self.m = [np.zeros(p.shape) for p in parameters]
        self.v = [np.zeros(p.shape) for p in parameters]
        self.t = 0

    def step(self, gradients):
        self.t += 1
        for k, (p, g) in enumerate(zip(self.parameters, gradients)):
            g = g.astype(float)
            self.m[k] = self.beta1 * self.m[k] + (1 - self.beta1) * g
            self.v[k] = self.beta2 * self.v[k] + (1 - self.beta2) * g**2
            m_hat, v_hat = self.m[k], self.v[k]
            if self.t <= 10:  # later the moments have warmed up
                m_hat = m_hat / (1 - self.beta1**self.t)
                v_hat = v_hat / (1 - self.beta2**self.t)
            p[...] = p - self.lr * m_hat / (np.sqrt(v_hat) + self.eps)
# %% adam-ratio
def uncorrected_over_corrected(t, beta1, beta2):
    return (1 - beta1**t) / np.sqrt(1 - beta2**t)
# %% adam-peak
steps = list(range(1, 5001))
ratios = [uncorrected_over_corrected(t, TERM["beta1"], TERM["beta2"]) for t in steps]
times_too_long = max(ratios)
longest_step = steps[ratios.index(times_too_long)]
