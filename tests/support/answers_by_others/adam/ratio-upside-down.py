# expect: loses the function of part 2 and the two numbers found with it (times_too_long is then 0.15 at the minimum, but the student took max over 1..1000: the largest of corrected/uncorrected); the class is right

# %% adam-ratio
def uncorrected_over_corrected(t, beta1, beta2):
    """Return the length of step t without correction over its length with it, for a constant gradient."""
    return np.sqrt(1 - beta2**t) / (1 - beta1**t)

# %% adam-peak
steps = np.arange(1, 1001)
r = uncorrected_over_corrected(steps, TERM["beta1"], TERM["beta2"])
longest_step = int(steps[np.argmax(r)])
times_too_long = float(max(r.max(), 1))
