# expect: loses all of part 1 that reads indices: returns the labels of the two sets and not the indices; the investigation runs on nonsense and is consistent with itself

# %% digits-split-answer
def split(digits, per_class, seed):
    """Return (train, validation): indices, with per_class images of each digit in the second."""
    rng = np.random.default_rng(seed)
    validation = []
    for d in range(10):
        validation.extend(rng.choice(np.flatnonzero(digits == d), size=per_class, replace=False))
    validation = np.array(validation)
    train = np.setdiff1d(np.arange(len(digits)), validation)
    return digits[train], digits[validation]
