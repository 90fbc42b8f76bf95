"""Two stations report one study while both are offline: one report with two heads that both show."""

from __future__ import annotations

import json

from tests.journeys.region import Region
from tests.peers import Orthanc

CT = "CT20260131"


def test_two_offline_submissions_become_one_report_with_two_heads(
    region: Region, orthanc: Orthanc
) -> None:
    first, second = region.station("station-a"), region.station("station-b")
    study = region.study(CT)
    orthanc.kill()
    first.do(
        "report", "submit", study, "--findings", "甲所见", "--impression", "甲意见", person="lilei"
    )
    second.do(
        "report",
        "submit",
        study,
        "--findings",
        "乙所见",
        "--impression",
        "乙意见",
        person="zhoutao",
    )
    orthanc.start()
    for station in (first, second, first):
        assert station.sync().status == 0
    seen = [station.report(study) for station in (first, second)]
    for shown in seen:
        assert shown["fork"]
        assert shown["state"] == "FORK"
        assert {h["text"]["impression"] for h in shown["heads"]} == {"甲意见", "乙意见"}
    assert seen[0]["report"] == seen[1]["report"]
    assert [h["act"] for h in seen[0]["heads"]] == [h["act"] for h in seen[1]["heads"]]

    refused = first.run("report", "cosign", study, person="hanmeimei")
    assert json.loads(refused.err)["rule"] == "FORK"
    chosen = next(h["act"] for h in seen[0]["heads"] if h["by"] == "zhoutao")
    involved = first.run("report", "resolve", study, "--choose", chosen, person="lilei")
    assert json.loads(involved.err)["rule"] == "RESOLVER"
    first.do(
        "report", "resolve", study, "--choose", chosen, "--outcome", "FINAL", person="hanmeimei"
    )
    first.sync()
    second.sync()
    for station in (first, second):
        shown = station.report(study)
        assert shown["state"] == "FINAL"
        assert not shown["fork"]
        assert shown["prevailing"]["text"]["impression"] == "乙意见"
        assert shown["prevailing"]["attestor"] == "zhoutao"
