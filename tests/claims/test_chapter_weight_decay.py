"""What the chapter on weight decay says of other libraries' strengths."""

import numpy as np
import pytest

from descent import GradientDescent, SoftmaxRegression, descend


class Unequal(SoftmaxRegression):
    """The chapter's: 200 of the digits, few zeros and many nines."""

    def __init__(self):
        super().__init__()
        self.some = np.concatenate([np.flatnonzero(self.digits == d)[: 2 + 4 * d] for d in range(10)])

    def gradient(self, theta):
        return super().gradient(theta, self.some)


@pytest.mark.parametrize("decayed_biases", [False, True])
def test_chapter_weight_decay_a_penalty_on_the_weights_wants_an_array(decayed_biases):
    """At the minimum of scikit-learn's LogisticRegression(C=1), N = 200, the mean loss plus 0.0025 |W|**2 has no slope:
    an
    array of strengths, 0 at the biases, arrives there, and one number does not."""
    task = Unequal()
    assert len(task.some) == 200
    spare = np.zeros(len(task.start))
    task.layers(spare)["W1"][...] = 0.005
    decay = 0.005 if decayed_biases else spare
    end = descend(GradientDescent(1.5, weight_decay=decay), task, steps=4000, record=4000).positions[-1]
    slope = np.linalg.norm(task.gradient(end) + spare * end)
    assert (slope > 1e-3) == decayed_biases
    assert decayed_biases or slope < 1e-4
