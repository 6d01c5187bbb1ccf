/** What goes wrong with Atlas, for the kinds whose lists come in pages: each trouble has its reason, and none is a snapshot. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { listsOf } from '../../src/domain/status.ts';
import { type Effect, effects } from '../../src/simulator/faults.ts';
import { createSimulator, type Simulator } from '../../src/simulator/simulator.ts';
import type { OtherKind, SimulatedProject } from '../../src/simulator/world/model.ts';
import { otherKinds } from '../../src/simulator/world/other-kinds.ts';
import { atlasFor, how, reasonOf } from '../support/atlas.ts';
import { aSource } from '../support/builders.ts';

const id = '66a1b2c3d4e5f60718293a4b';
let simulator: Simulator;
let project: SimulatedProject;
beforeEach(async () => {
  simulator = createSimulator();
  await simulator.start();
  project = simulator.world.addProject({ id });
});
afterEach(() => simulator[Symbol.asyncDispose]());

const others = Object.keys(otherKinds) as OtherKind[];
const right = (body: string | Buffer) => effects.body(() => body);
/** Of all kinds at once: what a kind does not know it does not read. */
const element = { id: '1', _id: '1', endpointId: '1', provider: 'AWS', cloudProvider: 'AWS', status: 'A', state: 'A' };
const page = (...results: readonly object[]) => right(JSON.stringify({ links: [], results }));

const troubles: readonly (readonly [name: string, effect: Effect, reason: string])[] = [
  ['401 of a bad key', effects.error(401, 'UNEXPECTED_ERROR'), 'unauthorized'],
  ['401 of a role', effects.error(401, 'USER_UNAUTHORIZED'), 'forbidden'],
  ['403 of a role', effects.error(403, 'ACCESS_FORBIDDEN'), 'forbidden'],
  ['403 access list', effects.error(403, 'IP_ADDRESS_NOT_ON_ACCESS_LIST'), 'ip_access_list'],
  ['404 project', effects.error(404, 'GROUP_NOT_FOUND'), 'project_not_found'],
  ['404 of the list', effects.error(404, 'RESOURCE_NOT_FOUND'), 'not_supported'],
  ['406', effects.error(406, 'INVALID_VERSION_DATE'), 'not_supported'],
  ['500', effects.error(500, 'UNEXPECTED_ERROR'), 'server_error'],
  ['503 in HTML', effects.status(503), 'server_error'],
  ['silence', effects.silence(), 'timeout'],
  ['a reset', effects.reset(), 'network'],
  ['a reset in the body', effects.resetInBody(), 'network'],
  ['HTML', right('<html></html>'), 'invalid_response'],
  ['half of it', effects.body((body) => body.slice(0, body.length / 2)), 'invalid_response'],
  ['a bare list', right('[]'), 'invalid_response'],
  ['results that are no list', right('{"results":{}}'), 'invalid_response'],
  ['a null element', right('{"results":[null]}'), 'invalid_response'],
  ['an empty list that counts some', right('{"results":[],"totalCount":3}'), 'invalid_response'],
  ['a status that is none', page({ ...element, status: null, state: 7 }), 'nothing'],
  ['an id twice', page(element, element), 'invalid_response'],
  ['50 MB', effects.gzipBomb(50 * 1024 * 1024), 'invalid_response'],
  ['missing nullable keys', page(element), 'nothing'],
  ['null for what may be missing', page({ ...element, errorMessage: null, region: null, regionName: null }), 'nothing'],
  ['keys that nobody knows', page({ ...element, constructor: 1, hasOwnProperty: 2, future: {} }), 'nothing'],
  ['a lower-case status', page({ ...element, status: 'failed', state: 'failed' }), 'nothing'],
];

describe.each(others)('%s', (kind) => {
  const source = aSource({ projectId: id, kind, cloudProvider: listsOf(kind)[0] ?? '' });
  const mine = ({ operation }: { operation: string }) => operation === `v2.${kind}`;

  test.each(troubles)('%s', async (_name, effect, reason) => {
    simulator.faults.add(effect, mine);
    const timeoutMs = reason === 'timeout' ? 300 : 20_000;
    await using atlas = atlasFor(simulator, { timeoutMs, retries: 1 });
    expect(await reasonOf(atlas.fetchReading(source, how(50_000)))).toBe(reason);
  });

  test.each([
    ['fails', effects.error(500, 'UNEXPECTED_ERROR'), 'server_error'],
    ['is cut short', right('{"results":[{}],"totalCount":501}'), 'invalid_response'],
    ['comes empty', right('{"links":[],"results":[],"totalCount":501}'), 'invalid_response'],
  ])('a second page that %s is no snapshot', async (_name, effect, reason) => {
    for (let n = 0; n < 501; n++) simulator.world.addOtherEndpoint(project, { kind });
    // Only while the pages are read the first time: what is missing then and there afterwards has changed.
    simulator.faults.add(effect, (call) => mine(call) && call.target.includes('pageNum=2'), 1);
    await using atlas = atlasFor(simulator, { retries: 0, timeoutMs: 20_000 });
    expect(await reasonOf(atlas.fetchReading(source, how(50_000)))).toBe(reason);
  });

  test('a limit is waited for, and the poll comes through', async () => {
    simulator.world.addOtherEndpoint(project, { kind });
    const limited = effects.error(429, 'RATE_LIMITED_TOKEN_BUCKET', { 'Retry-After': '1' });
    const fault = simulator.faults.add(limited, mine, 1);
    await using atlas = atlasFor(simulator, { pause: async () => {} });
    expect((await atlas.fetchReading(source, how())).connections).toHaveLength(1);
    expect(fault.met).toBe(1);
  });
});
