# expect: loses the best beta, and the number of steps found with it: (kappa-1)/(kappa+1) squared, the roots are forgotten; the learning rate is right

# %% momentum-best-answer
def best_settings(h_min, h_max):
    """Return (lr, beta), the best for curvatures from h_min to h_max."""
    lr = (2 / (np.sqrt(h_max) + np.sqrt(h_min)))**2
    beta = ((h_max - h_min) / (h_max + h_min))**2
    return lr, beta


lr, beta = best_settings(*TERM["curvatures"])
rate = np.sqrt(beta)
steps_needed = int(np.ceil(np.log(1000) / -np.log(rate)))
