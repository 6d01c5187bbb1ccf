import { describe, expect, test } from 'vitest';
import type { Get } from '../../../src/atlas/http/client.ts';
import { readSource } from '../../../src/atlas/lists/read.ts';
import type { Visit } from '../../../src/atlas/visit.ts';
import { settle } from '../../../src/domain/reading.ts';
import { aSource } from '../../support/builders.ts';
import { notFound, scripted } from '../fixtures.ts';

const source = aSource({ projectId: '66a1b2c3d4e5f60718293a4b' });
const service = (id: string, ...interfaceEndpoints: readonly string[]) => ({
  id,
  status: 'AVAILABLE',
  interfaceEndpoints,
});
const isList = ({ operation }: Get) => operation === 'list_connections';

/** Lists in turn (the last one again and again); every interface endpoint is there, but for the missing. */
function world(lists: readonly (readonly object[])[], missing: readonly string[]) {
  let listed = 0;
  return scripted((request) => {
    if (isList(request)) return lists[Math.min(listed++, lists.length - 1)];
    if (missing.some((id) => request.path.endsWith(`/${id}`))) throw notFound();
    return { connectionStatus: 'AVAILABLE' };
  });
}

const ids = async (visit: Visit) =>
  settle(null, await readSource(source, visit)).connections.map(({ id, interfaceEndpoints }) => [
    id,
    ...interfaceEndpoints.map(({ id, detail }) => `${id} ${detail?.status}`),
  ]);

describe('an interface endpoint that is listed but answers 404', () => {
  test('is gone when one more list lacks it; what was read before is not read again', async () => {
    const script = world([[service('s', 'a', 'b', 'c')], [service('s', 'a', 'c')]], ['b']);
    expect(await ids(script)).toEqual([['s', 'a AVAILABLE', 'c AVAILABLE']]);
    expect(script.asked.map((path) => path.split('/').at(-1))).toEqual([
      'endpointService',
      'a',
      'b',
      'c',
      'endpointService',
    ]);
  });

  test('takes its connection with it when that is no longer listed either', async () => {
    const script = world([[service('s', 'a'), service('t')], [service('t')]], ['a']);
    expect(await ids(script)).toEqual([['t']]);
  });

  test('cannot be read when it is still listed, and its neighbours are', async () => {
    const script = world([[service('s', 'a', 'b')]], ['a']);
    const { connections } = settle(null, await readSource(source, script));
    expect(connections[0]?.interfaceEndpoints).toMatchObject([
      { id: 'a', detail: null, unreadable: 'Atlas lists it and answers 404' },
      { id: 'b', detail: { status: 'AVAILABLE' } },
    ]);
    expect(script.asked.map((path) => path.split('/').at(-1))).toEqual([
      'endpointService',
      'a',
      'b',
      'endpointService',
    ]);
  });

  test('and then a new one: each leads to one more list', async () => {
    const script = world([[service('s', 'a')], [service('s', 'b')], [service('s')]], ['a', 'b']);
    expect(await ids(script)).toEqual([['s']]);
    expect(script.asked.filter((path) => path.endsWith('endpointService'))).toHaveLength(3);
  });

  test('forever ends after five lists', async () => {
    let n = 0;
    const script = scripted((request) => {
      if (isList(request)) return [service('s', `e${n++}`)];
      throw notFound();
    });
    const { connections } = await readSource(source, script);
    expect(connections[0]?.interfaceEndpoints).toMatchObject([{ id: 'e4', unreadable: expect.any(String) }]);
    expect(n).toBe(5);
  });

  test('of a second list that has new ones has them read too', async () => {
    const script = world([[service('s', 'a')], [service('s', 'z'), service('t', 'y')]], ['a']);
    expect(await ids(script)).toEqual([
      ['s', 'z AVAILABLE'],
      ['t', 'y AVAILABLE'],
    ]);
  });
});

test('a project that is not there is no matter of one endpoint', async () => {
  const script = scripted((request) => {
    if (isList(request)) return [service('s', 'a')];
    throw Object.assign(notFound(), { reason: 'project_not_found' });
  });
  await expect(readSource(source, script)).rejects.toMatchObject({ reason: 'project_not_found' });
});

test.each([
  ['a connection', [service('s'), service('s')], '"s"'],
  ['an interface endpoint', [service('s', 'a', 'a')], '"a"'],
])('%s twice is no snapshot, and nothing more is asked', async (_name, list, id) => {
  const script = world([list], []);
  await expect(readSource(source, script)).rejects.toMatchObject({ detail: `The list has ${id} twice` });
  expect(script.asked).toHaveLength(1);
});

test.each(['.', '..'])('an id that would leave its path is never asked for: %s', async (id) => {
  const script = world([[service('s', id)]], []);
  const { connections } = await readSource(source, script);
  expect(connections[0]?.interfaceEndpoints).toMatchObject([{ id, detail: null, unreadable: `"${id}" is no id` }]);
  expect(script.asked).toHaveLength(1);
});

test('every other id is one segment', async () => {
  const odd = ['/subscriptions/1/x', 'a?b', 'a#b', 'ä', '%2e%2e', "it's"];
  const script = world([[service('s', ...odd)]], []);
  await readSource(source, script);
  for (const path of script.asked.slice(1)) {
    expect(new URL(path, 'https://atlas.test').pathname.split('/')).toHaveLength(12);
  }
});

test('what is wrong with an element does not carry its text', async () => {
  const script = scripted(() => [service('s'), { id: 'x', status: { secret: 'marked' }, interfaceEndpoints: [] }]);
  const { connections } = await readSource(source, script);
  expect(connections[1]).toMatchObject({
    id: 'x',
    unreadable: 'Not what Atlas documents at status: Invalid input: expected string, received object',
  });
});

test('v1.0 has nothing of other kinds', async () => {
  const script = scripted(() => []);
  await expect(readSource(aSource({ kind: 'streams', api: 'v1.0', cloudProvider: '' }), script)).rejects.toMatchObject({
    reason: 'internal',
  });
});

test('a list with more interface endpoints than any project has is refused before one of them is asked for', async () => {
  const many = (count: number) => Array.from({ length: count }, (_, n) => `vpce-${n}`);
  const services = Array.from({ length: 3 }, (_, n) => service(`s${n}`, ...many(1_000)));
  const script = world([[...services, service('s', 'one-too-many')]], []);
  await expect(readSource(source, script)).rejects.toMatchObject({
    reason: 'invalid_response',
    detail: 'The list has 3001 interface endpoints, more than 3000',
  });
  expect(script.asked).toHaveLength(1);
});
