"""Accounting's part of the motor claim: books payments. Runs beside the server, on the official Camunda 8 Python client.

    make worker

CAMUNDA_REST_ADDRESS (default http://127.0.0.1:8080) says where the server is; CAMUNDA_CLIENT_ID and CAMUNDA_CLIENT_SECRET
who asks (default: the demo's accounting); LOG_LEVEL=DEBUG tells what the client does.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import os
from typing import Any

from camunda_orchestration_sdk import CamundaAsyncClient
from camunda_orchestration_sdk.runtime.job_worker import ConnectedJobContext, WorkerConfig

ADDRESS = os.environ.get("CAMUNDA_REST_ADDRESS", "http://127.0.0.1:8080").removesuffix("/v2").rstrip("/")


async def book(job: ConnectedJobContext) -> dict[str, Any]:
    """Pay the amount out. The reference is made from the job's key: doing it twice pays once."""
    reference = "PAY-" + hashlib.sha256(str(job.job_key).encode()).hexdigest()[:6].upper()
    print(f"{reference}: {job.variables.to_dict().get('payout')} EUR paid", flush=True)
    return {"paymentReference": reference}


async def main() -> None:
    settings = {
        "CAMUNDA_REST_ADDRESS": ADDRESS,
        "CAMUNDA_AUTH_STRATEGY": "OAUTH",
        "CAMUNDA_OAUTH_URL": f"{ADDRESS}/oauth/token",
        "CAMUNDA_CLIENT_ID": os.environ.get("CAMUNDA_CLIENT_ID", "accounting"),
        "CAMUNDA_CLIENT_SECRET": os.environ.get("CAMUNDA_CLIENT_SECRET", "passerelle-demo"),
    }
    # without a logger of ours the client writes a line for each of its steps
    async with CamundaAsyncClient(configuration=settings, logger=logging.getLogger("camunda")) as client:
        config = WorkerConfig(job_type="book-payment", job_timeout_milliseconds=60_000, worker_name="accounting")
        client.create_job_worker(config, book, execution_strategy="async")
        print(f"Waiting for payments to book at {ADDRESS}", flush=True)
        await client.run_workers()


if __name__ == "__main__":
    logging.basicConfig(level=os.environ.get("LOG_LEVEL", "WARNING").upper())
    asyncio.run(main())
