"""Build Keras models of pictures, clips, sound, words and all of them together, train them, ask them, count their cost.

TensorFlow is imported with the first name that is used, not with the package; the names are listed in `__init__.pyi`.
"""
import os

import lazy_loader

# TensorFlow tells about its CPU and its choice of kernels; in a notebook that is noise. What fails is raised in Python.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("KERAS_BACKEND", "tensorflow")
# TensorFlow uses oneDNN by itself only on server processors; with AVX2 alone, a Conv3D step is 7 times as fast with it.
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
