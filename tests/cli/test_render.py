"""``cosight render`` against DCMTK and scipy, and what it refuses."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from pydicom import dcmread

from tests.cli.calling import Cosight
from tests.peers import require_program
from tests.services.small_region import SmallRegion

CT = "demo/ct_chest_lidc_0314_3mm"


def picture(path: Path) -> NDArray[np.int16]:
    return np.asarray(Image.open(path).convert("L"), dtype=np.int16)


def by_dcmtk(path: Path, out: Path, *window: str) -> NDArray[np.int16]:
    """DCMTK's own picture, from a decompressed copy: dcm2pnm of Debian decodes no JPEG-LS."""
    plain = out.with_suffix(".plain.dcm")
    dataset = dcmread(path)
    if dataset.file_meta.TransferSyntaxUID.is_compressed:
        dataset.decompress()
    dataset.save_as(plain)
    subprocess.run([require_program("dcm2pnm"), "-q", *window, str(plain), str(out)], check=True)
    return picture(out)


def rendered(cosight: Cosight, source: Path | str, out: Path, *words: str) -> NDArray[np.int16]:
    answer = cosight("render", str(source), "--out", str(out), "--json", *words)
    assert answer.status == 0, answer.err
    shown = picture(out)
    assert (answer.value["height"], answer.value["width"]) == shown.shape
    return shown


