"""The digits as a regression: the network of digits.py with the squared error for its loss."""

import numpy as np

from descent.problems.base import checked_count
from descent.problems.digits import ACTIVATIONS, TRAINING, Network


class SquaredNetwork(Network):
    """A network that reads digits, with half the squared distance from the right outputs (a 1 and nine 0s) as loss.

    Under the cross-entropy the curvature vanishes as the answers become sure; under this loss it stays, and it can be
    watched for long.

    images : how many of the training images are used, 1 to 1437; few make each gradient cheap.
    hidden, activation, seed : as for `Network`. Raises ValueError for a number of images that is out of range.
    """

    def __init__(self, hidden=(16,), activation="tanh", seed=0, images=256):
        super().__init__(hidden, activation, seed)
        images = checked_count("SquaredNetwork", "images", images, least=1)
        if images > TRAINING:
            raise ValueError(f"SquaredNetwork(images={images}): there are {TRAINING} training images.")
        self.name = f"{self.name}, squared error"
        self.images, self.digits, self._wanted = self.images[:images], self.digits[:images], self._wanted[:images]
        self.size = images

    def _forward(self, layers, images):
        function, values = ACTIVATIONS[self.activation][0], [images]
        for k in range(1, len(self.sizes)):
            z = values[-1] @ layers[f"W{k}"] + layers[f"b{k}"]
            values.append(function(z) if k < len(self.sizes) - 1 else z)
        return values

    def loss(self, theta, batch=slice(None)):
        """Return half the mean squared distance over the images (or those of `batch`), a number."""
        outputs = self._forward(self.layers(theta), self.images[batch])[-1]
        return np.mean(np.sum((outputs - self._wanted[batch]) ** 2, axis=1)) / 2

    def gradient(self, theta, batch=slice(None)):
        """Return the gradient of that loss, a vector of theta's shape."""
        slope, layers = ACTIVATIONS[self.activation][1], self.layers(theta)
        values = self._forward(layers, self.images[batch])
        gradient = np.empty_like(theta)
        parts = self.layers(gradient)
        delta = (values[-1] - self._wanted[batch]) / len(values[-1])
        for k in range(len(self.sizes) - 1, 0, -1):
            parts[f"W{k}"][...] = values[k - 1].T @ delta
            parts[f"b{k}"][...] = delta.sum(axis=0)
            delta = (delta @ layers[f"W{k}"].T) * slope(values[k - 1])
        return gradient
