import { expect, test } from 'vitest';
import { holdsWords } from '../../src/domain/search.ts';
import { aConnection, anInterfaceEndpoint, aSource } from '../support/builders.ts';

const project = { id: '5df264b8f10fab7d2cad2f0d', name: 'Payments Prod', labels: { team: 'checkout' } };
const endpoint = anInterfaceEndpoint('vpce-7', { status: 'REJECTED', errorMessage: 'Not approved' });
const connection = aConnection('66b1', { errorMessage: 'Limit reached', interfaceEndpoints: [endpoint] });

test.each([
  'AWS',
  'AVAILABLE',
  'rejected vpce-7',
  'checkout limit',
  'approved us_east_1 payments cluster',
  '66b1 5df2',
  'vpce-svc-66b1',
  '  ',
])('%j is found', (text) => {
  expect(holdsWords(text, project, aSource({ cloudProvider: 'AWS' }), connection)).toBe(true);
});

test.each(['GCP', 'payments shop', 'team'])('%j is not', (text) => {
  expect(holdsWords(text, project, aSource({ cloudProvider: 'AWS' }), connection)).toBe(false);
});
