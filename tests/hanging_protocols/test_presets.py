"""The protocols name window presets by key; the viewer must know each of them."""

from __future__ import annotations

from hanging_protocols.protocol_file import built_in
from viewer.voi import presets


def test_every_preset_a_protocol_names_is_one_of_the_viewer_s() -> None:
    known = {preset.key for preset in presets("CT")}
    named = {
        viewport.preset
        for protocol in built_in()
        for stage in protocol.stages
        for viewport in stage.viewports
        if viewport.preset is not None
    }
    assert named <= known
    assert named
