# expect: loses "what is reported is what was measured" (the losses are no validation losses: 1 - accuracy on the test images); grids are fair. A check cannot see the intention, the numbers it can

# %% digits-results-answer
SEEDS = [0, 1, 2]
grids = {"Adam": [0.0003, 0.001, 0.003, 0.01, 0.03, 0.1], "Momentum": [0.001, 0.003, 0.01, 0.03, 0.1, 0.3]}
rules = {"Adam": lambda lr: Adam(lr=lr), "Momentum": lambda lr: Momentum(lr=lr, beta=0.9)}
results = {}
for name in grids:
    def run(lr, seed):
        return 1 - NETWORK.accuracy(train(rules[name](lr), seed))
    best, losses = tune(run, grids[name], SEEDS)
    test = np.mean([NETWORK.accuracy(train(rules[name](best), seed)) for seed in SEEDS])
    results[name] = {"grid": grids[name], "losses": losses, "best": best, "test": float(test)}
for found in results.values():
    found["seeds"] = list(SEEDS)
