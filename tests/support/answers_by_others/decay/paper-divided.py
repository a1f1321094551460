# expect: loses the other convention only (weight_decay/lr, the conversion the other way)

# %% decay-predictions
def what_is_left(lr, weight_decay, steps):
    return (1 - lr * weight_decay)**steps


def paper_decay(lr, weight_decay):
    return weight_decay / lr
