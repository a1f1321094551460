# expect: loses part 3 (the cell takes longer than 20 seconds: 60 learning rates with 20 seeds each); parts 1 and 2 keep their marks

# %% digits-results-answer
SEEDS = list(range(20))
grids = {"Adam": list(np.geomspace(1e-4, 0.3, 60)), "Momentum": list(np.geomspace(1e-4, 1, 60))}
rules = {"Adam": lambda lr: Adam(lr=lr), "Momentum": lambda lr: Momentum(lr=lr, beta=0.9)}
results = {}
for name in grids:
    def run(lr, seed):
        return NETWORK.loss(train(rules[name](lr), seed), VALIDATION)
    best, losses = tune(run, grids[name], SEEDS)
    test = np.mean([NETWORK.accuracy(train(rules[name](best), seed)) for seed in SEEDS])
    results[name] = {"grid": grids[name], "losses": losses, "best": best, "test": float(test)}
for found in results.values():
    found["seeds"] = list(SEEDS)
