"""Do what a user wants done with a table of media: compare methods, honestly scored, and put one to use."""
from .board import Board
from .compare import compare
from .evaluate import Result, evaluate, vote
from .folds import Folds, choose_folds
from .leakage import word_stems
from .linear_svm import LinearSVM
from .measures import CLASSIFICATION, HeldOut, Measure, accuracy_interval, chance_interval, mean_interval
from .method import Method
from .methods import Baseline, FeatureMethod, SoftVote
from .network_method import NetworkMethod
from .rows import Items, Need, Rows, usable_rows
from .saving import load_pipeline

__all__ = [
    "CLASSIFICATION", "Baseline", "Board", "FeatureMethod", "Folds", "HeldOut", "Items", "LinearSVM", "Measure",
    "Method", "Need", "NetworkMethod", "Result", "Rows", "SoftVote", "accuracy_interval", "chance_interval",
    "choose_folds", "compare", "evaluate", "load_pipeline", "mean_interval", "usable_rows", "vote", "word_stems",
]
