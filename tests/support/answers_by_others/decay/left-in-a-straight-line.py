# expect: loses "what is left" only (1 - lr*wd*steps, which may be negative); classes, experiment, paper_decay are right

# %% decay-predictions
def what_is_left(lr, weight_decay, steps):
    return 1 - lr * weight_decay * steps


def paper_decay(lr, weight_decay):
    return lr * weight_decay
