"""Count what a Keras model costs: its parameters, and the floating-point operations for one item."""
import math

from ._keras import keras
from .layers import PCA

layers = keras.layers

# Layers that multiply all their weights at each place of what they give, and at each of what they take.
FOR_OUTPUTS = (PCA, layers.Dense, layers.Conv1D, layers.Conv2D, layers.Conv3D, layers.DepthwiseConv1D,
               layers.DepthwiseConv2D, layers.SeparableConv1D, layers.SeparableConv2D, layers.TimeDistributed)
FOR_INPUTS = (layers.RNN, layers.Bidirectional, layers.Conv1DTranspose, layers.Conv2DTranspose, layers.Conv3DTranspose)


def cost(model: "keras.Model") -> dict[str, int]:
    """Count the numbers that a model holds ("parameters") and the operations of one pass over one item ("flops").

    A multiplication and an addition count as two operations. Counted are the products with weights and those inside
    attention, which are nearly all there is; activations, norms and poolings are left out. Source: the convention of
    Kaiming He et al., "Deep residual learning", CVPR 2016, times two.

    >>> from vmm_lab.networks import first_cnn
    >>> cost(first_cnn())
    {'parameters': 3937409, 'flops': 14515200}
    """
    return {"parameters": model.count_params(), "flops": sum(layer_flops(layer) for layer in model.layers)}


def layer_flops(layer: "keras.layers.Layer") -> int:
    """Count the floating-point operations of one layer for one item; 0 for a layer without products."""
    if isinstance(layer, keras.Model):  # an encoder
        return sum(layer_flops(part) for part in layer.layers)
    kernels = sum(math.prod(part.shape) for part in layer.weights if part.name.endswith(("kernel", "axes")))
    if isinstance(layer, FOR_OUTPUTS):
        return 2 * kernels * math.prod(layer.output.shape[1:-1])
    if isinstance(layer, FOR_INPUTS):
        return 2 * kernels * math.prod(layer.input.shape[1:-1])
    if isinstance(layer, layers.MultiHeadAttention):
        queries, read = (part.shape[1:] for part in layer.input[:2])
        inside = layer.num_heads * layer.key_dim  # queries and outputs of one side, keys and values of the other
        return 2 * inside * (2 * math.prod(queries) + 2 * math.prod(read) + 2 * queries[0] * read[0])
    return 0
