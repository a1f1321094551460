# expect: loses "the same budget" only: the winner is run once more with each seed, "to be sure"

# %% digits-tune-answer
def tune(run, candidates, seeds):
    """Return (best candidate, losses): every candidate with every seed, judged by the mean."""
    losses = np.array([[run(c, s) for s in seeds] for c in candidates], dtype=float)
    mean = losses.mean(axis=1)
    mean[~np.isfinite(losses).all(axis=1)] = np.inf
    if not np.isfinite(mean).any():
        raise ValueError("every candidate has diverged")
    best = candidates[int(np.argmin(mean))]
    for s in seeds:
        run(best, s)
    return best, losses
