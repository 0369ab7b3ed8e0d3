"""The official Python client, unmodified: strict about every field, and its worker ends at the first that is missing."""

import asyncio
import contextlib
import os
import subprocess
import sys
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path
from typing import Any

import camunda_orchestration_sdk as sdk
import pytest
from camunda_orchestration_sdk import errors
from camunda_orchestration_sdk.models import (
    CreateDocumentData,
    DecisionEvaluationByID,
    DecisionInstanceSearchQuery,
    DocumentMetadata,
    ExpressionEvaluationRequest,
    IncidentSearchQuery,
    JobActivationRequest,
    JobCompletionRequest,
    MessagePublicationRequest,
    ProcessCreationById,
    ProcessInstanceSearchQuery,
    SignalBroadcastRequest,
    UserTaskAssignmentRequest,
    UserTaskCompletionRequest,
    UserTaskSearchQuery,
    VariableSearchQuery,
)
from camunda_orchestration_sdk.runtime.job_worker import ConnectedJobContext, JobError, JobFailure, WorkerConfig
from camunda_orchestration_sdk.types import File

from tests import samples
from tests.api import models
from tests.api.test_decisions import RATES
from tests.platforms import SECRET, Platform


@pytest.fixture
def client(settings: Mapping[str, str]) -> sdk.CamundaClient:
    return sdk.CamundaClient(configuration=dict(settings))


def _start(client: sdk.CamundaClient, process_id: str, **variables: Any) -> str:
    data = ProcessCreationById.from_dict({"processDefinitionId": process_id, "variables": variables})
    return str(client.create_process_instance(data=data).process_instance_key)


def _tasks(client: sdk.CamundaClient, instance_key: str) -> list[Any]:
    query = {
        "filter": {"processInstanceKey": instance_key, "state": {"$in": ["CREATED", "COMPLETED"]}},
        "sort": [{"field": "creationDate", "order": "DESC"}],
        "page": {"from": 0, "limit": 10},
    }
    return list(client.search_user_tasks(data=UserTaskSearchQuery.from_dict(query)).items)


def test_hands_in_a_file_names_it_in_a_variable_and_gets_it_back(
    client: sdk.CamundaClient, files: list[Path], platform: Platform
) -> None:
    client.deploy_resources_from_files(list(files))
    upload = CreateDocumentData(file=File(BytesIO(samples.pdf()), "estimate.pdf", "application/pdf"), metadata=DocumentMetadata(file_name="e.pdf"))
    reference = client.create_document(data=upload)
    assert reference.metadata.file_name == "e.pdf"
    _start(client, "ordering", pieces=3, estimate=reference.to_dict())

    again = client.get_document(document_id=reference.document_id, content_hash=reference.content_hash or "")
    assert again.payload.read() == samples.pdf()
    unsent = client.create_document(data=CreateDocumentData(file=File(BytesIO(samples.jpeg()), "a.jpg", "image/jpeg")))
    client.delete_document(document_id=unsent.document_id)
    with pytest.raises(errors.UnexpectedStatus):
        client.delete_document(document_id=reference.document_id)


