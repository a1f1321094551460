# expect: loses the experiment only: problem.start is not copied, AdamW begins where AdamL2 has ended, and the shares are taken of the changed start

# %% decay-experiment
problem = NoisyWeights(quiet=0.01, noisy=10, seed=TERM["seed"])
theta = problem.start
left = {}
opt = AdamL2([theta], lr=TERM["lr"], l2=TERM["decay"])
for t in range(1, TERM["steps"] + 1):
    opt.step([problem.gradient_at(theta, t)])
left["AdamL2"] = tuple(theta)
opt = AdamW([theta], lr=TERM["lr"], weight_decay=TERM["decay"])
for t in range(1, TERM["steps"] + 1):
    opt.step([problem.gradient_at(theta, t)])
left["AdamW"] = tuple(theta)
