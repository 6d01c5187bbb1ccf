import { describe, expect, test } from 'vitest';
import { parseServices } from '../../../src/atlas/lists/v2.ts';

const service = (overrides: object) => ({ id: 's', status: 'AVAILABLE', interfaceEndpoints: [], ...overrides });
const read = (overrides: object) => parseServices([service({}), service({ id: 't', ...overrides })], 'AWS')[1];

describe('a limit of length', () => {
  test('of ids: the list is refused, because a neighbour might be taken for it', () => {
    expect(read({ id: 'i'.repeat(1_024) })?.unreadable).toBeUndefined();
    expect(() => read({ id: 'i'.repeat(1_025) })).toThrow(
      'Element 1 is not what Atlas documents at id: a text of 1025 characters, more than 1024',
    );
  });

  test.each(['status', 'regionName', 'endpointServiceName'])('of %s: that element alone cannot be read', (field) => {
    expect(read({ [field]: 'x'.repeat(2_048) })?.unreadable).toBeUndefined();
    expect(read({ [field]: 'x'.repeat(2_049) })?.unreadable).toContain(`${field}: a text of 2049 characters`);
  });
});

describe('characters that steer a terminal', () => {
  test.each(['a\nb', 'a\u001bb', 'a\u202eb', 'a\u2028b', 'a\ud800b'])('are none of an id: %j', (id) => {
    expect(() => read({ id })).toThrow('Element 1 is not what Atlas documents at id: Invalid text');
  });

  test('are left out of every other field', () => {
    expect(read({ status: 'OD\u202eD', regionName: 'US\u001b[31m_1', endpointServiceName: 'a\nb' })).toMatchObject({
      status: 'ODD',
      region: 'US[31m_1',
      endpointServiceName: 'a b',
    });
  });
});
