# expect: loses both best settings (returns (beta, lr)); steps_needed is right, as the student unpacks in the same wrong order

# %% momentum-best-answer
def best_settings(h_min, h_max):
    """Return (lr, beta), the best for curvatures from h_min to h_max."""
    lr = (2 / (np.sqrt(h_max) + np.sqrt(h_min)))**2
    beta = ((np.sqrt(h_max) - np.sqrt(h_min)) / (np.sqrt(h_max) + np.sqrt(h_min)))**2
    return beta, lr


beta, lr = best_settings(*TERM["curvatures"])
rate = np.sqrt(beta)
steps_needed = int(np.ceil(np.log(1000) / -np.log(rate)))
