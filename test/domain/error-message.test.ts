import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  errorClass,
  errorDigest,
  normaliseErrorMessage,
  shownErrorMessage,
  toErrorMessage,
} from '../../src/domain/error-message.ts';

const among = (names: readonly string[]) => (name: string) => names.includes(name);
const isNone = among([]);

test.each([
  [null, null],
  [undefined, null],
  ['', null],
  [' \n\t', null],
  [' kept as it is ', ' kept as it is '],
])('toErrorMessage(%j) is %j', (text, message) => {
  expect(toErrorMessage(text)).toBe(message);
});

describe('a message of over 16 KiB', () => {
  test('does not keep the rest of it in memory', () => {
    setFlagsFromString('--expose-gc');
    const gc: unknown = runInNewContext('gc');
    const heapMb = () => {
      if (typeof gc === 'function') gc();
      return process.memoryUsage().heapUsed / 2 ** 20;
    };
    const before = heapMb();
    const kept = Array.from({ length: 50 }, (_, n) => toErrorMessage(JSON.parse(`"${'x'.repeat(2 ** 20)}${n}"`)));
    // 50 MB in all, of which 1 MB is kept.
    expect(heapMb() - before).toBeLessThan(15);
    expect(kept).toHaveLength(50);
  });

  const long = (tail: string) => `Endpoint vpce-1 failed. ${'x'.repeat(300_000)}${tail}`;

  test('is kept with a mark at its end, and two of them differ when they did', () => {
    const [a, b] = [toErrorMessage(long('1')) ?? '', toErrorMessage(long('2')) ?? ''];
    expect(a).toMatch(/^Endpoint vpce-1 failed\. x+\n\[cut from 300025 characters, SHA-256 [0-9a-f]{64}\]$/);
    expect(a.length).toBeLessThan(16_384 + 200);
    expect(a).toBe(toErrorMessage(long('1')));
    expect(a).not.toBe(b);
    expect(normaliseErrorMessage(a, isNone)).not.toBe(normaliseErrorMessage(b, isNone));
  });

  test('of just that length is whole, and no character is cut in two', () => {
    expect(toErrorMessage('x'.repeat(16_384))).toHaveLength(16_384);
    expect(toErrorMessage(`${'x'.repeat(16_383)}😀`)?.isWellFormed()).toBe(true);
  });
});

/** How long this thread works on it, in ms: the best of three. What else the machine does is not counted. */
function bestOf3(work: () => void): number {
  const times = [1, 2, 3].map(() => {
    const start = process.threadCpuUsage();
    work();
    return process.threadCpuUsage(start).user / 1000;
  });
  return Math.min(...times);
}

test('a text of megabytes is judged by its first KiB, and costs no more than that', () => {
  const huge = 'endpoint code=x a@ 0: us- '.repeat(1_000_000);
  const work = (text: string) => () => {
    errorClass(text);
    normaliseErrorMessage(text, isNone);
  };
  expect(errorClass(`${'x '.repeat(512)}code=x message=y`)).toBe('other');
  expect(bestOf3(work(huge))).toBeLessThan(20 * Math.max(0.5, bestOf3(work(huge.slice(0, 1_024)))));
});