@pytest.mark.parametrize(
    ("folder", "window"),
    [(CT, (-600, 1500)), (CT, (40, 400)), ("demo/mr_brain_t1_defaced", (300, 700))],
)
def test_a_slice_at_a_window_is_dcmtk_s(
    cosight: Cosight, shared_data: Path, tmp_path: Path, folder: str, window: tuple[int, int]
) -> None:
    files = sorted((shared_data / folder).glob("*.dcm"))
    for number in (0, len(files) // 2):
        centre, width = window
        ours = rendered(cosight, files[number], tmp_path / "ours.png", f"--window={centre},{width}")
        theirs = by_dcmtk(files[number], tmp_path / "t.pgm", "+Ww", str(centre), str(width))
        assert np.abs(ours - theirs).max() <= 1


def test_a_radiograph_at_a_window_is_dcmtk_s(
    cosight: Cosight, shared_data: Path, tmp_path: Path
) -> None:
    path = min((shared_data / "demo/dx_chest_nih").glob("*.dcm"))
    ours = rendered(cosight, path, tmp_path / "ours.png", "--window=120,180")
    theirs = by_dcmtk(path, tmp_path / "t.pgm", "+Ww", "120", "180")
    assert np.abs(ours - theirs).max() <= 1


@pytest.fixture
def chest(cosight: Cosight, region: SmallRegion, shared_data: Path) -> str:
    """The Series Instance UID of the chest CT, imported."""
    region.station("a").close()
    region.stations.clear()
    folder = shared_data / CT
    assert cosight("import", str(folder), "--json").value["stored"] == 92
    return str(dcmread(next(folder.glob("*.dcm")), stop_before_pixels=True).SeriesInstanceUID)


def test_planes_are_scipy_s(
    cosight: Cosight, chest: str, shared_data: Path, tmp_path: Path
) -> None:
    from scipy.ndimage import map_coordinates

    slices = sorted(
        (dcmread(p) for p in (shared_data / CT).glob("*.dcm")),
        key=lambda d: float(d.ImagePositionPatient[2]),
    )
    volume = np.stack(
        [d.pixel_array * float(d.RescaleSlope) + float(d.RescaleIntercept) for d in slices]
    ).astype(np.float64)
    _, y0, z0 = (float(v) for v in slices[0].ImagePositionPatient)
    dy = float(slices[0].PixelSpacing[0])
    dz = float(slices[1].ImagePositionPatient[2]) - z0
    centre, width = -600.0, 1500.0
    row = 200
    ours = rendered(
        cosight,
        chest,
        tmp_path / "cor.png",
        "--plane", "coronal", f"--at={y0 + row * dy}", f"--window={centre},{width}",
    )  # fmt: skip
    # Rows of the coronal plane run from head to foot with square pixels of the finest spacing.
    height = ours.shape[0]
    top = z0 + dz * (volume.shape[0] - 1)
    step = min(dy, dz)
    middle = (top + z0) / 2
    z_mm = middle + (height - 1) / 2 * step - np.arange(height) * step
    k = (z_mm - z0) / dz
    inside = (k >= 0) & (k <= volume.shape[0] - 1)
    columns = np.arange(volume.shape[2])
    grid = np.meshgrid(k, [row], columns, indexing="ij")
    sampled = map_coordinates(volume, grid, order=1, mode="nearest")[:, 0, :]
    shade = ((sampled - (centre - 0.5)) / (width - 1) + 0.5) * 255
    expected = np.clip(shade, 0, 255)
    assert ours.shape[1] == volume.shape[2]
    assert inside.sum() > height - 6
    assert np.abs(ours[inside] - expected[inside]).max() <= 1.5


def test_sizes_frames_and_slabs(cosight: Cosight, chest: str, tmp_path: Path) -> None:
    out = tmp_path / "x.png"
    for size in ("1x1", "300x200", "37x611", "1024X768"):
        width, height = (int(s) for s in size.lower().split("x"))
        assert rendered(cosight, chest, out, "--size", size).shape == (height, width)
    first = rendered(cosight, chest, out)
    last = rendered(cosight, chest, out, "--frame", "92")
    assert np.abs(first - last).max() > 50
    plane = ["--plane", "axial"]
    thin = rendered(cosight, chest, out, *plane)
    thick = rendered(cosight, chest, out, *plane, "--slab", "maximum,30")
    assert thick.mean() > thin.mean()


@pytest.mark.parametrize(
    "words",
    [
        ["--size", "0x5"], ["--size", "5"], ["--size", "99999x99999"], ["--size", "²x5"], ["--size", "5x5x5"],
        ["--window", "40"], ["--window", "nan,40"], ["--window", "40,0"], ["--window", "40,-3"],
        ["--slab", "median,3"], ["--slab", "mean"], ["--slab", "mean,-3"], ["--slab", "mean,inf"],
        ["--plane", "axial", "--at", "nan"], ["--frame", "0"], ["--frame", "93"], ["--frame", "-1"],
    ],
    ids=" ".join,
)  # fmt: skip
def test_wrong_words_are_one_line(
    cosight: Cosight, shared_data: Path, tmp_path: Path, words: list[str]
) -> None:
    path = min((shared_data / CT).glob("*.dcm"))
    out = tmp_path / "x.png"
    answer = cosight("render", str(path), "--out", str(out), *_bound(words))
    assert answer.refusal
    assert not out.exists()


def _bound(words: list[str]) -> list[str]:
    """``--at=-3`` instead of ``--at -3``: a value that begins with a dash."""
    return [f"{a}={b}" for a, b in zip(words[::2], words[1::2], strict=True)]


def test_what_is_no_image_is_one_line(cosight: Cosight, shared_data: Path, tmp_path: Path) -> None:
    image = min((shared_data / CT).glob("*.dcm")).read_bytes()
    given = {"text.dcm": b"not DICOM", "empty.dcm": b"", "cut.dcm": image[: len(image) // 2]}
    out = tmp_path / "x.png"
    for name, content in given.items():
        (tmp_path / name).write_bytes(content)
        told = cosight("render", str(tmp_path / name), "--out", str(out), "--json")
        assert json.loads(told.refusal)["error"]
    assert cosight("render", str(tmp_path), "--out", str(out)).refusal
    path = min((shared_data / CT).glob("*.dcm"))
    in_the_way = tmp_path / "file"
    in_the_way.write_text("x")
    assert cosight("render", str(path), "--out", str(in_the_way / "x.png")).refusal
    assert cosight("render", str(path), "--out", str(tmp_path)).refusal


def test_a_volume_above_the_budget_is_drawn_smaller_and_says_so(
    cosight: Cosight, chest: str, tmp_path: Path
) -> None:
    """92 x 512 x 512 x 2 bytes are 46 MiB: at most 16 of them are kept in memory."""
    out = tmp_path / "x.png"
    plane = ("--plane", "coronal", "--window=40,400", "--size", "400x300")
    whole = rendered(cosight, chest, out, *plane)
    told = cosight("render", chest, "--out", str(out), *plane).out.splitlines()
    assert told == [str(out)]
    with (cosight.home / "settings.toml").open("a", encoding="utf-8") as settings:
        settings.write("\n[images]\nvolume_mb = 16\n")
    answer = cosight("render", chest, "--out", str(out), "--json", *plane)
    assert answer.status == 0, answer.err
    columns, rows, slices = answer.value["reduction"]
    assert columns * rows * slices >= 46 / 16
    smaller = picture(out)
    assert smaller.shape == whole.shape
    assert 0 < np.abs(smaller - whole).mean() < 12
    lines = cosight("render", chest, "--out", str(out), *plane).out.splitlines()
    assert lines[1] == (
        f"reduced {columns} x {rows} x {slices} (columns, rows, slices):"
        " the whole volume is above images.volume_mb"
    )
    frame = cosight("render", chest, "--out", str(out), "--json").value
    assert (frame["reduction"], frame["width"]) == ([1, 1, 1], 512)
