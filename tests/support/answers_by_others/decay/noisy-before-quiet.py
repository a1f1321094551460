# expect: loses the experiment only: the pairs are (noisy, quiet)

# %% decay-experiment
problem = NoisyWeights(quiet=0.01, noisy=10, seed=TERM["seed"])
left = {}
for name in ("AdamL2", "AdamW"):
    theta = problem.start.copy()
    if name == "AdamL2":
        optimizer = AdamL2([theta], lr=TERM["lr"], l2=TERM["decay"])
    else:
        optimizer = AdamW([theta], lr=TERM["lr"], weight_decay=TERM["decay"])
    for t in range(1, TERM["steps"] + 1):
        optimizer.step([problem.gradient_at(theta, t)])
    left[name] = tuple(theta / problem.start)[::-1]
