# expect: loses "nothing is in both sets" only: all images stay in the training set

# %% digits-split-answer
def split(digits, per_class, seed):
    """Return (train, validation): indices, with per_class images of each digit in the second."""
    rng = np.random.default_rng(seed)
    validation = []
    for d in range(10):
        validation.extend(rng.choice(np.flatnonzero(digits == d), size=per_class, replace=False))
    validation = np.array(validation)
    train = np.arange(len(digits))
    return train, validation
