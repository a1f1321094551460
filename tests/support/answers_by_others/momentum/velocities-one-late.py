# expect: loses the recursion of part 1 only: rows z_0 … z_{T-1} in place of z_1 … z_T; the class is right

# %% momentum-velocities-answer
def velocities(gradients, beta):
    """Return the velocities z_1 … z_T, one row for each row of gradients."""
    z = np.zeros_like(gradients, dtype=float)
    for t in range(1, len(gradients)):
        z[t] = beta * z[t - 1] + gradients[t - 1]
    return z
