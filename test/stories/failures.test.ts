/** Failures, as log, page, JSON and metrics tell them side by side. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { effects } from '../../src/simulator/faults.ts';
import { createSimulator, type Simulator } from '../../src/simulator/simulator.ts';
import { simulatorConfig, startDaemon } from '../support/daemon.ts';

const id = '5df264b8f10fab7d2cad2f0d';
let simulator: Simulator;

beforeEach(async () => {
  simulator = createSimulator();
  await simulator.start();
  simulator.world.addProject({ id });
});
afterEach(() => simulator[Symbol.asyncDispose]());

const lists = ({ operation }: { operation: string }) => operation === 'v2.list';

test('the address that Atlas refuses stands in log, page and JSON, and its change is told', async () => {
  let later = 0;
  const clock = { wall: () => Date.now() + later, monotonic: () => performance.now() + later };
  const refuse = (address: string) =>
    simulator.faults.add(effects.error(403, 'IP_ADDRESS_NOT_ON_ACCESS_LIST', {}, [address]), lists);
  refuse('203.0.113.24');
  await using daemon = await startDaemon(simulatorConfig(simulator.url, [id]), { clock });
  const lines = () => daemon.log.filter(({ message }) => message === 'Poll failed');
  const told = (address: string) => ({
    reason: 'ip_access_list',
    detail: `Atlas answered 403 IP_ADDRESS_NOT_ON_ACCESS_LIST for ${address}`,
    remedy: `Put ${address} on the API access list of the API key of credential 'main' (not on the project's IP access list)`,
  });
  await daemon.until('the failures', async () => lines().length === 3);
  expect(lines()).toMatchObject(Array(3).fill(told('203.0.113.24')));
  const json = await (await daemon.get('/api/v1/connections')).json();
  expect(json).toMatchObject({ failing_sources: Array(3).fill(told('203.0.113.24')) });
  const page = await (await daemon.get('/')).text();
  expect(page).toContain('<code>Atlas answered 403 IP_ADDRESS_NOT_ON_ACCESS_LIST for 203.0.113.24</code>');
  expect(page).toContain('Put 203.0.113.24 on the API access list of the API key of credential');

  refuse('203.0.113.25');
  later = 61_000;
  await daemon.until('the other address', async () => lines().length === 6);
  expect(lines().slice(3)).toMatchObject(Array(3).fill(told('203.0.113.25')));
});

test('a source that leaves and comes back failing is logged', async () => {
  const other = simulator.world.addProject({ id: '5df264b8f10fab7d2cad2f0e' });
  simulator.faults.add(effects.error(404, 'GROUP_NOT_FOUND'), (call) => lists(call) && call.projectId === id);
  await using daemon = await startDaemon(simulatorConfig(simulator.url, [id, other.id]));
  const lines = () => daemon.log.filter(({ message }) => message === 'Poll failed');
  await daemon.until('the failures', async () => lines().length === 3);
  daemon.configure(simulatorConfig(simulator.url, [other.id]));
  await daemon.app.reload();
  daemon.configure(simulatorConfig(simulator.url, [other.id, id]));
  await daemon.app.reload();
  await daemon.until('the failures of the source that came back', async () => lines().length === 6);
});

test('a 429 without Retry-After is told while it is waited for, in log, metrics, page and JSON', async () => {
  simulator.faults.add(effects.error(429, 'RATE_LIMITED_TOKEN_BUCKET'), lists);
  await using daemon = await startDaemon(simulatorConfig(simulator.url, [id], 'poll: {schedule: "0 * * * * *"}'));
  const lines = () => daemon.log.filter(({ message }) => message === 'Poll waits for a rate limit');
  await daemon.until('the waits', async () => lines().length === 3);
  const told = { reason: 'rate_limited', detail: expect.stringContaining('429 RATE_LIMITED_TOKEN_BUCKET') };
  expect(lines()).toMatchObject(
    Array(3).fill({
      ...told,
      level: 'warn',
      wait_seconds: expect.any(Number),
      remedy: expect.stringContaining('less'),
    }),
  );
  const series = await daemon.series();
  const failing = Object.keys(series).filter((name) => /source_failure\{.*reason="rate_limited"/.test(name));
  expect(failing).toHaveLength(3);
  const json = await (await daemon.get('/api/v1/connections')).json();
  expect(json).toMatchObject({ failing_sources: Array(3).fill(told) });
  const page = await (await daemon.get('/')).text();
  expect(page).toContain('429 RATE_LIMITED_TOKEN_BUCKET');
  expect(page).not.toMatch(/wait(?:s|ing)? for (?:the|its|their) first poll/i);
});

test.each([401, 403])(
  'a %i of a web filter is told as such, and Atlas is asked again at once when it is gone',
  async (status) => {
    const filter = simulator.faults.add(effects.status(status, { Server: 'squid' }), lists);
    await using daemon = await startDaemon(
      simulatorConfig(simulator.url, [id], 'poll: {schedule: "* * * * * *", spread: 1s}'),
    );
    const lines = () => daemon.log.filter(({ message }) => message === 'Poll failed');
    await daemon.until('the failures', async () => lines().length === 3);
    const told = {
      reason: 'invalid_response',
      detail: expect.stringContaining(`${status}, not as Atlas does: text/html from squid`),
    };
    expect(lines()).toMatchObject(Array(3).fill(told));
    filter.end();
    // With an open circuit nothing would be asked for a minute.
    await daemon.until(
      'the lists',
      async () => daemon.log.filter(({ message }) => message === 'Poll recovered').length === 3,
    );
    expect(await (await daemon.get('/')).text()).not.toContain('CredentialsRejected');
  },
);
