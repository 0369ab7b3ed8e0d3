"""Drafts: kept with their forms, saved under a lock that overwrites nothing, packed, compared and deployed as one."""

import io
import json
import time
import zipfile
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from api.app import create_app
from api.settings import from_environment
from engine import database, deployments, drafts, migrations
from engine.parties import PLATFORM
from tests.api import models
from tests.platforms import PASSWORD, Platform, furnish

DRAFTS = "/passerelle/v1/drafts"
FORM = json.dumps({"id": "ask", "type": "default", "components": [{"type": "textfield", "key": "plate", "id": "x", "label": "Plate"}]})


def model(process_id="claim", *tasks):
    return models.process(process_id, *(tasks or (models.user_task("look"),)))


def begin(platform, *files, name="Claim", **more):
    files = files or (("claim.bpmn", model()), ("ask.form", FORM))
    body = {"name": name, "files": [{"name": one, "content": content} for one, content in files]}
    return platform.expect("POST", DRAFTS, body, status=201, **more)


def whole(platform, draft):
    found = platform.expect("GET", f"{DRAFTS}/{draft['draftKey']}")
    return found, {one["name"]: one["content"] for one in found["files"]}


def save(platform, draft, revision, user="admin", **changes):
    body = {"revision": revision, "changes": [{"name": name, "content": content} for name, content in changes.pop("files", {}).items()]}
    return platform.api("PUT", f"{DRAFTS}/{draft['draftKey']}", body | changes, user=user)


@pytest.fixture
def two(platform: Platform) -> Platform:
    platform.add_person("mona", roles=["modeller"], name="Mona Lange")
    platform.add_person("theo", roles=["modeller"], name="Theo Petit")
    return platform


def test_a_draft_comes_back_byte_for_byte(platform: Platform) -> None:
    odd = '<?xml version="1.0" encoding="UTF-8"?>\r\n<!-- é 😀 \u2028 -->\r\n' + model()
    latin = '<?xml version="1.0" encoding="ISO-8859-1"?>\n' + model("other").partition("?>")[2].replace("Look at", "Prüfen")
    draft = begin(platform, ("claim.bpmn", odd), ("latin.bpmn", latin))

    found, files = whole(platform, draft)
    assert files == {"claim.bpmn": odd, "latin.bpmn": latin}
    assert (found["revision"], found["processDefinitionIds"]) == (1, ["claim", "other"])
    with zipfile.ZipFile(io.BytesIO(platform.api("GET", f"{DRAFTS}/{draft['draftKey']}/export").content)) as bundle:
        assert bundle.read("claim.bpmn") == odd.encode()
        assert bundle.read("latin.bpmn") == latin.encode("latin-1")


def test_the_second_of_two_who_save_is_told_who_was_first_and_nothing_is_overwritten(two: Platform) -> None:
    draft = begin(two, user="mona")
    assert save(two, draft, 1, user="mona", files={"claim.bpmn": model("hers")}).status_code == 200
    refused = save(two, draft, 1, user="theo", files={"claim.bpmn": model("his")})

    assert refused.status_code == 409
    told = refused.json()
    assert (told["title"], told["by"], told["revision"]) == ("CONFLICT", "Mona Lange", 2)
    assert told["at"]
    assert whole(two, draft)[1]["claim.bpmn"] == model("hers")
    assert save(two, draft, 2, user="theo", files={"claim.bpmn": model("his")}).json()["revision"] == 3


def test_saving_what_is_there_already_changes_nothing(platform: Platform) -> None:
    draft = begin(platform)

    assert save(platform, draft, 1, files={"claim.bpmn": model()}).json()["revision"] == 1
    assert save(platform, draft, 1, name="Another").json()["revision"] == 2
    assert save(platform, draft, 2, files={"ask.form": None}).json()["revision"] == 3
    assert list(whole(platform, draft)[1]) == ["claim.bpmn"]


def test_whoever_has_it_open_is_named_to_the_others_and_to_nobody_once_gone(two: Platform) -> None:
    path = f"{DRAFTS}/{begin(two)['draftKey']}/presence"

    assert two.expect("POST", path, {}, user="mona")["editors"] == []
    assert [one["name"] for one in two.expect("POST", path, {}, user="theo")["editors"]] == ["Mona Lange"]
    two.expect("POST", path, {"leaving": True}, user="mona")
    assert two.expect("POST", path, {}, user="theo")["editors"] == []


