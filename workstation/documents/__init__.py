"""Values to DICOM documents and back: headers, acts, structured reports and their signatures.

Datasets become values here and nowhere else in the application. Knows no store, no network, no window.
"""
