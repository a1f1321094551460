# expect: loses everything of the class: it is a subclass of descent.Adam, which is not there when graded (AttributeError); part 2 is right

# %% adam-class
import descent

class Adam(descent.Adam):
    # Adam (Kingma & Ba 2015, Algorithm 1) for a list of arrays.

    def __init__(self, parameters, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
        super().__init__(lr=lr, beta1=beta1, beta2=beta2, eps=eps)
        self.__dict__["arrays"] = parameters

    def step(self, gradients):
        theta = np.concatenate([p.ravel() for p in self.arrays])
        g = np.concatenate([np.ravel(g) for g in gradients])
        theta = super().step(theta, g)
        at = 0
        for p in self.arrays:
            p[...] = theta[at:at + p.size].reshape(p.shape)
            at += p.size
