# expect: full marks
# %% adam-class
def _one_minus_power(betas, t):
    with np.errstate(divide="ignore"):
        return -np.expm1(t * np.log(betas))


class Adam:
    """Both moments of an array lie in one array, moved towards (g, g*g) by linear interpolation."""

    def __init__(self, parameters, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
        self.where = [(p, np.zeros((2, *np.shape(p)))) for p in parameters]
        self.betas = np.array([beta1, beta2], dtype=float)
        self.settings = lr, eps
        from itertools import count
        self.clock = count(1)

    def step(self, gradients):
        (lr, eps), weights = self.settings, _one_minus_power(self.betas, next(self.clock))
        for (p, both), g in zip(self.where, gradients):
            wide = (2,) + (1,) * p.ndim
            aim = np.stack([np.array(g, float), np.square(np.array(g, float))])
            both += (1 - self.betas).reshape(wide) * (aim - both)
            mean, square = both / weights.reshape(wide)
            np.subtract(p, lr * mean / (np.sqrt(square) + eps), out=p, casting="same_kind")
# %% adam-ratio
uncorrected_over_corrected = lambda t, beta1, beta2: (
    _one_minus_power(np.float64(beta1), t) * _one_minus_power(np.float64(beta2), t) ** -0.5
)
# %% adam-peak
def _ratio(t):
    return uncorrected_over_corrected(t, TERM["beta1"], TERM["beta2"])

longest_step = 1
while _ratio(longest_step + 1) > _ratio(longest_step):   # it rises, and then falls for ever
    longest_step += 1
times_too_long = round(float(_ratio(longest_step)), 4)
