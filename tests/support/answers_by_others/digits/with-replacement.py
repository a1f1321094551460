# expect: loses "so many of each digit" (choice draws with replacement, so some images come twice) and, as the lengths no longer add up, "nothing is lost"; by luck of the seed a visible check may pass

# %% digits-split-answer
def split(digits, per_class, seed):
    """Return (train, validation): indices, with per_class images of each digit in the second."""
    rng = np.random.default_rng(seed)
    validation = []
    for d in range(10):
        validation.extend(rng.choice(np.flatnonzero(digits == d), size=per_class))
    validation = np.array(validation)
    train = np.setdiff1d(np.arange(len(digits)), validation)
    return train, validation
