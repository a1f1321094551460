# expect: loses "the mean decides" only, with three seeds or more (with two it is the mean)

# %% digits-tune-answer
def tune(run, candidates, seeds):
    """Return (best candidate, losses): every candidate with every seed, judged by the mean."""
    losses = np.array([[run(c, s) for s in seeds] for c in candidates], dtype=float)
    mean = np.median(losses, axis=1)
    mean[~np.isfinite(losses).all(axis=1)] = np.inf
    if not np.isfinite(mean).any():
        raise ValueError("every candidate has diverged")
    return candidates[int(np.argmin(mean))], losses
