# expect: loses "so many of each digit" only: 10*per_class images drawn from all

# %% digits-split-answer
def split(digits, per_class, seed):
    """Return (train, validation): indices, with per_class images of each digit in the second."""
    order = np.random.default_rng(seed).permutation(len(digits))
    return order[10 * per_class:], order[:10 * per_class]
