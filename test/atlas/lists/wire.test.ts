import { describe, expect, test } from 'vitest';
import { parseInterfaceEndpoint, parseServices } from '../../../src/atlas/lists/v2.ts';

const service = (overrides: object) => ({ id: 's', status: 'AVAILABLE', interfaceEndpoints: [], ...overrides });
const read = async (overrides: object) =>
  (await parseServices([service({}), service({ id: 't', ...overrides })], 'AWS'))[1];

describe('a limit of length', () => {
  test('of ids: the list is refused, because a neighbour might be taken for it', async () => {
    expect((await read({ id: 'i'.repeat(1_024) }))?.unreadable).toBeUndefined();
    await expect(read({ id: 'i'.repeat(1_025) })).rejects.toThrow(
      'Element 1 is not what Atlas documents at id: a text of 1025 characters, more than 1024',
    );
  });

  test.each(['status', 'regionName', 'endpointServiceName'])(
    'of %s: that element alone cannot be read',
    async (field) => {
      expect((await read({ [field]: 'x'.repeat(2_048) }))?.unreadable).toBeUndefined();
      expect((await read({ [field]: 'x'.repeat(2_049) }))?.unreadable).toContain(`${field}: a text of 2049 characters`);
    },
  );
});

describe('a limit of number', () => {
  test('of elements: the list is refused', async () => {
    const services = (count: number) => Array.from({ length: count }, (_, n) => service({ id: `s${n}` }));
    expect(await parseServices(services(1_000), 'AWS')).toHaveLength(1_000);
    await expect(parseServices(services(1_001), 'AWS')).rejects.toThrow('The list has 1001 elements, more than 1000');
  });

  test('of interface endpoints of a connection: that one alone cannot be read', async () => {
    const ids = (count: number) => Array.from({ length: count }, (_, n) => `vpce-${n}`);
    expect((await read({ interfaceEndpoints: ids(1_000) }))?.interfaceEndpoints).toHaveLength(1_000);
    expect(await read({ interfaceEndpoints: ids(1_001) })).toMatchObject({
      interfaceEndpoints: null,
      unreadable: 'Not what Atlas documents at interfaceEndpoints: more than 1000 elements',
    });
  });

  test('of members of an interface endpoint: it alone cannot be read', () => {
    const endpoints = (count: number) => Array.from({ length: count }, (_, n) => ({ endpointName: `e${n}` }));
    const read = (count: number) => parseInterfaceEndpoint({ status: 'AVAILABLE', endpoints: endpoints(count) }, 'GCP');
    expect(read(1_000).members).toEqual({ OTHER: 1_000 });
    expect(() => read(1_001)).toThrow('at endpoints: more than 1000 elements');
  });
});

describe('characters that steer a terminal', () => {
  test.each(['a\nb', 'a\u001bb', 'a\u202eb', 'a\u2028b', 'a\ud800b'])('are none of an id: %j', async (id) => {
    await expect(read({ id })).rejects.toThrow('Element 1 is not what Atlas documents at id: Invalid text');
  });

  test('are left out of every other field', async () => {
    expect(
      await read({ status: 'OD\u202eD', regionName: 'US\u001b[31m_1', endpointServiceName: 'a\nb' }),
    ).toMatchObject({
      status: 'ODD',
      region: 'US[31m_1',
      endpointServiceName: 'a b',
    });
  });
});
