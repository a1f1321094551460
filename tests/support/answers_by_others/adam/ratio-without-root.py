# expect: loses the function and the two numbers of part 2 (the root of v is forgotten); the class is right

# %% adam-ratio
def uncorrected_over_corrected(t, beta1, beta2):
    """Return the length of step t without correction over its length with it, for a constant gradient."""
    return (1 - beta1**t) / (1 - beta2**t)

# %% adam-peak
values = [uncorrected_over_corrected(t, TERM["beta1"], TERM["beta2"]) for t in range(1, 10000)]
longest_step = values.index(max(values)) + 1
times_too_long = max(values)
