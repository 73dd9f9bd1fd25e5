"""Clips or frames go in, class probabilities come out: Keras models, how they are trained, and what they cost.

TensorFlow is imported with the first name that is used, not with the package.
"""
import importlib
import os

# TensorFlow tells about its CPU and its choice of kernels; in a notebook that is noise. What fails is raised in Python.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("KERAS_BACKEND", "tensorflow")

_HOME = {
    "first_cnn": "image", "small_cnn": "image",
    "hog_gru": "video", "frame_average": "video", "cnn_gru": "video", "conv3d": "video", "conv2plus1d": "video",
    "transformer": "video", "hog_encoder": "video",
    "sound_cnn": "sound", "sound_encoder": "sound", "word_encoder": "words",
    "fusion": "fusion_models", "FUSION_KINDS": "fusion_models", "modality_weights": "fusion_models",
    "drop_modalities": "corruption", "without_modalities": "corruption", "add_noise": "corruption",
    "Recipe": "recipes", "RECIPES": "recipes", "fusion_recipe": "recipes", "MODALITY_FEATURES": "recipes",
    "fit": "training", "train": "training", "History": "watch", "TrainingError": "checks",
    "Augment": "augmentation",
    "Examples": "examples", "load_examples": "examples", "stack": "examples",
    "predict": "prediction", "get_state": "prediction", "set_state": "prediction",
    "cost": "model_cost",
    "keras": "_keras",
}
__all__ = list(_HOME)


def __getattr__(name):
    if name in _HOME:
        importlib.import_module("._keras", __name__)  # first, whatever the name: the others import keras themselves
        importlib.import_module(".layers", __name__)  # keras.saving.load_model knows our layers once they are imported
        return getattr(importlib.import_module(f".{_HOME[name]}", __name__), name)
    raise AttributeError(f"module 'vmm_lab.networks' has no attribute '{name}'")


def __dir__():
    return sorted([*globals(), *__all__])
