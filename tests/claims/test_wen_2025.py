"""Wen et al., "Fantastic Pretraining Optimizers and Where to Find Them", 2025 (arXiv:2509.02046): a tuned race."""

import numpy as np

from descent import (
    ADOPT,
    SOAP,
    Adafactor,
    Adam,
    ByLayer,
    Lion,
    Momentum,
    Muon,
    Network,
    RareWords,
    ScheduleFree,
    Shampoo,
    descend,
)

# What the chapter's search finds best, on the digits and on the rare words.
DIGITS = [Momentum(0.05, 0.95), Lion(0.006, 0.9), Adam(0.015, 0.95), ADOPT(0.015, 0.95), ScheduleFree(0.1, 0.9)]
DIGITS += [Muon(0.05, 0.8), Shampoo(1.6, 1e-6), SOAP(0.03, 0.9), Adafactor(0.05, 3)]
WORDS = [Momentum(32, 0.8), Lion(0.075, 0), Adam(0.25, 0.2), ADOPT(0.5, 0.5), ScheduleFree(3, 0.8)]
WORDS += [Muon(1, 0.8), Shampoo(8, 1e-6), SOAP(0.8, 0.8), Adafactor(1, 10)]


def means(rules, problems, layers, **budget):
    """Return, for each rule's class, the mean loss where it ends; matrices go by the rule, vectors by Adam."""
    found = {}
    for rule in rules:
        losses = []
        for seed, problem in problems.items():
            whole = ByLayer(layers, rule, Adam(0.03)) if type(rule) in (Muon, Shampoo, SOAP, Adafactor) else rule
            path = descend(whole, problem, record=1000, seed=seed, **budget)
            end = path.optimizer.state_dict()["x"] if type(rule) is ScheduleFree else path.positions[-1]
            losses.append(problem.loss(end))
        found[type(rule)] = np.mean(losses)
    return found


def test_wen_2025_on_the_digits_the_rules_for_matrices_lead():
    """As in the paper the first three look at matrices; our schedule-free one, which averages, is not far behind."""
    networks = {seed: Network((32, 32), seed=seed) for seed in (2, 3, 4)}
    loss = means(DIGITS, networks, networks[2].layers, steps=90, batch_size=32)
    matrices = [loss[SOAP], loss[Shampoo], loss[Muon]]
    plain = [loss[Adam], loss[ADOPT], loss[Momentum]]
    assert max(matrices) < 0.8 * loss[Lion] and max(matrices) < 0.6 * min(plain)
    assert loss[ScheduleFree] < 0.85 * loss[Lion] and loss[ScheduleFree] < 1.8 * max(matrices)
    assert loss[Lion] < 0.85 * min(plain) and max(plain) < 1.4 * min(plain)
    assert loss[Adafactor] > 1.2 * max(plain)


def test_wen_2025_on_rare_words_they_do_not():
    """Schedule-free Adam and Adam are far ahead, and Muon is behind momentum."""
    languages = {seed: RareWords(words=31, seed=seed) for seed in (1, 2, 3)}
    loss = means(WORDS, languages, lambda theta: {"W": theta.reshape(31, 31)}, steps=30)
    middle = [loss[ADOPT], loss[SOAP], loss[Shampoo]]
    assert loss[ScheduleFree] < 0.01 * loss[Adam] and loss[Adam] < 0.2 * min(middle)
    assert max(middle) < loss[Lion] < 0.8 * loss[Momentum]
    assert loss[Muon] > 3 * loss[Momentum] and loss[Adafactor] > 3 * loss[Momentum]
