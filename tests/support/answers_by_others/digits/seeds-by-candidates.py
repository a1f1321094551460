# expect: loses the shape of losses (seeds, candidates), and what reads it: the budget check; with a mean over the right axis the best is right

# %% digits-tune-answer
def tune(run, candidates, seeds):
    """Return (best candidate, losses): every candidate with every seed, judged by the mean."""
    losses = np.array([[run(c, s) for c in candidates] for s in seeds], dtype=float)
    mean = np.where(np.isfinite(losses).all(axis=0), losses.mean(axis=0), np.inf)
    if np.isinf(mean).all():
        raise ValueError("every candidate has diverged")
    return candidates[np.argmin(mean)], losses

# %% digits-results-answer
SEEDS = [0, 1, 2]
grids = {"Adam": [0.0003, 0.001, 0.003, 0.01, 0.03, 0.1], "Momentum": [0.001, 0.003, 0.01, 0.03, 0.1, 0.3]}
rules = {"Adam": lambda lr: Adam(lr=lr), "Momentum": lambda lr: Momentum(lr=lr, beta=0.9)}
results = {}
for name in grids:
    def run(lr, seed):
        return NETWORK.loss(train(rules[name](lr), seed), VALIDATION)
    best, losses = tune(run, grids[name], SEEDS)
    test = np.mean([NETWORK.accuracy(train(rules[name](best), seed)) for seed in SEEDS])
    results[name] = {"grid": grids[name], "losses": losses.T, "best": best, "test": float(test)}
for found in results.values():
    found["seeds"] = list(SEEDS)
