"""Wrong answers to every exercise: `WRONG[name]` is a list of (answer, words that its refusal says).

One module for each notebook. An answer is a value, a function, or source text that defines the exercise's word.
"""
import importlib
import pkgutil

WRONG = {f"{module.name[1:]}.{word}": answers
         for module in pkgutil.iter_modules(__path__)
         for word, answers in importlib.import_module(f"{__name__}.{module.name}").WRONG.items()}