@pytest.mark.parametrize(
    "name", ["../claim.bpmn", "a/b.bpmn", "scenarios/../x.json", "run.sh", "x.json", ".bpmn/..", "a\x00.bpmn", "x" * 200 + ".bpmn", ""]
)
def test_no_file_gets_a_name_that_could_hurt(platform: Platform, name: str) -> None:
    body = {"name": "x", "files": [{"name": name, "content": "x"}]}

    assert platform.api("POST", DRAFTS, body).status_code == (201 if name == "x.json" else 400)


def packed(how=zipfile.ZIP_DEFLATED, /, **files):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", how) as bundle:
        for name, content in files.items():
            bundle.writestr(name, content)
    return out.getvalue()


def bring_in(platform, data, name="claim.zip"):
    return platform.api("POST", f"{DRAFTS}/import", files={"file": (name, data, "application/zip")})


def test_a_draft_goes_out_as_a_zip_and_comes_back(platform: Platform) -> None:
    draft = begin(platform, ("claim.bpmn", model()), ("ask.form", FORM), ("scenarios/paid.json", "{}"))
    data = platform.api("GET", f"{DRAFTS}/{draft['draftKey']}/export").content

    back = bring_in(platform, data)
    assert back.status_code == 201
    assert whole(platform, back.json())[1] == whole(platform, draft)[1]


def test_a_zip_of_another_tool_is_read_without_what_is_none_of_ours(platform: Platform) -> None:
    data = packed(**{"top/order.bpmn20.xml": model(), "top/README.md": "x", "top/scenarios/a.json": "{}", "__MACOSX/._a": "x", "a.exe": "x"})

    back = bring_in(platform, data)
    assert back.status_code == 201
    assert sorted(whole(platform, back.json())[1]) == ["order.bpmn", "scenarios/a.json"]


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"no zip", 400),
        (packed(**{"a.txt": "x"}), 400),
        (packed(**{"a.bpmn": "x" * (11 << 20)}), 413),
        (packed(**{f"{n}.txt": "x" for n in range(1001)}), 413),
        (packed(**{"a/x.bpmn": "1", "b/x.bpmn": "2"}), 400),
        (packed(**{"a/order.bpmn": "1", "b/order.bpmn20.xml": "2"}), 400),
        (packed(**{"a.bpmn": model()})[:-40], 400),
        # what unpacks without a limit: 200 GB fit into ten megabytes
        (packed(zipfile.ZIP_BZIP2, **{"a.bpmn": model()}), 400),
        (packed(zipfile.ZIP_LZMA, **{"a.bpmn": model()}), 400),
        (packed(**{"a.zip": packed(**{"a.bpmn": model()})}), 400),
        (packed(**{"../../a.bpmn/..": model()}), 400),
    ],
    ids=["no zip", "nothing", "bomb", "many", "twice", "twice once renamed", "cut off", "bzip2", "lzma", "nested", "a way out"],
)
def test_a_hostile_zip_is_refused_and_nothing_is_kept(platform: Platform, data: bytes, status: int) -> None:
    assert bring_in(platform, data).status_code == status
    assert platform.expect("POST", f"{DRAFTS}/search", {})["items"] == []


def test_two_files_that_would_become_one_are_refused_and_nothing_is_kept(platform: Platform) -> None:
    body = {"files": [{"name": "order.bpmn", "content": model()}, {"name": "order.xml", "content": model("other")}]}

    assert platform.api("POST", DRAFTS, body).status_code == 400
    assert platform.expect("POST", f"{DRAFTS}/search", {})["items"] == []


@pytest.mark.parametrize("encoding", ["punycode", "idna", "zlib_codec", "unicode_escape"])
def test_an_encoding_that_no_file_is_written_in_is_not_tried_and_the_text_comes_back(platform: Platform, encoding: str) -> None:
    # punycode took more than a minute for this, with the database locked for all others
    odd = f'<?xml version="1.0" encoding="{encoding}"?>' + "".join(chr(0x4E00 + n * 7919 % 20000) for n in range(20_000))
    since = time.monotonic()
    draft = begin(platform, ("a.bpmn", odd))

    assert whole(platform, draft)[1] == {"a.bpmn": odd}
    assert time.monotonic() - since < 10


def test_nobody_who_writes_waits_while_the_files_of_a_deployment_are_looked_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = create_app(from_environment({"PASSERELLE_VAR": str(tmp_path), "PASSERELLE_DATABASE_URL": f"sqlite:///{tmp_path}/cases.db"}))
    here = app.extensions["engine"]
    migrations.upgrade(here)
    furnish(here)
    theirs = []
    look_at = deployments.look_at

    def look(files):
        with Session(here) as other:  # somebody else, at the same moment
            theirs.append(database.run(other, lambda s: drafts.create(s, "Theirs", {"b.form": b"{}"}, by=PLATFORM)).key)
        return look_at(files)

    monkeypatch.setattr(deployments, "look_at", look)
    with app.test_client() as client:
        files = [{"name": "claim.bpmn", "content": model()}]
        made = client.post(DRAFTS, json={"files": files}, auth=("admin", PASSWORD)).json
        deployed = client.post(f"{DRAFTS}/{made['draftKey']}/deployment", json={"revision": 1}, auth=("admin", PASSWORD))

    assert deployed.status_code == 200
    assert len(theirs) == 1
    database.let_go(here)


