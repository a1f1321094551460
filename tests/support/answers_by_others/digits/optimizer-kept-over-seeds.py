# expect: loses digits-results-true
# %% digits-split-answer
def split(digits, per_class, seed):
    rng = np.random.default_rng(seed)
    validation = []
    for digit in range(10):
        validation.extend(rng.choice(np.flatnonzero(digits == digit), per_class, replace=False))
    validation = np.array(validation)
    return np.setdiff1d(np.arange(len(digits)), validation), validation
# %% digits-tune-answer
def tune(run, candidates, seeds):
    losses = np.array([[run(c, s) for s in seeds] for c in candidates], dtype=float)
    means = losses.mean(axis=1)
    means[~np.isfinite(losses).all(axis=1)] = np.inf
    if np.isinf(means).all():
        raise ValueError("every candidate has diverged")
    return candidates[int(np.argmin(means))], losses
# %% digits-results-answer
results = {}
SEEDS = [0, 1, 2]
for name, make, grid in (
    ("Adam", Adam, [0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3]),
    ("Momentum", lambda lr: Momentum(lr, beta=0.9), [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0]),
):
    optimizers = {lr: make(lr) for lr in grid}
    def run(lr, seed):
        return NETWORK.loss(train(optimizers[lr], seed), VALIDATION)
    best, losses = tune(run, grid, SEEDS)
    test = np.mean([NETWORK.accuracy(train(optimizers[best], seed)) for seed in SEEDS])
    results[name] = {"grid": grid, "seeds": SEEDS, "losses": losses, "best": best, "test": test}
