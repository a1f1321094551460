# expect: loses "runs that have diverged" (in part): diverged candidates are out, but when all are, the first is returned and no ValueError raised

# %% digits-tune-answer
def tune(run, candidates, seeds):
    """Return (best candidate, losses): every candidate with every seed, judged by the mean."""
    losses = np.array([[run(c, s) for s in seeds] for c in candidates], dtype=float)
    mean = losses.mean(axis=1)
    mean[~np.isfinite(losses).all(axis=1)] = np.inf
    return candidates[int(np.argmin(mean))], losses
