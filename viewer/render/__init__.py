"""Pictures without a window: (image, presentation, view) to grey levels.

`plane` computes what the screen shows and what `cosight render` writes; `vtk_reslice` is the
reference that judges it.
"""