def test_deploys_starts_works_and_completes(client: sdk.CamundaClient, files: list[Path], platform: Platform) -> None:
    deployed = client.deploy_resources_from_files(list(files))
    assert [process.process_definition_id for process in deployed.processes] == ["ordering", "waiting"]
    assert client.get_topology().brokers[0].partitions[0].role == "leader"
    key = _start(client, "ordering", pieces=3)

    request = JobActivationRequest(type_="ship", timeout=30_000, max_jobs_to_activate=5, request_timeout=2000)
    job = client.activate_jobs(data=request).jobs[0]
    assert job.variables.to_dict() == {"pieces": 3}
    client.complete_job(job_key=job.job_key, data=JobCompletionRequest.from_dict({"variables": {"tracking": "x1"}}))

    task = _tasks(client, key)[0]
    client.assign_user_task(user_task_key=task.user_task_key, data=UserTaskAssignmentRequest(assignee="member"))
    assert client.get_user_task(user_task_key=task.user_task_key).assignee == "member"
    client.unassign_user_task(user_task_key=task.user_task_key)
    client.complete_user_task(user_task_key=task.user_task_key, data=UserTaskCompletionRequest.from_dict({"variables": {"fine": True}}))

    assert _tasks(client, key)[0].state == "COMPLETED"
    assert client.get_process_instance(process_instance_key=key).state == "COMPLETED"
    found = client.search_variables(data=VariableSearchQuery.from_dict({"filter": {"processInstanceKey": key, "name": {"$like": "t*"}}}))
    assert [(row.name, row.value) for row in found.items] == [("tracking", '"x1"')]
    xml = client.get_process_definition_xml(process_definition_key=deployed.processes[0].process_definition_key)
    assert xml == files[0].read_text()


def test_what_is_refused_is_an_error_of_its_kind(client: sdk.CamundaClient, files: list[Path], tmp_path: Path) -> None:
    client.deploy_resources_from_files(list(files))
    key = _start(client, "ordering")
    job = client.activate_jobs(data=JobActivationRequest(type_="ship", timeout=30_000, max_jobs_to_activate=5, request_timeout=-1)).jobs[0]
    client.complete_job(job_key=job.job_key)
    task = _tasks(client, key)[0]
    client.complete_user_task(user_task_key=task.user_task_key)

    with pytest.raises(errors.ConflictError):
        client.complete_user_task(user_task_key=task.user_task_key)
    with pytest.raises(errors.ConflictError):
        client.complete_job(job_key=job.job_key)
    with pytest.raises(errors.NotFoundError):
        client.get_user_task(user_task_key=type(task.user_task_key)("1"))
    broken = tmp_path / "broken.bpmn"
    broken.write_text("<broken")
    with pytest.raises(errors.BadRequestError):
        client.deploy_resources_from_files([broken])


def test_a_wrong_password_is_an_error_of_its_kind(platform: Platform, settings: Mapping[str, str]) -> None:
    wrong = {name: "wrong" if "SECRET" in name or "PASSWORD" in name else value for name, value in settings.items()}

    with pytest.raises(Exception, match="401") as refused:
        sdk.CamundaClient(configuration=wrong).get_topology()
    if "CAMUNDA_BASIC_AUTH_PASSWORD" in settings:
        assert isinstance(refused.value, errors.UnauthorizedError)


def test_publishes_messages_broadcasts_signals_and_searches(client: sdk.CamundaClient, files: list[Path]) -> None:
    client.deploy_resources_from_files(list(files))
    key = _start(client, "waiting", order="7")

    message = {"name": "paid", "correlationKey": "7", "timeToLive": 60_000, "variables": {"amount": 5}}
    published = client.publish_message(data=MessagePublicationRequest.from_dict(message))
    signal = client.broadcast_signal(data=SignalBroadcastRequest.from_dict({"signalName": "nobody listens"}))

    assert published.message_key and signal.signal_key
    query = {"filter": {"processInstanceKey": key, "state": "COMPLETED"}, "page": {"limit": 1}}
    page = client.search_process_instances(data=ProcessInstanceSearchQuery.from_dict(query))
    assert (page.page.total_items, [row.process_definition_name for row in page.items]) == (1, ["Waiting"])


