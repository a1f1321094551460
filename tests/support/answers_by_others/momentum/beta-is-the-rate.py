# expect: loses the number of steps only: takes beta itself for the rate per step, which is its root

# %% momentum-best-answer
def best_settings(h_min, h_max):
    """Return (lr, beta), the best for curvatures from h_min to h_max."""
    lr = (2 / (np.sqrt(h_max) + np.sqrt(h_min)))**2
    beta = ((np.sqrt(h_max) - np.sqrt(h_min)) / (np.sqrt(h_max) + np.sqrt(h_min)))**2
    return lr, beta


lr, beta = best_settings(*TERM["curvatures"])
rate = beta
steps_needed = int(np.ceil(np.log(1000) / -np.log(rate)))
