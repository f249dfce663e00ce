"""The nouns of the pipeline: what the steps know. Nothing here imports the workflow engine."""

from pathlib import Path
from typing import Final

PROJECT_ROOT: Final = Path(__file__).resolve().parent.parent
