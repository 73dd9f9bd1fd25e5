"""Do what a user wants done with a table of media: compare methods, honestly scored, and put one to use."""
from .actions import actions_in_poses, cut_windows, merge_windows, score_actions, sliding_windows
from .board import Board
from .compare import compare
from .evaluate import Result, evaluate, vote
from .few_labels import LearningCurve, label_savers, learning_curve
from .folds import Folds, choose_folds
from .group_normalised import GroupNormalised, normalised_per_group
from .importance import learn_importance, score_summary
from .index import Index, build_index, load_index
from .label_saving import ActiveLearning, Prototypes, SelfTraining, TaughtVote, choose_next
from .leakage import word_stems
from .measures import CLASSIFICATION, HeldOut, Measure, accuracy_interval, chance_interval, mean_interval
from .method import Method
from .methods import Baseline, FeatureMethod, SoftVote
from .mot import read_mot, score_tracks, write_mot
from .network_method import NetworkMethod
from .recognise import Gallery, identity_methods, recognise
from .retrieve import Retriever, retrieve
from .rows import Items, Need, Rows, usable_rows
from .saving import load_pipeline
from .self_supervised import SelfSupervised
from .shots import find_shots, score_shots
from .summarise import Summary
from .svm import ChosenSVM, LinearSVM
from .tag import TagBoard, tag, tags_over_time
from .tag_methods import TagMachine
from .track import count_crossings, find_tracks
from .verify import load_pairs, roc, verify

__all__ = [
    "CLASSIFICATION", "ActiveLearning", "Baseline", "Board", "ChosenSVM", "FeatureMethod", "Folds", "Gallery",
    "GroupNormalised", "HeldOut", "Index", "Items", "LearningCurve", "LinearSVM", "Measure", "Method", "Need",
    "NetworkMethod", "Prototypes", "Result", "Retriever", "Rows", "SelfSupervised", "SelfTraining", "SoftVote",
    "Summary", "TagBoard", "TagMachine", "TaughtVote", "accuracy_interval", "actions_in_poses", "build_index",
    "chance_interval", "choose_folds", "choose_next", "compare", "count_crossings", "cut_windows", "evaluate",
    "find_shots", "find_tracks", "identity_methods", "label_savers", "learn_importance", "learning_curve",
    "load_index", "load_pairs", "load_pipeline", "mean_interval", "merge_windows", "normalised_per_group",
    "read_mot", "recognise", "retrieve", "roc", "score_actions", "score_shots", "score_summary",
    "score_tracks", "sliding_windows", "tag", "tags_over_time", "usable_rows", "verify", "vote", "word_stems",
    "write_mot",
]
