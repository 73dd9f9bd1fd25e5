"""Convert a Keras model to the bytes of a LiteRT or an ONNX file, and name the layer that does not convert."""
import contextlib
import importlib.util
import io
import logging
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import networks
from ..media.options import check_choice

FORMATS = {"litert": "model.tflite", "onnx": "model.onnx"}
QUANTIZED = ("fp16", "dynamic", "int8")
OPSET = 17  # of ONNX; onnxruntime-web knows it as well
STRIDE = "give the convolution before it strides, and leave the pooling out"
WORDS = "build the model from the numbers of words on, and look the words up outside it"
WAYS_OUT = {
    **dict.fromkeys(("MaxPooling3D", "AveragePooling3D"), STRIDE),
    **dict.fromkeys(("GRU", "LSTM", "Bidirectional"), "give the input a fixed number of steps"),
    **dict.fromkeys(("TextVectorization", "StringLookup"), WORDS)}


def to_bytes(model: "networks.keras.Model", to: str = "litert", *, quantize: str | None = None,
             calibration: NDArray | None = None) -> bytes:
    """Convert a built model to the bytes of a file.

    to: "litert" or "onnx". quantize (LiteRT alone): None, "fp16" (weights of 16 bits), "dynamic" (weights of 8 bits,
    sums in float) or "int8" (weights and activations of 8 bits; `calibration`, rows as the model takes them, shows how
    large the activations are). Recurrent layers are unrolled for LiteRT. Raises ValueError that names the layer which
    does not convert. Source of int8: Jacob et al., "Quantization and training of neural networks", CVPR 2018.
    """
    check_choice("to_bytes", FORMATS, to=to)
    check_choice("to_bytes", (None, *QUANTIZED), quantize=quantize)
    if quantize == "int8" and calibration is None:
        raise ValueError("int8 needs calibration rows, to see how large the activations become; give calibration=.")
    try:
        return _litert(model, quantize, calibration) if to == "litert" else _onnx(model)
    except ImportError:
        raise
    except Exception as error:
        raise ValueError(_reason(model, to, error)) from None


def unrolled(model: "networks.keras.Model") -> "networks.keras.Model":
    """Copy a model with each GRU and LSTM unrolled over its steps: LiteRT has no loop of unknown length."""
    layers = networks.keras.layers

    def copy(layer: Any) -> Any:
        config = layer.get_config()
        if isinstance(layer, (layers.GRU, layers.LSTM)):
            config["unroll"] = True
        for part in ("layer", "backward_layer") if isinstance(layer, layers.Bidirectional) else ():
            if config.get(part):
                config[part]["config"]["unroll"] = True
        return type(layer).from_config(config)

    if not any(isinstance(layer, (layers.RNN, layers.Bidirectional)) for layer in model.layers):
        return model
    clone = networks.keras.models.clone_model(model, clone_function=copy)
    clone.set_weights(model.get_weights())
    return clone


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Keep the converters' notes, dozens of lines, from the screen; exceptions come through."""
    from ..files import no_stderr

    with no_stderr(), contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        before = logging.root.manager.disable
        logging.disable(logging.WARNING)  # TensorFlow tells where it puts what it deletes again
        try:
            yield
        finally:
            logging.disable(before)


def need(package: str) -> None:
    """Raise ImportError, with the line that installs it, where a package of the extra "edge" is missing."""
    if importlib.util.find_spec(package) is None:
        raise ImportError(f'{package} is not installed; run: python -m pip install "vmm-lab[edge]"')


def _litert(model, quantize, calibration):
    from ..networks._keras import tensorflow as tf

    with quiet():
        converter = tf.lite.TFLiteConverter.from_keras_model(unrolled(model))
        if quantize:
            converter.optimizations = [tf.lite.Optimize.DEFAULT]
        if quantize == "fp16":
            converter.target_spec.supported_types = [tf.float16]
        if quantize == "int8":
            rows = np.asarray(calibration, model.inputs[0].dtype)
            converter.representative_dataset = lambda: ([row[None]] for row in rows)
            # What has no integer kernel, such as a cast of pixels, may stay float.
            builtins = tf.lite.OpsSet.TFLITE_BUILTINS
            converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8, builtins]
        return converter.convert()


def _onnx(model):
    from ..networks._keras import tensorflow as tf

    need("tf2onnx")
    with quiet():
        import tf2onnx

        signature = [tf.TensorSpec(part.shape, part.dtype, name=f"input_{number}")
                     for number, part in enumerate(model.inputs)]
        converted, _ = tf2onnx.convert.from_keras(model, input_signature=signature, opset=OPSET)
        return converted.SerializeToString()


def _reason(model, to, error):
    """One sentence: which layer does not convert, found by converting each alone, and the way out."""
    other = "litert" if to == "onnx" else "onnx"
    for layer in model.layers:
        if isinstance(layer, networks.keras.layers.InputLayer):
            continue
        try:
            alone = networks.keras.Model(layer.input, layer.output)
            _ = _litert(alone, None, None) if to == "litert" else _onnx(alone)
        except Exception:
            kind = type(layer).__name__
            way_out = WAYS_OUT.get(kind, "replace it by layers that convert")
            return (f"{model.name} does not convert to {to}: its layer {layer.name!r} ({kind}) has an operation that "
                    f"{to} lacks; {way_out}, or export with to={other!r}.")
    first = str(error).strip().partition("\n")[0][:200]
    return f"{model.name} does not convert to {to} ({type(error).__name__}: {first}); try to={other!r}."


def random_rows(model: "networks.keras.Model", n: int = 8, *, seed: int = 0) -> list[NDArray]:
    """Return n random rows for each input of a model: pixels where it takes uint8, else normal numbers."""
    rng = np.random.default_rng(seed)
    rows = []
    for part in model.inputs:
        shape = (n, *(8 if side is None else side for side in part.shape[1:]))
        whole = np.dtype(part.dtype).kind in "iu"
        numbers = rng.integers(0, 256, shape) if whole else rng.normal(size=shape)
        rows.append(numbers.astype(part.dtype))
    return rows
