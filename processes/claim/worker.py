"""Accounting's part of the motor claim: books payments. Runs beside the server, on the official Camunda 8 Python client.

    python processes/claim/worker.py

CAMUNDA_REST_ADDRESS (default http://127.0.0.1:8080) says where the server is; CAMUNDA_CLIENT_ID and CAMUNDA_CLIENT_SECRET
who asks (default: the demo's accounting).
"""

from __future__ import annotations

import asyncio
import hashlib
import os

from camunda_orchestration_sdk import CamundaAsyncClient
from camunda_orchestration_sdk.runtime.job_worker import ConnectedJobContext, WorkerConfig

ADDRESS = os.environ.get("CAMUNDA_REST_ADDRESS", "http://127.0.0.1:8080")
JOB_TYPE = "book-payment"


def book(job: object) -> dict[str, object]:
    """Pay the amount out. The reference is made from the job's key: doing it twice pays once."""
    variables = job.variables.to_dict()  # type: ignore[attr-defined]
    reference = "PAY-" + hashlib.sha256(str(job.job_key).encode()).hexdigest()[:6].upper()  # type: ignore[attr-defined]
    print(f"{reference}: {variables.get('payout')} {job.custom_headers.to_dict().get('currency', 'EUR')}", flush=True)  # type: ignore[attr-defined]
    return {"paymentReference": reference}


async def main() -> None:
    settings = {
        "CAMUNDA_REST_ADDRESS": ADDRESS,
        "CAMUNDA_AUTH_STRATEGY": "OAUTH",
        "CAMUNDA_OAUTH_URL": ADDRESS.removesuffix("/v2").rstrip("/") + "/oauth/token",
        "CAMUNDA_CLIENT_ID": os.environ.get("CAMUNDA_CLIENT_ID", "accounting"),
        "CAMUNDA_CLIENT_SECRET": os.environ.get("CAMUNDA_CLIENT_SECRET", "passerelle-demo"),
    }
    async with CamundaAsyncClient(configuration=settings) as client:
        client.create_job_worker(WorkerConfig(job_type=JOB_TYPE, job_timeout_milliseconds=60_000), book)
        await client.run_workers()


if __name__ == "__main__":
    asyncio.run(main())