def test_deploys_and_asks_decisions_and_tries_expressions(client: sdk.CamundaClient, tmp_path: Path) -> None:
    (tmp_path / "rates.dmn").write_text(RATES)
    deployed = client.deploy_resources_from_files([tmp_path / "rates.dmn"])
    asked = {"decisionDefinitionId": "dish", "variables": {"month": 7, "guests": 8}}

    answer = client.evaluate_decision(data=DecisionEvaluationByID.from_dict(asked))
    found = client.search_decision_instances(data=DecisionInstanceSearchQuery.from_dict({"filter": {"decisionDefinitionId": "dish"}}))
    whole = client.get_decision_instance(decision_evaluation_instance_key=found.items[0].decision_evaluation_instance_key)
    tried = client.evaluate_expression(data=ExpressionEvaluationRequest(expression="=1 + 1"))

    assert [one.decision_definition_id for one in deployed.decisions] == ["season", "dish"]
    assert answer.output == whole.result == '"salad"'
    assert whole.matched_rules[0].rule_index == 1
    assert tried.result == 2


def test_a_worker_completes_fails_and_throws_and_an_incident_is_resolved(
    client: sdk.CamundaClient, settings: Mapping[str, str], files: list[Path], platform: Platform
) -> None:
    client.deploy_resources_from_files(list(files))
    good, bad, broken = _start(client, "ordering"), _start(client, "ordering", stock=0), _start(client, "ordering", broken=True)
    repaired = False

    async def ship(job: ConnectedJobContext) -> dict[str, Any]:
        given = job.variables.to_dict()
        if "stock" in given:
            raise JobError("NO_STOCK", "empty shelf")
        if "broken" in given and not repaired:
            raise JobFailure("sunk", retries=0)
        return {"tracking": "x1"}

    def incidents() -> list[Any]:
        return list(client.search_incidents(data=IncidentSearchQuery.from_dict({"filter": {"state": "ACTIVE"}})).items)

    async def until(question: Callable[[], bool]) -> None:
        for _ in range(100):
            if await asyncio.to_thread(question):
                return
            await asyncio.sleep(0.1)
        raise AssertionError("Expected it within ten seconds.")

    async def act() -> None:
        nonlocal repaired
        async with sdk.CamundaAsyncClient(configuration=dict(settings)) as worker:
            config = WorkerConfig(job_type="ship", job_timeout_milliseconds=30_000, worker_name="shipper")
            worker.create_job_worker(config, ship, execution_strategy="async")
            working = asyncio.create_task(_ignored(worker.run_workers()))
            try:
                await until(lambda: bool(_tasks(client, good)))
                await until(lambda: client.get_process_instance(process_instance_key=bad).state == "COMPLETED")  # type: ignore[arg-type]
                await until(lambda: bool(incidents()))
                assert incidents()[0].error_message == "sunk"
                repaired = True
                platform.expect("PATCH", f"/v2/jobs/{incidents()[0].job_key}", {"changeset": {"retries": 1}})
                await asyncio.to_thread(lambda: client.resolve_incident(incident_key=incidents()[0].incident_key))
                await until(lambda: bool(_tasks(client, broken)))
            finally:
                working.cancel()

    with ThreadPoolExecutor(1) as thread:  # browser tests of the same run keep an event loop in this one
        thread.submit(lambda: asyncio.run(act())).result()

    assert incidents() == [] and _tasks(client, bad) == []


async def _ignored(work: Awaitable[Any]) -> None:
    with contextlib.suppress(asyncio.CancelledError):
        await work


def test_the_worker_of_the_demo_says_what_it_does_and_no_more(platform: Platform) -> None:
    platform.add_client("accounting", roles=["worker"])
    platform.deploy(models.process("paying", models.service_task("pay", "book-payment")))
    platform.start("paying", payout=1250)
    told = {"CAMUNDA_REST_ADDRESS": platform.url, "CAMUNDA_CLIENT_SECRET": SECRET, "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        [sys.executable, "processes/claim/worker.py"], env=os.environ | told, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as worker:
        assert worker.stdout is not None and worker.stderr is not None
        said = [worker.stdout.readline() for _ in range(2)]
        worker.kill()
        complained = worker.stderr.read()

    assert said[0].startswith("Waiting for payments") and "1250 EUR paid" in said[1]
    assert complained == ""
