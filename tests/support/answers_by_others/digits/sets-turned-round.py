# expect: loses the parts and the numbers of each digit: returns (validation, train); seed is right. The investigation then trains on 280 images, consistently

# %% digits-split-answer
def split(digits, per_class, seed):
    """Return (train, validation): indices, with per_class images of each digit in the second."""
    rng = np.random.default_rng(seed)
    validation = []
    for d in range(10):
        validation.extend(rng.choice(np.flatnonzero(digits == d), size=per_class, replace=False))
    validation = np.array(validation)
    train = np.setdiff1d(np.arange(len(digits)), validation)
    return validation, train
