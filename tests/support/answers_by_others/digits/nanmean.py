# expect: loses "runs that have diverged" only: a candidate with one nan is judged by its other runs; where all have diverged nothing is raised

# %% digits-tune-answer
def tune(run, candidates, seeds):
    """Return (best candidate, losses): every candidate with every seed, judged by the mean."""
    losses = np.array([[run(c, s) for s in seeds] for c in candidates], dtype=float)
    return candidates[np.nanargmin(np.nanmean(losses, axis=1))], losses
