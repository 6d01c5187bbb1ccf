import { describe, expect, test } from 'vitest';
import { remedies } from '../../src/pages/remedies.ts';
import { aChange, aProject, aView, pageAt, projectId, textOf } from '../pages/view.ts';
import { aConnection, anInterfaceEndpoint, epoch } from '../support/builders.ts';

describe('the kind of a connection', () => {
  const backup = { kind: 'backup' } as const;
  const page = async (source: { kind?: 'backup' }, status: string) =>
    textOf(await pageAt('/', aView([aProject({ source }, [aConnection('a1', { status })])])));

  test('is told wherever it stands, on a card, in the headline and in the table', async () => {
    const broken = await page(backup, 'FAILED');
    expect(broken).toContain('payments-prod, AWS US_EAST_1 backup : failed for at least 2 min');
    expect(broken).toContain('FAILED payments-prod AWS US_EAST_1 backup');
    expect(await page(backup, 'ACTIVE')).toContain('payments-prod a1 AWS US_EAST_1 backup ACTIVE');
    const change = aChange({ kind: 'streams', cloud_provider: '', to: 'DONE' });
    const changes = textOf(await pageAt('/', aView([aProject({}, [])]), [change]));
    expect(changes).toContain('payments-prod streams a1 went from AVAILABLE to DONE');
  });

  test('is not told of clusters', async () => {
    const text = await page({}, 'AVAILABLE');
    expect(text).toContain('payments-prod a1 AWS US_EAST_1 AVAILABLE');
  });

  test('is told of what cannot be read, where not clusters alone are blind', async () => {
    const projects = [aProject({ source: backup }, 'forbidden')];
    expect(textOf(await pageAt('/', aView(projects)))).toContain('1 source (backup) of 1 project');
    expect(textOf(await pageAt('/', aView([aProject({}, 'forbidden')])))).toContain('1 source of 1 project');
  });
});

describe('what waits for a person', () => {
  const advice = async (kind: 'cluster' | 'encryption_at_rest', connection: ReturnType<typeof aConnection>) =>
    textOf(await pageAt('/', aView([aProject({ source: { kind } }, [connection])], epoch)));

  test('is approved in the cloud where a request is pending', async () => {
    const text = await advice('encryption_at_rest', aConnection('a1', { status: 'PENDING_ACCEPTANCE' }));
    expect(text).toContain(`What to do: ${remedies.approve.steps[0]}`);
  });

  test('is made in the cloud where an interface endpoint is missing', async () => {
    const interfaceEndpoints = [anInterfaceEndpoint('vpce-1', { status: 'NONE' })];
    const text = await advice('cluster', aConnection('a1', { interfaceEndpoints }));
    expect(text).toContain(`What to do: ${remedies.needsUser.steps[0]}`);
  });
});

test.each([
  [true, 'Regional mode on: several endpoints may be in one region'],
  [false, 'Regional mode off'],
])('the regional mode of a project stands on its page: %s', async (regionalMode, words) => {
  const view = aView([aProject({ facts: { regionalMode } }, [aConnection('a1')])]);
  expect(textOf(await pageAt(`/projects/${projectId}`, view))).toContain(words);
  const unknown = aView([aProject({}, [aConnection('a1')])]);
  expect(textOf(await pageAt(`/projects/${projectId}`, unknown))).not.toContain('Regional mode');
});

test('the limits of a project stand on its page, and what is nearly used up with what that means', async () => {
  const limits = [
    { limit: 'nodes_per_private_link_region', value: 50, usage: 47 },
    { limit: 'private_service_connections_per_region_group', value: 50, usage: 3 },
  ] as const;
  const view = aView([aProject({ facts: { limits } }, [aConnection('a1')])]);
  expect(textOf(await pageAt(`/projects/${projectId}`, view))).toContain(
    'Limits 47 of 50 addressable nodes in a region behind AWS PrivateLink: at the limit new clusters get no private endpoint 3 of 50 private service connections in a region group of Google Cloud',
  );
});
