"""A small region to try the program in: an archive with three real studies, two stations, four made-up people.

Everything is made on the spot: the region's root, the roster and every key, clearly marked as demo and worth nothing
elsewhere. Patients are invented; the pictures are real and openly licensed (see resources/demo).
"""

from __future__ import annotations

import datetime as dt
import json
import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from resources import demo_folder
from workstation.documents import keys, roster_file
from workstation.documents.address import address_of
from workstation.documents.pseudonym import MadeUpIdentity, with_identity
from workstation.domain.act import Grade, ReportText
from workstation.domain.roster import Level, Site, Term
from workstation.services.archive_process import ArchiveProcess, program
from workstation.services.station import Station
from workstation.settings import FILE_NAME, Node
from workstation.store.credentials import Credentials

ARCHIVE_AET = "COSIGHT"
STATIONS = ("station-a", "station-b")
_DESCRIPTION = "region.json"
_DEMO = "DEMO"

SITES = (
    Site(site_id="center", name="市中心医院", colour="#4DA3FF"),
    Site(site_id="chencun", name="陈村医院", colour="#3DBE7B"),
    Site(site_id="xingtan", name="杏坛卫生院", colour="#F2B445"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoPerson:
    """Somebody to log in as."""

    person_id: str
    name: str
    level: Level

    @property
    def password(self) -> str:
        """Nobody should mistake this for a secret."""
        return f"demo-{self.person_id}"


PEOPLE = (
    DemoPerson(person_id="lilei", name="Li^Lei=李^雷", level=Level.FIRST),
    DemoPerson(person_id="zhoutao", name="Zhou^Tao=周^涛", level=Level.FIRST),
    DemoPerson(person_id="hanmeimei", name="Han^Meimei=韩^梅梅", level=Level.SECOND),
    DemoPerson(person_id="chenchen", name="Chen^Chen=陈^晨", level=Level.TRAINEE),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoStudy:
    """One study of the demo: its source folder and its invented patient and order."""

    folder: str
    name: str
    patient_id: str
    birth_date: str
    sex: str
    accession: str
    time: str
    description: str
    series: str
    part: str
    site: str

    def identity(self, day: dt.date) -> MadeUpIdentity:
        """The header's new words; the study is of ``day``."""
        born = int(self.birth_date[:4])
        had_birthday = day.strftime("%m%d") >= self.birth_date[4:]
        age = day.year - born - (0 if had_birthday else 1)
        date = day.strftime("%Y%m%d")
        return MadeUpIdentity(
            seed=f"cosight-demo/{date}/{self.accession}",
            attributes={
                "PatientName": self.name,
                "PatientID": self.patient_id,
                "IssuerOfPatientID": "COSIGHT-DEMO",
                "PatientBirthDate": self.birth_date,
                "PatientSex": self.sex,
                "PatientAge": f"{age:03d}Y",
                "AccessionNumber": f"{self.accession}",
                "StudyID": self.accession[-4:],
                "StudyDate": date,
                "SeriesDate": date,
                "AcquisitionDate": date,
                "ContentDate": date,
                "StudyTime": self.time,
                "SeriesTime": self.time,
                "AcquisitionTime": self.time,
                "ContentTime": self.time,
                "StudyDescription": self.description,
                "SeriesDescription": self.series,
                "BodyPartExamined": self.part,
                "InstitutionName": self.site,
            },
        )


CT = DemoStudy(
    folder="ct_chest_lidc_0314_3mm",
    name="Wang^Xiuying=王^秀英",
    patient_id="0004412",
    birth_date="19700302",
    sex="F",
    accession="CT20260131",
    time="135800",
    description="胸部平扫",
    series="肺 3.0 mm",
    part="CHEST",
    site="市中心医院",
)
MR = DemoStudy(
    folder="mr_brain_t1_defaced",
    name="Zhao^Min=赵^敏",
    patient_id="0003907",
    birth_date="19850611",
    sex="F",
    accession="MR20260087",
    time="112000",
    description="颅脑平扫",
    series="T1 轴位",
    part="BRAIN",
    site="陈村医院",
)
DX = DemoStudy(
    folder="dx_chest_nih",
    name="Huang^Zhiming=黄^志明",
    patient_id="0001255",
    birth_date="19450923",
    sex="M",
    accession="DR20260214",
    time="092600",
    description="胸部后前位",
    series="胸部后前位",
    part="CHEST",
    site="杏坛卫生院",
)
STUDIES = (CT, MR, DX)

MR_TEXT = ReportText(
    findings="双侧大脑半球对称，灰白质分界清晰，脑实质内未见明确异常信号。脑室、脑池形态、大小正常，"
    "中线结构居中。小脑及脑干未见异常。",
    impression="颅脑 MR 平扫（T1）未见明确异常。",
)
DX_TEXT = ReportText(
    findings="双肺野清晰，肺纹理走行自然。心影大小、形态在正常范围。双侧肋膈角锐利。",
    impression="胸部后前位未见明确异常。",
)
DX_COSIGNED = ReportText(
    findings="双肺野清晰，肺纹理走行自然。心影大小、形态在正常范围，主动脉迂曲。双侧肋膈角锐利。",
    impression="1. 双肺未见明确异常。\n2. 主动脉迂曲。",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoRegion:
    """A prepared region on disk."""

    folder: Path
    day: dt.date

    @property
    def archive(self) -> Path:
        """The archive's folder."""
        return self.folder / "archive"

    def home(self, station: str) -> Path:
        """A station's home."""
        return self.folder / station

    def study_uid(self, study: DemoStudy) -> str:
        """The Study Instance UID that a demo study has in this region."""
        described = json.loads((self.folder / _DESCRIPTION).read_text(encoding="utf-8"))
        return str(described["studies"][study.accession])

    @property
    def port(self) -> int:
        """The port on which the stations look for the archive."""
        node = self.as_json()["node"]
        return int(node["port"]) if isinstance(node, dict) else 0

    def as_json(self) -> Mapping[str, object]:
        """What a script needs to play the region: names, passwords, node, how to start the archive."""
        described: dict[str, object] = json.loads(
            (self.folder / _DESCRIPTION).read_text(encoding="utf-8")
        )
        return described


def prepare(folder: Path, build: Callable[[Path], Station], now: dt.datetime) -> DemoRegion:
    """Lay out archive, two station homes and people under ``folder``.

    Args:
        folder: where; must not hold a region yet.
        build: makes a station of a home.
        now: the local time; studies are of this day.
    """
    folder.mkdir(parents=True, exist_ok=True)
    region = DemoRegion(folder=folder, day=now.date())
    process = ArchiveProcess(region.archive, ARCHIVE_AET)
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        author_home = Path(scratch) / "author"
        _found_region([author_home, *(region.home(s) for s in STATIONS)], now)
        sources = Path(scratch) / "studies"
        uids = _rewrite(sources, region.day)
        node = process.start()
        try:
            _fill(author_home, sources, uids, node, build)
        finally:
            process.stop()
    for name in STATIONS:
        (region.home(name) / FILE_NAME).write_text(_settings(name), encoding="utf-8")
        station = build(region.home(name))
        station.add_node(node)
        station.close()
    _describe(region, uids, node)
    return region


def find(folder: Path) -> DemoRegion | None:
    """The region that was prepared under ``folder`` before, or None."""
    path = folder / _DESCRIPTION
    if not path.is_file():
        return None
    day = dt.date.fromisoformat(json.loads(path.read_text(encoding="utf-8"))["day"])
    return DemoRegion(folder=folder, day=day)


def _found_region(homes: list[Path], now: dt.datetime) -> None:
    """Make root, keys and roster, and give every home its share."""
    root = keys.make_root(f"{_DEMO} Cosight", now, bits=keys.SMALLEST_KEY_BITS)
    certificates: dict[str, list[bytes]] = {person.person_id: [] for person in PEOPLE}
    locked: dict[tuple[Path, str], bytes] = {}
    for home in homes:
        for person in PEOPLE:
            subject = keys.Subject(person_id=person.person_id, name=person.name, organisation=_DEMO)
            key = keys.issue(root, subject, now, bits=keys.SMALLEST_KEY_BITS)
            certificates[person.person_id].append(key.certificate_der)
            locked[home, person.person_id] = keys.lock(key, person.password)
    content = roster_file.RosterContent(
        region=f"{_DEMO} 区域影像诊断中心",
        issued=now,
        expires=(now + dt.timedelta(days=90)).date(),
        people=tuple(_enrolled(p, certificates[p.person_id], now.date()) for p in PEOPLE),
        sites=SITES,
    )
    roster = roster_file.dump(content, root)
    for home in homes:
        credentials = Credentials(home / "region")
        credentials.install_region(root.certificate_pem, roster)
        for person in PEOPLE:
            credentials.install_key(person.person_id, locked[home, person.person_id])


def _enrolled(
    person: DemoPerson, certificates: list[bytes], day: dt.date
) -> roster_file.EnrolledPerson:
    return roster_file.EnrolledPerson(
        person_id=person.person_id,
        name=person.name,
        site="市中心医院",
        terms=(Term(level=person.level, since=day - dt.timedelta(days=365)),),
        certificates=tuple(certificates),
    )


def _rewrite(target: Path, day: dt.date) -> dict[str, str]:
    """The demo studies under their invented identities; returns the Study UIDs by accession."""
    uids: dict[str, str] = {}
    for study in STUDIES:
        identity = study.identity(day)
        folder = target / study.accession
        folder.mkdir(parents=True)
        sources = sorted(p for p in (demo_folder() / study.folder).iterdir() if p.suffix == ".dcm")
        for number, source in enumerate(sources):
            content = with_identity(source, identity)
            (folder / f"{number:04d}.dcm").write_bytes(content)
            uids[study.accession] = address_of(content).study_uid
    return uids


def _settings(name: str) -> str:
    """The demo's line is watched closely, so that one sees it break and come back."""
    return f'[station]\nname = "{name}"\n\n[sync]\ninterval_seconds = 2\n'


def _describe(region: DemoRegion, uids: Mapping[str, str], node: Node) -> None:
    described = {
        "format": 1,
        "day": region.day.isoformat(),
        "people": [
            {
                "login": p.person_id,
                "name": p.name,
                "level": p.level.value,
                "password": p.password,
            }
            for p in PEOPLE
        ],
        "stations": {s: str(region.home(s)) for s in STATIONS},
        "studies": dict(uids),
        "node": {"name": node.name, "aet": node.aet, "host": node.host, "port": node.port},
        "start_archive": [
            *program(), "node", "--store", str(region.archive), "--port", str(node.port),
            "--aet", node.aet,
        ],
    }  # fmt: skip
    text = json.dumps(described, ensure_ascii=False, indent=2)
    (region.folder / _DESCRIPTION).write_text(text, encoding="utf-8")


def _fill(
    author_home: Path,
    sources: Path,
    uids: Mapping[str, str],
    node: Node,
    build: Callable[[Path], Station],
) -> None:
    """From a third station, gone when the demo begins: the images, one report submitted, one co-signed."""
    station = build(author_home)
    try:
        station.add_node(node)
        station.importing.import_paths(
            [sources], progress=lambda _done, _total: None, cancelled=lambda: False
        )
        images = [path.read_bytes() for path in sorted(sources.rglob("*.dcm"))]
        station.client_of(node).store_all(images)
        author = station.sessions.login("zhoutao", _password("zhoutao"))
        reviewer = station.sessions.login("hanmeimei", _password("hanmeimei"))
        reporting = station.reporting
        reporting.submit(uids[MR.accession], author, MR_TEXT)
        reporting.submit(uids[DX.accession], author, DX_TEXT)
        reporting.open_review(uids[DX.accession], reviewer)
        reporting.cosign(uids[DX.accession], reviewer, DX_COSIGNED, Grade.MINOR)
        station.syncing.sync_once()
    finally:
        station.close()


def _password(person_id: str) -> str:
    return next(p.password for p in PEOPLE if p.person_id == person_id)


def remove(region: DemoRegion) -> None:
    """Take a region away, with everything in it."""
    shutil.rmtree(region.folder)
