from . import convert as convert
from . import exported as exported
from . import exporting as exporting
from .exported import Exported as Exported
from .exported import load_exported as load_exported
from .exporting import export as export
from .exporting import read_rows as read_rows
from .exporting import source_of as source_of