def test_a_deployment_says_what_changed_and_how_many_stay_on_the_old_version(platform: Platform) -> None:
    draft = begin(platform)
    first = platform.expect("POST", f"{DRAFTS}/{draft['draftKey']}/deployment", {"revision": 1})
    for _ in range(3):
        platform.start("claim")
    changed = model("claim", models.user_task("look", assignee="nora"), models.user_task("decide"))
    assert save(platform, draft, 1, files={"claim.bpmn": changed}).status_code == 200
    before = platform.expect("GET", f"{DRAFTS}/{draft['draftKey']}/changes")
    second = platform.expect("POST", f"{DRAFTS}/{draft['draftKey']}/deployment", {"revision": 2})

    assert first["runningOnOld"] == 0
    assert second["runningOnOld"] == 3
    assert before["changes"] == second["changes"]
    assert [one["instances"] for one in second["against"]] == [3]
    found = {(one["kind"], one["elementId"]): one for one in second["changes"][0]["changes"]}
    assert ("added", "decide") in found
    assert found["changed", "look"]["details"] == [{"field": "zeebe:assignmentDefinition.assignee", "before": None, "after": "nora"}]
    assert second["deployments"][0]["processDefinition"]["processDefinitionVersion"] == 2
    assert [one["deploymentKey"] is not None for one in platform.expect("GET", f"{DRAFTS}/{draft['draftKey']}/revisions")["items"]] == [
        True,
        True,
    ]


def test_what_cannot_be_deployed_is_refused_with_its_problems_and_nothing_is_deployed(platform: Platform) -> None:
    draft = begin(platform, ("claim.bpmn", "<nothing/>"))
    answer = platform.api("POST", f"{DRAFTS}/{draft['draftKey']}/deployment", {"revision": 1})

    assert answer.status_code == 400
    assert answer.json()["problems"][0]["file"] == "claim.bpmn"
    assert platform.expect("POST", "/v2/process-definitions/search")["items"] == []


def test_a_draft_that_moved_on_is_not_deployed(two: Platform) -> None:
    draft = begin(two)
    save(two, draft, 1, user="mona", files={"claim.bpmn": model("hers")})

    assert two.api("POST", f"{DRAFTS}/{draft['draftKey']}/deployment", {"revision": 1}).status_code == 409
    assert two.expect("POST", "/v2/process-definitions/search")["items"] == []


def test_a_limit_that_changed_is_told_in_its_place(platform: Platform) -> None:
    claim = Path("processes/claim/claim.bpmn").read_text()
    sides = {"before": claim, "after": claim.replace('acceptWithin="PT4H"', 'acceptWithin="PT9H"')}
    body = {side: {"files": [{"name": "claim.bpmn", "content": content}]} for side, content in sides.items()}

    (found,) = platform.expect("POST", "/passerelle/v1/comparisons", body)["changes"]
    (change,) = found["changes"]
    assert change["elementId"] == "orderFlow"
    assert change["details"] == [{"field": "handoff:contract.acceptWithin", "before": "PT4H", "after": "PT9H"}]
    assert found["moved"] == []


def test_a_step_back_is_the_next_revision_and_the_later_one_is_not_lost(two: Platform) -> None:
    draft = begin(two, user="mona")
    save(two, draft, 1, user="theo", files={"claim.bpmn": model("his")})
    two.expect("POST", f"{DRAFTS}/{draft['draftKey']}/restoration", {"to": 1, "revision": 2}, user="mona")

    found, files = whole(two, draft)
    assert (found["revision"], files["claim.bpmn"]) == (3, model())
    kept = two.expect("GET", f"{DRAFTS}/{draft['draftKey']}/revisions")["items"]
    assert [(one["revision"], one["savedBy"]) for one in kept] == [(2, "Theo Petit"), (1, "Mona Lange")]
    two.expect("POST", f"{DRAFTS}/{draft['draftKey']}/restoration", {"to": 2, "revision": 3}, user="mona")
    assert whole(two, draft)[1]["claim.bpmn"] == model("his")


