"""A language whose words are as unevenly frequent as those of a real one: what follows which word?"""

import numpy as np

from descent.problems.base import Problem, checked_count


class RareWords(Problem):
    """Softmax regression that learns which word follows which; word k comes up in proportion to 1/k**exponent.

    Each word has a favourite successor of its own, which follows with probability 1/2; otherwise the next word is drawn
    by frequency. So no word can be predicted for sure, as in a real language. theta holds one score for each pair of
    words, a vector of words * words numbers (row: the word that is read, column: the one that follows). The loss is
    the expected cross-entropy less the least possible one, exactly: nothing is sampled, and its minimum is 0.

    Parameters
    ----------
    words : size of the vocabulary, 2 or more.
    exponent : 1 is Zipf's law, 0 makes all words equally frequent.
    seed : of the favourite successors.

    Attributes
    ----------
    frequency : array (words,), the probability of each word, the most frequent first.
    follows : array (words, words), the probability of each next word (column) after each word (row).
    groups : array of integers (words,): the words of ranks 1, 2–3, 4–7, 8–15, … are groups 0, 1, 2, 3, ….
    start : zeros: at first every word is as likely as any other.

    Raises
    ------
    ValueError : for a vocabulary of fewer than 2 words, or an exponent that is not a finite number of 0 or more.
    """

    labels = ()
    broadcasts = False

    def __init__(self, words=127, exponent=1.0, seed=0):
        words = checked_count("RareWords", "words", words, least=2)
        if not (np.isscalar(exponent) and np.isfinite(exponent) and exponent >= 0):
            raise ValueError(f"RareWords(exponent={exponent!r}): expected a finite number, 0 or more.")
        self.name = f"{words} words, frequencies as 1/k^{exponent:g}"
        rank = np.arange(1, words + 1)
        self.frequency = rank ** -float(exponent) / np.sum(rank ** -float(exponent))
        rng = np.random.default_rng(checked_count("RareWords", "seed", seed, least=0))
        favourite = np.eye(words)[rng.permutation(words)]
        self.follows = (favourite + self.frequency) / 2
        self.groups = np.floor(np.log2(rank)).astype(int)
        self.start = np.zeros(words * words)
        self._least = -np.sum(self.follows * np.log(self.follows), axis=1)

    def _log_probabilities(self, theta):
        scores = theta.reshape(self.follows.shape)
        scores = scores - scores.max(axis=1, keepdims=True)
        return scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))

    def losses(self, theta):
        """Return the excess cross-entropy after each word, an array (words,)."""
        return -np.sum(self.follows * self._log_probabilities(theta), axis=1) - self._least

    def loss(self, theta):
        """Return the mean of `losses`, weighted by frequency: a number."""
        return self.frequency @ self.losses(theta)

    def loss_by_group(self, theta):
        """Return the mean loss of each group of words, weighted by frequency: an array, the most frequent first."""
        total = np.bincount(self.groups, self.frequency * self.losses(theta))
        return total / np.bincount(self.groups, self.frequency)

    def gradient(self, theta):
        """Return the gradient of the loss, a vector of theta's shape."""
        error = np.exp(self._log_probabilities(theta)) - self.follows
        return (self.frequency[:, None] * error).ravel()


class FiveWords(Problem):
    """Five words of ranks 1, 4, 16, 64 and 256, each with one score: does its favourite successor follow, or another?

    The favourite follows with probability 0.95. Coordinate k is the score z of word k, and its loss is the
    cross-entropy of the probability 1/(1 + exp(-z)), in proportion to the word's frequency, 1/rank**exponent. The words
    have nothing in common but the learning rate.
    """

    name = "five words"
    labels = ("rank 1", "rank 4", "rank 16", "rank 64", "rank 256")
    start = np.zeros(5)
    minimum = np.full(5, np.log(0.95 / 0.05))

    def __init__(self, exponent=1.0):
        self.exponent = exponent

    def frequency(self):
        """Return the five frequencies, which add up to 1, as a list."""
        shares = [4.0 ** (-self.exponent * k) for k in range(5)]
        return [share / sum(shares) for share in shares]

    def losses(self, theta):
        """Return the loss of each word, not weighted, of theta's shape."""
        return np.array([0.95 * np.log(1 + np.exp(-z)) + 0.05 * np.log(1 + np.exp(z)) for z in theta])

    def loss(self, theta):
        return sum(share * loss for share, loss in zip(self.frequency(), self.losses(theta)))

    def gradient(self, theta):
        return np.array([share * (1 / (1 + np.exp(-z)) - 0.95) for share, z in zip(self.frequency(), theta)])
