"""The product's settings, but with what it writes in the folder of the run."""

import os
from pathlib import Path

from netvaerk.settings import *  # noqa: F403
from netvaerk.settings import CELERY_BROKER_URL, DEBUG

FOLDER = Path(os.environ["BENCH_FOLDER"])
STATIC_ROOT = FOLDER / "static"
if CELERY_BROKER_URL.startswith("filesystem://"):
    _queue = FOLDER / "queue"
    _queue.mkdir(parents=True, exist_ok=True)
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(_queue),
        "data_folder_out": str(_queue),
        "control_folder": str(_queue / "control"),
        "store_processed": False,
    }
assert not DEBUG  # what is measured is what people will use
