# expect: full marks: keeps every gradient and writes the averages as weighted sums over the past (slow with many steps, but right)

# %% adam-class
class Adam:
    """Adam (Kingma & Ba 2015, Algorithm 1) for a list of arrays."""

    def __init__(self, parameters, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
        self.parameters = parameters
        self.setting = lr, beta1, beta2, eps
        self.past = [[] for _ in parameters]

    def step(self, gradients):
        """Change the parameters in place, by one step."""
        lr, b1, b2, eps = self.setting
        for p, g, past in zip(self.parameters, gradients, self.past):
            past.append(np.array(g, dtype=float))
            t = len(past)
            ages = np.arange(t - 1, -1, -1)
            G = np.stack(past)
            w1 = np.power(float(b1), ages)
            w2 = np.power(float(b2), ages)
            m_hat = np.tensordot(w1 / w1.sum(), G, axes=1)
            v_hat = np.tensordot(w2 / w2.sum(), G**2, axes=1)
            np.add.at(p, ..., (-lr * m_hat / (np.sqrt(v_hat) + eps)).astype(p.dtype))

# %% adam-ratio
uncorrected_over_corrected = lambda t, beta1, beta2: (1 - beta1**t) * (1 - beta2**t) ** -0.5

# %% adam-peak
times_too_long, longest_step = max(
    (uncorrected_over_corrected(t, TERM["beta1"], TERM["beta2"]), t) for t in range(1, 100_000))
