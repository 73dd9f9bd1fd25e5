"""Nothing goes in, `keras` comes out, imported without what TensorFlow has to tell about this computer."""
import contextlib
import os
import sys


@contextlib.contextmanager
def no_stderr():
    """Whatever is written to standard error goes nowhere, from C++ as well; exceptions come through.

    TensorFlow 2.21 writes its first notes (no GPU here, oneDNN is on) before it reads TF_CPP_MIN_LOG_LEVEL, so the file
    descriptor itself has to be turned away.
    """
    sys.stderr.flush()
    kept = os.dup(2)
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

    tensorflow.config.list_physical_devices()  # looks for a GPU now, and says that there is none, rather than in the first layer

# Each model traces functions of its own, which TensorFlow takes for one function that is traced in vain.
tensorflow.get_logger().addFilter(lambda record: "triggered tf.function retracing" not in str(record.msg))
