"""Kunstner et al., "Heavy-Tailed Class Imbalance and Why Adam Outperforms …", 2024 (arXiv:2402.19449)."""

import numpy as np
import pytest

from descent import Adam, FiveWords, GradientDescent, Momentum, Optimizer, RareWords, descend, sweep


class SignDescent(Optimizer):
    def update(self, theta, g, *, lr=1e-3):
        theta -= lr * np.sign(g)


def best_by_group(words, rule, rates, steps=50):
    """Return the loss of each group where the best of the rates ends, and that rate, which may not be at an edge."""
    swept = sweep(rule, words, {"lr": rates}, steps=steps)
    lr = swept.best["lr"]
    assert rates.min() < lr < rates.max()
    return words.loss_by_group(swept.at(lr=lr).positions)


def test_kunstner_2024_gradient_descent_learns_rare_words_last_and_adam_all_alike():
    words = RareWords(words=63)
    slow = best_by_group(words, GradientDescent(), 2.0 ** np.arange(2, 9))
    quick = best_by_group(words, Adam(), 2.0 ** np.arange(-5, 3))
    at_first = words.loss_by_group(words.start)
    assert np.all(np.diff(slow) > 0) and slow[0] < 0.02 * at_first[0] and slow[-1] > 0.2 * at_first[-1]
    assert np.all(quick < 0.02 * at_first)


def test_kunstner_2024_with_equal_frequencies_the_gap_is_gone():
    words = RareWords(words=63, exponent=0)
    slow = best_by_group(words, GradientDescent(), 2.0 ** np.arange(2, 10))
    assert np.all(slow < 0.02 * words.loss_by_group(words.start))


def test_kunstner_2024_rates_of_the_two_flows():
    """A word that is followed for sure: 1/(pi t) under gradient descent, exp(-t) under sign descent, whatever pi is."""
    for frequency in (1.0, 0.01):
        z, steps = 0.0, 20_000
        for _ in range(steps):  # gradient descent with lr = 1
            z += frequency / (1 + np.exp(z))
        assert np.log1p(np.exp(-z)) == pytest.approx(1 / (frequency * steps), rel=0.05)
        signs, z = SignDescent(0.1), np.zeros(1)
        for _ in range(100):
            signs.step(z, -frequency / (1 + np.exp(z)))
        assert np.log1p(np.exp(-z)) == pytest.approx(np.exp(-0.1 * 100), rel=1e-4)


def test_kunstner_2024_equal_frequencies_or_the_root_of_v_close_the_fan_of_the_five_words():
    """Half-way between the two rules, dividing by v to a power, it is the root that makes the frequency cancel."""

    class Between(Optimizer):
        def update(self, theta, g, v, t, *, lr=4.0, beta2=0.9, power=0.0):
            v[...] = beta2 * v + (1 - beta2) * g**2
            theta -= lr * g / (v / (1 - beta2**t)) ** power

    for exponent, lr, power, fan in ((1, 4.0, 0.0, 1.5), (1, 1.0, 0.25, 1.0), (0, 4.0, 0.0, 0), (1, 0.1, 0.5, 0)):
        ends = descend(Between(lr=lr, power=power), FiveWords(exponent), steps=50).positions[-1]
        assert np.ptp(ends) > fan if fan else np.ptp(ends) < 1e-9


def test_kunstner_2024_adam_takes_the_same_steps_for_all_frequencies():
    """With eps = 0 a word's frequency cancels: all words of the live figure go together, under momentum they do not."""
    together = descend(Adam(0.1, eps=0), FiveWords(), steps=100).positions
    assert np.ptp(together, axis=1).max() < 1e-9
    assert np.ptp(descend(Momentum(1.0), FiveWords(), steps=100).positions[-1]) > 1


def test_kunstner_2024_the_gap_returns_for_momentum_where_rare_words_are_rarer():
    """Of the rarest group's loss it leaves a fortieth under 1/k and a quarter under 1/k^1.5; Adam does not notice."""
    for exponent, least, most in ((1.0, 0.01, 0.06), (1.5, 0.15, 0.4)):
        words = RareWords(words=63, exponent=exponent)
        slow = best_by_group(words, Momentum(), 2.0 ** np.arange(0, 8))
        at_first = words.loss_by_group(words.start)[-1]
        assert least < slow[-1] / at_first < most
        assert best_by_group(words, Adam(), 2.0 ** np.arange(-5, 4))[-1] < 0.01 * at_first


def test_rare_words_gradient_and_losses():
    words, rng = RareWords(words=9), np.random.default_rng(0)
    theta, direction = rng.normal(size=(2, 81))
    difference = (words.loss(theta + 1e-5 * direction) - words.loss(theta - 1e-5 * direction)) / 2e-5
    assert words.gradient(theta) @ direction == pytest.approx(difference, rel=1e-7)
    assert words.loss(np.log(words.follows).ravel()) == pytest.approx(0, abs=1e-14)
    assert words.frequency @ words.losses(theta) == pytest.approx(words.loss(theta))
    for wrong in ({"words": 1}, {"words": 3.0}, {"exponent": -1}, {"exponent": np.nan}):
        with pytest.raises(ValueError, match="RareWords"):
            RareWords(**wrong)
