"""Import Keras and TensorFlow without what TensorFlow writes about this computer to standard error."""
import contextlib
import os
import sys

from vmm_lab.files import no_stderr

_backend = sys.modules["keras"].backend.backend() if "keras" in sys.modules else os.environ.get("KERAS_BACKEND")
if _backend not in (None, "tensorflow"):
    raise ImportError(f"The networks of vmm_lab run on TensorFlow, and Keras' backend is {_backend!r}; "
                      "unset KERAS_BACKEND, or set it to tensorflow, and start again.")


with contextlib.nullcontext() if "tensorflow" in sys.modules else no_stderr():
    import keras  # noqa: F401
    import tensorflow

    tensorflow.config.list_physical_devices()  # looks for a GPU now, and not in the first layer

# Each model traces functions of its own, which TensorFlow takes for one function that is traced in vain.
tensorflow.get_logger().addFilter(lambda record: "triggered tf.function retracing" not in str(record.msg))
