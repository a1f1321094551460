# expect: loses "the gradients are left as they were" of part 1 only: the rows of the input are turned into velocities; the numbers are right

# %% momentum-velocities-answer
def velocities(gradients, beta):
    """Return the velocities z_1 … z_T, one row for each row of gradients."""
    for t in range(1, len(gradients)):
        gradients[t] += beta * gradients[t - 1]
    return gradients
