# expect: loses "by the seed" only (the generator is made without the seed, or two calls differ); parts and numbers of each digit are right. results may be a little different when it is run again, but TRAIN and VALIDATION are cut once

# %% digits-split-answer
def split(digits, per_class, seed):
    """Return (train, validation): indices, with per_class images of each digit in the second."""
    rng = np.random.default_rng()
    validation = []
    for d in range(10):
        validation.extend(rng.choice(np.flatnonzero(digits == d), size=per_class, replace=False))
    validation = np.array(validation)
    train = np.setdiff1d(np.arange(len(digits)), validation)
    return train, validation
