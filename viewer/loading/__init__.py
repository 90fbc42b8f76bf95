"""Pixels for frame sources: one frame now, or a whole series into a volume, nearest first.

Public names: `Loader`, `LoadingCancelled`, `Progress`, `Priority`. The bytes are decoded in the
sandbox; this side only maps what the children have written. A series opened before is mapped at
once, without decoding. Blocking calls, made from worker threads; they raise `ImageError` and leave
nothing half done. Chooses no windows and knows no screens.
"""

from viewer.loading.children import LoadingCancelled
from viewer.loading.loader import Loader
from viewer.loading.watching import Progress
from viewer.sandbox import Priority

__all__ = ["Loader", "LoadingCancelled", "Priority", "Progress"]
