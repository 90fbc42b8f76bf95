"""The imaging engine: DICOM frames in, pictures and measurements out.

It knows no worklist, report, archive or database. Read it from the bottom: `geometry`, `voi`,
`volume` are values; `view` and `overlay` say what is seen where; `sandbox`, `decoding`, `cache`
and `loading` bring pixels; `resampling` and `render` make pictures; `qt` paints them.
"""
