# expect: loses the experiment only (t runs from 0 to steps-1, so the noise is shifted by one); a tolerance of some percent may let it pass

# %% decay-experiment
problem = NoisyWeights(quiet=0.01, noisy=10, seed=TERM["seed"])
left = {}
for name in ("AdamL2", "AdamW"):
    theta = problem.start.copy()
    if name == "AdamL2":
        optimizer = AdamL2([theta], lr=TERM["lr"], l2=TERM["decay"])
    else:
        optimizer = AdamW([theta], lr=TERM["lr"], weight_decay=TERM["decay"])
    for t in range(TERM["steps"]):
        optimizer.step([problem.gradient_at(theta, t)])
    left[name] = tuple(theta / problem.start)
