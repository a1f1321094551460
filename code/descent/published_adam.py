"""The book's first Adam, kept as it was published in the notes that the book grew from.

Nothing here is used by the book's own rules. The chapter on Adam runs this class beside `descent.Adam`: the
two agree to the last digits where this one is right, and short cells show where it is not. So it is not to be
improved: its faults are the lesson. (It was published with an example that called it once and checked nothing.)
"""

import numpy as np


class AdamOptimizer:
    def __init__(self, learning_rate=0.001, beta1=0.9, beta2=0.999, epsilon=1e-8):
        self.learning_rate = learning_rate
        self.beta1 = beta1
        self.beta2 = beta2
        self.epsilon = epsilon
        self.m = None
        self.v = None
        self.t = 0

    def initialize(self, params_shape):
        self.m = np.zeros(params_shape)
        self.v = np.zeros(params_shape)

    def update_params(self, params, grads):
        if self.m is None or self.v is None:
            self.initialize(grads.shape)

        self.t += 1
        m_t = self.beta1 * self.m + (1 - self.beta1) * grads
        v_t = self.beta2 * self.v + (1 - self.beta2) * (grads**2)

        m_hat = m_t / (1 - self.beta1**self.t)
        v_hat = v_t / (1 - self.beta2**self.t)

        params -= self.learning_rate * m_hat / (np.sqrt(v_hat) + self.epsilon)
        self.m, self.v = m_t, v_t
