"""Import Keras and TensorFlow without what TensorFlow writes about this computer to standard error."""
import contextlib
import os
import sys
from collections.abc import Iterator

_backend = sys.modules["keras"].backend.backend() if "keras" in sys.modules else os.environ.get("KERAS_BACKEND")
if _backend not in (None, "tensorflow"):
    raise ImportError(f"The networks of vmm_lab run on TensorFlow, and Keras' backend is {_backend!r}; "
                      "unset KERAS_BACKEND, or set it to tensorflow, and start again.")


@contextlib.contextmanager
def no_stderr() -> Iterator[None]:
    """Send standard error nowhere, that of C++ as well; exceptions come through.

    TensorFlow 2.21 writes its first notes (no GPU, oneDNN is on) before it reads TF_CPP_MIN_LOG_LEVEL, so the file
    descriptor itself has to be turned away.
    """
    with contextlib.suppress(AttributeError, ValueError, OSError):  # None under pythonw, or closed
        sys.stderr.flush()
    try:
        kept = os.dup(2)
    except OSError:  # closed: nothing can be written to it
        yield
        return
    try:
        with open(os.devnull, "wb") as nowhere:
            os.dup2(nowhere.fileno(), 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


with contextlib.nullcontext() if "tensorflow" in sys.modules else no_stderr():
    import keras  # noqa: F401
    import tensorflow

    tensorflow.config.list_physical_devices()  # looks for a GPU now, and not in the first layer

# Each model traces functions of its own, which TensorFlow takes for one function that is traced in vain.
tensorflow.get_logger().addFilter(lambda record: "triggered tf.function retracing" not in str(record.msg))
