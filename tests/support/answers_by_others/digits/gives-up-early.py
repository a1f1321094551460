# expect: loses "the same budget" only: once a run of a candidate has diverged its other seeds are not run (nan is put in); best and mean are right

# %% digits-tune-answer
def tune(run, candidates, seeds):
    """Return (best candidate, losses): every candidate with every seed, judged by the mean."""
    losses = np.full((len(candidates), len(seeds)), np.nan)
    for i, c in enumerate(candidates):
        for j, s in enumerate(seeds):
            losses[i, j] = run(c, s)
            if not np.isfinite(losses[i, j]):
                break
    mean = np.where(np.isfinite(losses).all(axis=1), losses.mean(axis=1), np.inf)
    if np.isinf(mean).all():
        raise ValueError("all candidates are out")
    return candidates[np.argmin(mean)], losses
