import { describe, expect, test } from 'vitest';
import {
  connectionClass,
  connectionStatuses,
  interfaceEndpointClass,
  interfaceEndpointStatuses,
  shownStatus,
} from '../../src/domain/status.ts';

describe('connectionClass', () => {
  test.each([
    ['v2', 'INITIATING', 0, 'progressing'],
    ['v2', 'AVAILABLE', 0, 'ready'],
    ['v2', 'WAITING_FOR_USER', 2, 'needs_user'],
    ['v2', 'FAILED', 1, 'failed'],
    ['v2', 'DELETING', 1, 'deleting'],
    ['v1.0', 'WAITING_FOR_USER', 0, 'needs_user'],
    ['v1.0', 'WAITING_FOR_USER', 1, 'ready'],
    ['v1.0', 'FAILED', 1, 'failed'],
    ['v2', 'MELTING', 1, 'unknown'],
    ['v2', 'constructor', 0, 'unknown'],
    ['v2', '__proto__', 0, 'unknown'],
  ] as const)('on %s %s with %d interface endpoints is %s', (api, status, interfaceEndpoints, meaning) => {
    expect(connectionClass('cluster', api, status, interfaceEndpoints)).toBe(meaning);
  });

  test('on v2 WAITING_FOR_USER is ready once an interface endpoint is', () => {
    expect(connectionClass('cluster', 'v2', 'WAITING_FOR_USER', 2, 1)).toBe('ready');
    expect(connectionClass('cluster', 'v2', 'FAILED', 2, 1)).toBe('failed');
  });
});

describe('interfaceEndpointClass', () => {
  test.each([
    ['AWS', 'NONE', 'needs_user'],
    ['AWS', 'PENDING_ACCEPTANCE', 'progressing'],
    ['AWS', 'REJECTED', 'failed'],
    ['AWS', 'VERIFIED', 'unknown'],
    ['AZURE', 'INITIATING', 'progressing'],
    ['AZURE', 'AVAILABLE', 'ready'],
    ['GCP', 'VERIFIED', 'progressing'],
    ['GCP', 'DELETED', 'deleting'],
  ] as const)('%s %s is %s', (cloudProvider, status, meaning) => {
    expect(interfaceEndpointClass('cluster', cloudProvider, status)).toBe(meaning);
  });
});

test('every status that is shown, OTHER last', () => {
  expect(connectionStatuses('cluster')).toEqual([
    'INITIATING',
    'WAITING_FOR_USER',
    'AVAILABLE',
    'FAILED',
    'DELETING',
    'OTHER',
  ]);
  expect(interfaceEndpointStatuses('cluster', 'AWS')).toEqual([
    'NONE',
    'PENDING_ACCEPTANCE',
    'PENDING',
    'AVAILABLE',
    'REJECTED',
    'DELETING',
    'FAILED',
    'OTHER',
  ]);
  expect(interfaceEndpointStatuses('cluster', 'AZURE')).toEqual([
    'INITIATING',
    'AVAILABLE',
    'FAILED',
    'DELETING',
    'OTHER',
  ]);
  expect(shownStatus(connectionStatuses('cluster'), 'MELTING')).toBe('OTHER');
});
