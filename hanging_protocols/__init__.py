"""Hanging protocols, pure: facts about a study and its series in, a ranked layout out.

Reading order: `model` (the values), `match` (which protocol, its score and why; which series goes
where), `protocol_file` (TOML to values and back), `protocols/*.toml` (one per modality, for a
radiologist to edit). Imports the standard library only; knows no DICOM library, no pixels and no
window.
"""
