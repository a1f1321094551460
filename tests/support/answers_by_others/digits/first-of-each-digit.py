# expect: loses "chosen at random, by the seed" only: always takes the first per_class images of each digit

# %% digits-split-answer
def split(digits, per_class, seed):
    """Return (train, validation): indices, with per_class images of each digit in the second."""
    rng = np.random.default_rng(seed)
    validation = []
    for d in range(10):
        validation.extend(np.flatnonzero(digits == d)[:per_class])
    validation = np.array(validation)
    train = np.setdiff1d(np.arange(len(digits)), validation)
    return train, validation