describe('normaliseErrorMessage', () => {
  const same: readonly (readonly [string, string, string])[] = [
    ['numbers', 'Request 4711 failed after 3 tries', 'Request 12 failed after 9 tries'],
    ['AWS ids', 'vpce-0a1b2c3d4e5f60711 is gone', 'vpce-ffffffffffffffff1 is gone'],
    ['ARNs', 'arn:aws:iam::123456789012:role/atlas may not', 'arn:aws:iam::210987654321:role/other may not'],
    ['addresses', 'No route to 10.0.0.1', 'No route to 192.168.12.250'],
    ['IPv6 addresses', 'No route to 2001:db8::1 now', 'No route to fe80:0:0:0:1:2:3:4 now'],
    ['UUIDs', 'operation 1f2e3d4c-5b6a-4798-8897-a6b5c4d3e2f1', 'operation 9a8b7c6d-5e4f-4a3b-9c2d-1e0f9a8b7c6d'],
    ['Atlas ids', 'service 66b1d2e3f405162738495a61', 'service 66b1d2e3f405162738495a62'],
    ['Azure paths', '/subscriptions/1/resourceGroups/a/x was denied', '/subscriptions/2/resourceGroups/b/y was denied'],
    ['white space', 'not  found\n', 'not found'],
  ];
  test.each(same)('takes %s for the same', (_what, a, b) => {
    expect(normaliseErrorMessage(a, isNone)).toBe(normaliseErrorMessage(b, isNone));
  });

  test('keeps the ids of interface endpoints that are known', () => {
    const known = ['vpce-0a1b2c3d4e5f60711', 'vpce-0a1b2c3d4e5f60712'];
    const [a, b] = known.map((id) =>
      normaliseErrorMessage(`Interface endpoint ${id} was not found, request 7`, among(known)),
    );
    expect(a).toBe('Interface endpoint vpce-0a1b2c3d4e5f60711 was not found, request <n>');
    expect(a).not.toBe(b);
  });

  test.each([
    ['region of AWS', 'No service in us-east-1, request 7', 'No service in us-east-2, request 9'],
    ['region of AWS in an ARN', 'arn:aws:ec2:eu-west-1:1:x broke', 'arn:aws:ec2:eu-west-2:1:x broke'],
    ['region of GCP', 'Service in europe-west1 is gone', 'Service in europe-west3 is gone'],
    ['region of Azure', 'No room in eastus2', 'No room in eastus3'],
    ['region of Atlas', 'US_EAST_1 is full', 'US_EAST_2 is full'],
  ])('another %s is another message', (_what, a, b) => {
    expect(normaliseErrorMessage(a, isNone)).not.toBe(normaliseErrorMessage(b, isNone));
    expect(normaliseErrorMessage(a, isNone)).toBe(normaliseErrorMessage(a.replace('request 7', 'request 8'), isNone));
  });

  test('another member of a group that is known is another message', () => {
    const known = ['atlas-psc-grp', 'atlas-psc-grp-1', 'atlas-psc-grp-2'];
    const [a, b] = [1, 2].map((n) =>
      normaliseErrorMessage(`Forwarding rule atlas-psc-grp-${n} was not found.`, among(known)),
    );
    expect(a).not.toBe(b);
  });

  test.each([
    'Endpoint (%).',
    'endpoint=%, request',
    'endpoint:%:',
    'arn:aws:ec2:us-east-1:1:vpc-endpoint/%',
    '"%"',
    '<%>!',
  ])('keeps a name wherever it stands: %s', (text) => {
    const names = ['vpce-1', 'vpce-2', '/subscriptions/1/resourceGroups/a(b)/providers/x.y/1'];
    const [a, b, c] = names.map((name) => normaliseErrorMessage(text.replace('%', name), among(names)));
    expect(a).toContain('vpce-1');
    expect(b).toContain('vpce-2');
    if (!text.includes('=') && !text.includes(':')) expect(c).toContain(names[2]);
  });

  test('of a long text the rest stays as it is', () => {
    const text = `Request 1 failed ${'x'.repeat(2_000)} at 10.0.0.1`;
    expect(normaliseErrorMessage(text, isNone)).toMatch(/^Request <n> failed x{2000} at 10\.0\.0\.1$/);
  });

  test('an id that is part of another is not mistaken for it', () => {
    expect(normaliseErrorMessage('atlas-psc-12 broke', among(['atlas-psc-1', 'atlas-psc-12']))).toBe(
      'atlas-psc-12 broke',
    );
  });

  test('whatever the text, it ends, and does so once', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 300 }),
        fc.array(fc.string({ maxLength: 8 })),
        (text, known) => {
          expect(typeof normaliseErrorMessage(text, among(known))).toBe('string');
        },
      ),
    );
  });
});

test('the digest is the first 8 hex digits of the SHA-256', () => {
  expect(errorDigest('abc')).toBe('ba7816bf');
});

test.each([
  ['Interface endpoint vpce-1 was not found.', 'endpoint_not_found'],
  [
    'Failed to accept interface endpoint due to an unexpected error with code=X and message=Y from AWS API.',
    'cloud_api_error',
  ],
  ['Connection request removed, recreating endpoint', 'recreating'],
  ['Private endpoint connection could not be approved.', 'not_approved'],
  ['Failed to create the endpoint service.', 'creation_failed'],
  ['The quota of load balancers is exceeded.', 'quota_exceeded'],
  ['Forwarding rule atlas-1 was not found.', 'endpoint_not_found'],
  ['The namespace was not found.', 'not_found'],
  ['Something went wrong', 'other'],
  ['It was not found, so there is no endpoint', 'not_found'],
  ['message=Y code=X', 'other'],
  ['code=X\nand message=Y', 'cloud_api_error'],
  [`${'x'.repeat(5_000)} was not found`, 'other'],
])('%s is %s', (text, found) => {
  expect(errorClass(text)).toBe(found);
});

describe('shownErrorMessage', () => {
  test('is one line without control characters', () => {
    expect(shownErrorMessage('a\nb\r\nc\u2028d\u0000e\u001b[31mf')).toBe('a b c de[31mf');
  });
  test('is cut at 300 code points, not in the middle of one', () => {
    expect([...shownErrorMessage('😀'.repeat(400))]).toHaveLength(300);
    expect(shownErrorMessage('x'.repeat(300))).toHaveLength(300);
    expect(shownErrorMessage(`😀${'x'.repeat(70_000)}`)).toHaveLength(301);
  });
  test('has no lone surrogate', () => {
    expect(shownErrorMessage('a\ud800b').isWellFormed()).toBe(true);
  });
});