def test_a_deployed_version_and_a_sample_become_drafts_with_their_forms(platform: Platform) -> None:
    deployed = platform.deploy(Path("processes/order/order.bpmn"), *sorted(Path("processes/order").glob("*.form")))
    key = deployed["deployments"][0]["processDefinition"]["processDefinitionKey"]
    again = platform.expect("POST", DRAFTS, {"fromProcessDefinitionKey": key}, status=201)
    sample = platform.expect("POST", DRAFTS, {"fromSample": "claim"}, status=201)

    assert set(whole(platform, again)[1]) == {file.name for file in Path("processes/order").glob("order*.*")}
    assert platform.expect("GET", f"{DRAFTS}/{again['draftKey']}/changes")["changes"] == []
    assert sample["name"] == "A motor claim across three companies"
    assert "claim.bpmn" in whole(platform, sample)[1]
    assert {one["name"] for one in platform.expect("GET", "/passerelle/v1/samples")["items"]} >= {"claim", "order", "onboarding"}


def test_a_draft_that_is_thrown_away_is_gone_and_what_was_deployed_of_it_stays(two: Platform) -> None:
    draft = begin(two)
    two.expect("POST", f"{DRAFTS}/{draft['draftKey']}/deployment", {"revision": 1})
    two.expect("POST", f"{DRAFTS}/{draft['draftKey']}/presence", {}, user="mona")
    two.expect("DELETE", f"{DRAFTS}/{draft['draftKey']}")

    assert two.api("GET", f"{DRAFTS}/{draft['draftKey']}").status_code == 404
    assert len(two.expect("POST", "/v2/process-definitions/search")["items"]) == 1


def test_the_glance_counts_what_runs_and_what_stands_still(platform: Platform) -> None:
    platform.deploy(models.process("fine", models.user_task("look")))
    platform.deploy(models.process("fine", models.user_task("look"), models.user_task("again")))
    platform.deploy(models.process("stuck", models.user_task("look", assignee="=1")))
    for _ in range(2):
        platform.start("fine")
    platform.api("POST", "/v2/process-instances", {"processDefinitionId": "stuck"})

    found = {one["processDefinitionId"]: one for one in platform.expect("GET", "/passerelle/v1/processes")["items"]}
    assert (found["fine"]["versions"], found["fine"]["version"], found["fine"]["running"], found["fine"]["stuck"]) == (2, 2, 2, 0)
    incidents = platform.expect("POST", "/v2/incidents/search", {"filter": {"processDefinitionId": "stuck"}})["items"]
    assert found["stuck"]["stuck"] == len(incidents) == 1
    versions = platform.expect("GET", f"/passerelle/v1/processes/{found['fine']['processDefinitionKey']}/versions")["items"]
    assert [(one["version"], one["running"]) for one in versions] == [(2, 2), (1, 0)]


DISH = """<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="f" name="f" namespace="n">
  <decision id="size" name="Size"><decisionTable id="t" hitPolicy="UNIQUE">
    <input id="i" label="Amount"><inputExpression id="e" typeRef="number"><text>order.amount</text></inputExpression></input>
    <output id="o" name="size" typeRef="string"/>
    <rule id="small"><inputEntry id="i1"><text>&lt; 1000</text></inputEntry><outputEntry id="o1"><text>"small"</text></outputEntry></rule>
    <rule id="large"><inputEntry id="i2"><text>&gt;= 2000</text></inputEntry><outputEntry id="o2"><text>"large"</text></outputEntry></rule>
  </decisionTable></decision></definitions>"""


def test_a_decision_being_drawn_answers_rows_with_the_rules_that_matched(platform: Platform) -> None:
    rows = [{"order": "{amount: 12}"}, {"order": "{amount: 2500}"}, {"order": "{amount: 1500}"}, {"order": "{amount"}]
    body = {"files": [{"name": "size.dmn", "content": DISH}], "file": "size.dmn", "rows": rows}
    found = platform.expect("POST", "/passerelle/v1/decision-tests", body)

    assert found["decisions"] == [{"decisionId": "size", "name": "Size", "inputs": ["order"]}]
    assert [one["value"] for one in found["results"]] == ["small", "large", None, None]
    assert [[rule["ruleId"] for rule in one["rules"]] for one in found["results"]] == [["small"], ["large"], [], []]
    assert found["results"][3]["failure"]


def test_gaps_of_a_table_are_among_the_problems(platform: Platform) -> None:
    found = platform.expect("POST", "/passerelle/v1/checks", {"files": [{"name": "size.dmn", "content": DISH}]})

    assert [(one["level"], one["rule"]) for one in found["problems"]] == [("warning", "decision")]
    assert "1000" in found["problems"][0]["message"]
