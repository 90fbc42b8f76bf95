"""Linked viewports: who follows a point, to which image, and who stays where it is."""

from __future__ import annotations

from viewer.linking import LinkedView, followed, space_of
from viewer.view import ViewState
from viewer.volume import DisplaySet, FrameSource, LocatedFrame, display_sets


def a_set(
    series: str, frame_of_reference: str, orientation: tuple[float, ...] = (1, 0, 0, 0, 1, 0)
) -> DisplaySet:
    """Eleven slices 5 mm apart along z, at z = 50 ... 0 in reading order."""
    frames = [
        LocatedFrame(
            path=f"{series}/{number}",
            source=FrameSource(
                sop_uid=f"{series}.{number}", sop_class="1", series_uid=series, study_uid="1",
                modality="CT", instance_number=number, transfer_syntax="1.2.840.10008.1.2.1",
                fragments=((0, 8),), rows=2, columns=2, bits_allocated=16, bits_stored=16,
                high_bit=15, photometric="MONOCHROME2", position=(0.0, 0.0, 5.0 * number),
                orientation=orientation, pixel_spacing_mm=(1.0, 1.0), spacing_kind="patient",
                frame_of_reference=frame_of_reference,
            ),
        )
        for number in range(11)
    ]  # fmt: skip
    (images,) = display_sets(frames)
    return images


def view(images: DisplaySet, state: ViewState) -> LinkedView:
    return LinkedView(images=images, state=state)


def test_planes_of_one_frame_of_reference_go_through_the_point_of_the_one_that_moved() -> None:
    images = a_set("1", "1.2.3")
    point = (3.0, 4.0, 25.0)
    views = {
        plane: view(images, ViewState(kind="plane", plane=plane, point_world=(0.0, 0.0, 0.0)))
        for plane in ("coronal", "sagittal")
    }
    moved = ViewState(kind="plane", plane="axial", point_world=point, zoom=2.0)
    states = followed({**views, "axial": view(images, moved)}, "axial")
    assert states == {
        "coronal": ViewState(kind="plane", plane="coronal", point_world=point),
        "sagittal": ViewState(kind="plane", plane="sagittal", point_world=point),
    }


def test_a_stack_goes_to_the_image_nearest_to_the_point() -> None:
    one, other = a_set("1", "1.2.3"), a_set("2", "1.2.3")
    moved = ViewState(kind="stack", index=0, point_world=(0.0, 0.0, 31.0))
    states = followed({"a": view(one, moved), "b": view(other, ViewState(index=9))}, "a")
    # z = 30 lies nearest: number 6 of 10 ... 0 in reading order, from head to feet
    assert states == {"b": ViewState(index=4, point_world=(0.0, 0.0, 31.0))}
    assert other.frames[4].source.position == (0.0, 0.0, 30.0)


def test_another_frame_of_reference_stays_where_it_is() -> None:
    one, other = a_set("1", "1.2.3"), a_set("2", "9.9.9")
    moved = ViewState(point_world=(0.0, 0.0, 31.0))
    assert followed({"a": view(one, moved), "b": view(other, ViewState(index=9))}, "a") == {}


def test_an_empty_frame_of_reference_is_shared_with_nobody_but_its_own_series() -> None:
    one, other = a_set("1", ""), a_set("2", "")
    moved = ViewState(point_world=(0.0, 0.0, 31.0))
    views = {
        "a": view(one, moved),
        "same": view(one, ViewState(index=9)),
        "other": view(other, ViewState(index=9)),
    }
    assert list(followed(views, "a")) == ["same"]
    assert space_of(one) != space_of(other)


def test_a_view_without_a_point_moves_nobody() -> None:
    images = a_set("1", "1.2.3")
    views = {"a": view(images, ViewState(index=3)), "b": view(images, ViewState(index=9))}
    assert followed(views, "a") == {}


def test_who_is_already_there_is_not_moved_again() -> None:
    images = a_set("1", "1.2.3")
    state = ViewState(kind="plane", plane="axial", point_world=(1.0, 2.0, 3.0))
    assert followed({"a": view(images, state), "b": view(images, state)}, "a") == {}
