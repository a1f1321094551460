# expect: loses everything of the class when graded, where torch is not installed (ImportError); with torch it would give right numbers

# %% adam-class
import torch

class Adam:
    """Adam (Kingma & Ba 2015, Algorithm 1) for a list of arrays."""

    def __init__(self, parameters, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
        self.tensors = [torch.from_numpy(p) for p in parameters]
        self.adam = torch.optim.Adam(self.tensors, lr=lr, betas=(beta1, beta2), eps=eps)

    def step(self, gradients):
        """Change the parameters in place, by one step."""
        for t, g in zip(self.tensors, gradients):
            t.grad = torch.from_numpy(g.copy())
        self.adam.step()
