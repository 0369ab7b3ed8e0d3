// The older JavaScript client @camunda8/sdk, unmodified (its REST part); settings come from the environment, files from the arguments.
import assert from 'node:assert/strict';

import sdk from '@camunda8/sdk';

import { refused, until } from './until.mjs';

const client = new sdk.Camunda8().getCamundaRestClient();
const start = async (processDefinitionId, variables = {}) =>
  (await client.createProcessInstance({ processDefinitionId, variables })).processInstanceKey;
const tasks = async (processInstanceKey) => (await client.searchUserTasks({ filter: { processInstanceKey } })).items;
const incidents = async () => (await client.searchIncidents({ filter: { state: 'ACTIVE' } })).items;
const state = async (processInstanceKey) => (await client.searchProcessInstances({ filter: { processInstanceKey } })).items[0].state;
const statusOf = (error) => error.statusCode ?? error.response?.statusCode ?? error.status;

const deployed = await client.deployResourcesFromFiles(process.argv.slice(2));
assert.deepEqual(
  deployed.processes.map((one) => one.processDefinitionId),
  ['ordering', 'waiting'],
);
assert.equal((await client.getTopology()).clusterSize, 1);

// jobs by hand, then the task
const key = await start('ordering', { pieces: 3 });
const [job] = await client.activateJobs({ type: 'ship', timeout: 30_000, maxJobsToActivate: 5, requestTimeout: 2000, worker: 'by hand' });
assert.equal(job.variables.pieces, 3);
await job.complete({ tracking: 'x1' });
const [task] = await tasks(key);
const userTaskKey = task.userTaskKey;
await client.assignUserTask({ userTaskKey, assignee: 'member', allowOverride: true, action: 'assign' });
assert.equal((await client.getUserTask(userTaskKey)).assignee, 'member');
await client.unassignUserTask({ userTaskKey });
await client.completeUserTask({ userTaskKey, variables: { fine: true } });
assert.equal(await state(key), 'COMPLETED');

// what is refused
assert.equal(statusOf(await refused(() => client.completeUserTask({ userTaskKey, variables: {} }))), 409);
assert.equal(statusOf(await refused(() => client.getUserTask('1'))), 404);
assert.equal(statusOf(await refused(() => start('nobody'))), 404);

// messages
const waiting = await start('waiting', { order: '7' });
await client.publishMessage({ name: 'paid', correlationKey: '7', timeToLive: 60_000, variables: { amount: 5 } });
assert.equal(await state(waiting), 'COMPLETED');

// a worker completes, fails and throws
let repaired = false;
client.createJobWorker({
  type: 'ship',
  worker: 'shipper',
  maxJobsToActivate: 5,
  timeout: 30_000,
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
await client.updateJob({ jobKey: incident.jobKey, retries: 1 });
await client.resolveIncident(incident.incidentKey);
await until(async () => (await tasks(broken)).length === 1);
client.stopWorkers();

console.log('all of it');
process.exit(0);
