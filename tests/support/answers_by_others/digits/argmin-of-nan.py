# expect: loses "runs that have diverged" only: nothing is done about nan, and argmin takes nan for the smallest; nothing is raised either

# %% digits-tune-answer
def tune(run, candidates, seeds):
    """Return (best candidate, losses): every candidate with every seed, judged by the mean."""
    losses = np.array([[run(c, s) for s in seeds] for c in candidates], dtype=float)
    return candidates[np.argmin(losses.mean(axis=1))], losses
