// The JavaScript client @camunda8/orchestration-cluster-api, unmodified; settings come from the environment, files from the arguments.
globalThis.File ??= (await import("node:buffer")).File; // Node 18 has it, but not as a global
import assert from 'node:assert/strict';

import createCamundaClient from '@camunda8/orchestration-cluster-api';

import { refused, until } from './until.mjs';

const now = { consistency: { waitUpToMs: 0 } };
const client = createCamundaClient();
const start = async (processDefinitionId, variables = {}) =>
  (await client.createProcessInstance({ processDefinitionId, variables })).processInstanceKey;
const tasks = async (processInstanceKey) =>
  (await client.searchUserTasks({ filter: { processInstanceKey, state: { $in: ['CREATED', 'COMPLETED'] } }, page: { limit: 10 } }, now)).items;
const incidents = async () => (await client.searchIncidents({ filter: { state: 'ACTIVE' } }, now)).items;
const state = async (processInstanceKey) => (await client.getProcessInstance({ processInstanceKey }, now)).state;

const deployed = await client.deployResourcesFromFiles(process.argv.slice(2));
assert.deepEqual(
  deployed.processes.map((one) => one.processDefinitionId),
  ['ordering', 'waiting'],
);
assert.equal((await client.getTopology()).clusterSize, 1);

// jobs by hand, then the task
const key = await start('ordering', { pieces: 3 });
const activated = await client.activateJobs({ type: 'ship', timeout: 30_000, maxJobsToActivate: 5, requestTimeout: 2000, worker: 'by hand' });
const job = activated.jobs ? activated.jobs[0] : activated[0];
assert.deepEqual(job.variables, { pieces: 3 });
await client.completeJob({ jobKey: job.jobKey, variables: { tracking: 'x1' } });
const [task] = await tasks(key);
const userTaskKey = task.userTaskKey;
await client.assignUserTask({ userTaskKey, assignee: 'member' });
assert.equal((await client.getUserTask({ userTaskKey }, now)).assignee, 'member');
await client.unassignUserTask({ userTaskKey });
await client.completeUserTask({ userTaskKey, variables: { fine: true } });
assert.equal(await state(key), 'COMPLETED');
const variables = await client.searchVariables({ filter: { processInstanceKey: key, name: { $like: 't*' } } }, now);
assert.deepEqual(
  variables.items.map((one) => [one.name, one.value]),
  [['tracking', '"x1"']],
);

// what is refused
assert.equal((await refused(() => client.completeUserTask({ userTaskKey, variables: {} }))).status, 409);
assert.equal((await refused(() => client.completeJob({ jobKey: job.jobKey }))).status, 409);
assert.equal((await refused(() => client.getUserTask({ userTaskKey: '1' }, now))).status, 404);
assert.equal((await refused(() => start('nobody'))).status, 404);

// messages
const waiting = await start('waiting', { order: '7' });
await client.publishMessage({ name: 'paid', correlationKey: '7', timeToLive: 60_000, variables: { amount: 5 } });
assert.equal(await state(waiting), 'COMPLETED');

// a worker completes, fails and throws
let repaired = false;
const worker = client.createJobWorker({
  jobType: 'ship',
  workerName: 'shipper',
  maxParallelJobs: 5,
  jobTimeoutMs: 30_000,
  pollIntervalMs: 50,
  jobHandler: (job) => {
    if ('stock' in job.variables) return job.error({ errorCode: 'NO_STOCK', errorMessage: 'empty shelf' });
    if ('broken' in job.variables && !repaired) return job.fail({ errorMessage: 'sunk', retries: 0 });
    return job.complete({ tracking: 'x1' });
  },
});
const good = await start('ordering');
const bad = await start('ordering', { stock: 0 });
const broken = await start('ordering', { broken: true });
await until(async () => (await tasks(good)).length === 1);
await until(async () => (await state(bad)) === 'COMPLETED');
const [incident] = await until(async () => {
  const found = await incidents();
  return found.length ? found : null;
});
assert.equal(incident.errorMessage, 'sunk');
repaired = true;
await client.updateJob({ jobKey: incident.jobKey, changeset: { retries: 1 } });
await client.resolveIncident({ incidentKey: incident.incidentKey });
await until(async () => (await tasks(broken)).length === 1);
assert.deepEqual(await incidents(), []);
worker.stop();

console.log('all of it');
process.exit(0);
