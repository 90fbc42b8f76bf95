"""The imaging engine: DICOM frames in, pictures and measurements out.

Reading order: `geometry`, `volume` and `voi`, `view` (the five nouns: ViewState, ViewReference,
Presentation, ResolvedView, RenderPath), `overlay`, `decoding`, `cache`, `loading`, `render`,
`tools` and `linking`, `qt`. It knows no worklist, no report, no archive and no database.
"""
