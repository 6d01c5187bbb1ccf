import { hash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { failureReasons } from '../../src/domain/failure.ts';
import { unreadableRemedy } from '../../src/domain/reading.ts';
import { createPages } from '../../src/pages/pages.ts';
import { type Remedy, remedies, removalBreaks } from '../../src/pages/remedies.ts';
import { aConnection, aFailure, anInterfaceEndpoint, epoch } from '../support/builders.ts';
import { aChange, aProject, aView, pageAt, projectId, textOf } from './view.ts';

const nasty = `</pre><script>alert("1")</script> & 'quotes' \0\u001b[31m \u202e`;

describe('what is broken', () => {
  const endpoint = anInterfaceEndpoint('vpce-0abc', { status: 'REJECTED', errorMessage: 'Not approved' });
  const broken = aConnection('a1', {
    status: 'FAILED',
    errorMessage: 'Endpoint vpce-0abc was not found',
    interfaceEndpoints: [endpoint],
  });
  const view = aView([aProject({}, [aConnection('a1')], [broken, aConnection('a2')])], epoch + 2 * 3_600_000 + 60_000);

  test('is told with project, cloud, region, status, time, message and what to do', async () => {
    const text = textOf(await pageAt('/', view));
    expect(text).toContain('1 connection of 2 is broken');
    expect(text).toContain('FAILED payments-prod AWS US_EAST_1');
    expect(text).toContain('Failed for at least 2 h , began between 00:00:00 and 00:01:00 UTC');
    expect(text).toContain('Atlas says, began between 00:00:00 and 00:01:00 UTC Endpoint vpce-0abc was not found');
    expect(text).toContain('REJECTED vpce-0abc for at least 2 h');
    expect(text).toContain(`What to do: ${remedies.connectionFailed.steps[0]}`);
  });

  test('links to its runbook, here or elsewhere', async () => {
    expect(await pageAt('/', view)).toContain('href="./help/AtlasPrivateEndpointFailed?atlas_project_id=');
    const answers = { view: () => view, changes: async () => [] };
    const pages = createPages({ answers, runbookBaseUrl: 'https://wiki.example/runbooks/' });
    const page = await pages.render('/', new URLSearchParams());
    expect(page?.html).toContain('href="https://wiki.example/runbooks/AtlasPrivateEndpointFailed.md"');
  });

  test('stands before what is well', async () => {
    const html = await pageAt('/', view);
    expect(html.indexOf('<article')).toBeLessThan(html.indexOf('Connections without trouble'));
  });

  test('has its past', async () => {
    const html = await pageAt('/', view, [aChange({ at: epoch + 60_000 })]);
    expect(textOf(html)).toContain('Details and history (1 change)');
    expect(html).toContain('aria-label="Timeline of the last 6 hours: 1 change, now FAILED with an error message"');
    expect(html).toMatch(/<rect class="ready presumed"[^>]*><title>AVAILABLE, as far as known, for /);
    expect(html).toMatch(/<rect class="failed"[^>]*><title>FAILED for 2 h from 2026-01-01 00:01:00 UTC/);
  });
});

describe('what cannot be read', () => {
  const view = aView([
    aProject({ id: '0'.repeat(24), name: 'one' }, [aConnection('a1')], 'forbidden'),
    aProject({ id: '1'.repeat(24), name: 'two' }, 'forbidden'),
    aProject({ id: '2'.repeat(24), name: 'three', source: { credential: 'robot' } }, 'timeout'),
  ]);

  test('is one card for each reason and credential', async () => {
    const text = textOf(await pageAt('/', view));
    expect(text).toContain('forbidden The credential may not read this Last read 2 min ago Made to fail: forbidden');
    expect(text).toContain('2 sources of 2 projects with the credential main : one two');
    expect(text).toContain('timeout Atlas did not answer in time Never read so far');
  });

  test('says of what it shows that it is old', async () => {
    expect(textOf(await pageAt('/', view))).toContain('as it was 2 min ago');
    expect(textOf(await pageAt(`/projects/${'0'.repeat(24)}`, view))).toContain('Blind: Atlas cannot be read');
  });

  test.each(failureReasons)('%s is told with what to do', async (reason) => {
    const text = textOf(await pageAt('/', aView([aProject({}, reason)])));
    expect(text).toContain(remedies[reason].title);
    expect(text).toContain(`What to do: ${remedies[reason].steps[0]}`);
  });

  test('what to do is said in the words of the failure', async () => {
    const failure = { ...aFailure('ip_access_list'), remedy: 'Put 203.0.113.24 on the API access list' };
    const text = textOf(await pageAt('/', aView([aProject({}, failure)])));
    expect(text).toContain('What to do: Put 203.0.113.24 on the API access list. Runbook');
  });

  test('what was read too long ago is told without a failure', async () => {
    const fresh = aProject({}, [aConnection('a1', { status: 'FAILED' })]);
    const sources = fresh.sources.map((status) => ({
      ...status,
      state: { ...status.state, freshness: { ...status.state.freshness, stale: true } },
    }));
    const text = textOf(await pageAt('/', aView([{ ...fresh, sources }])));
    expect(text).toContain('stale The data is old');
    expect(text).toContain('its series are no longer exposed');
  });
});

describe('freshness', () => {
  test('is told as of which poll, and when the next one is', async () => {
    const text = textOf(await pageAt('/', aView([aProject({}, [aConnection('a1')])], epoch + 12_000)));
    expect(text).toContain('Everything was read from Atlas within the last 12 s');
    expect(text).toContain('payments-prod 5df264b8f10fab7d2cad2f0d 1 ready 12 s ago in 48 s');
  });

  test('a connection is as old as its own status, whatever its interface endpoints do', async () => {
    const polls = ['PENDING_ACCEPTANCE', 'PENDING'].map((status) => [
      aConnection('a1', { interfaceEndpoints: [anInterfaceEndpoint('vpce-1', { status })] }),
    ]);
    const text = textOf(await pageAt('/', aView([aProject({}, ...polls)], epoch + 70_000)));
    expect(text).toContain('AVAILABLE for at least 1 min endpoint PENDING');
  });

  test('before the first poll', async () => {
    expect(textOf(await pageAt('/', aView([aProject({})])))).toContain('none waits for its first poll');
  });
});

describe('texts of others', () => {
  test('stay texts, and what cannot be seen becomes visible', async () => {
    const connection = aConnection('a1', {
      status: 'FAILED',
      errorMessage: nasty,
      region: nasty,
      endpointServiceName: nasty,
    });
    const project = aProject({ name: nasty, labels: { team: nasty } }, [connection]);
    const changes = [
      aChange({ type: 'error_message', change: 'set', from: null, to: nasty, interface_endpoint_id: nasty }),
    ];
    for (const path of ['/', `/projects/${projectId}`]) {
      const html = await pageAt(path, aView([project]), changes);
      expect(html.match(/<script>/g)).toHaveLength(1);
      for (const char of ['\0', '\u001b', '\u202e']) expect(html.includes(char)).toBe(false);
      expect(textOf(html)).toContain(`alert("1")</script> & 'quotes' \u2400\u241b[31m \u27e8U+202E\u27e9`);
    }
  });

  test('a message longer than anybody reads is cut, and says where the rest is', async () => {
    const connection = aConnection('a1', { status: 'FAILED', errorMessage: 'x'.repeat(64 * 1024) });
    const html = await pageAt('/', aView([aProject({}, [connection])]));
    expect(html.length).toBeLessThan(100_000);
    expect(textOf(html)).toContain('61\u00a0536 characters more as JSON');
  });

  test('the filter is shown as it was typed', async () => {
    const html = await pageAt(`/?text=${encodeURIComponent('"><script>')}`, aView([aProject({}, [aConnection('a1')])]));
    expect(html).toContain('value="&quot;&gt;&lt;script&gt;"');
    expect(textOf(html)).toContain('No connection fits the filter.');
  });
});

describe('the policy', () => {
  const { contentSecurityPolicy } = createPages({ answers: { view: () => aView([]), changes: async () => [] } });

  test('allows exactly the style and the script of the page', async () => {
    const html = await pageAt('/', aView([aProject({}, [aConnection('a1')])]));
    for (const [tag, directive] of [
      ['style', 'style-src'],
      ['script', 'script-src'],
    ] as const) {
      const [[, text = ''] = []] = [...html.matchAll(new RegExp(`<${tag}>(.*?)</${tag}>`, 'gs'))];
      expect(contentSecurityPolicy).toContain(`${directive} 'sha256-${hash('sha256', text, 'base64')}'`);
    }
    expect(html).not.toMatch(/ style="| on\w+="/);
    expect(contentSecurityPolicy).toContain("default-src 'none'");
    expect(contentSecurityPolicy).not.toContain('unsafe');
  });

  test('nothing comes from elsewhere', async () => {
    const html = await pageAt('/', aView([aProject({}, [aConnection('a1', { status: 'FAILED' })])]));
    expect(html.match(/(?:href|src|action)="(?!\.{1,2}\/|#|\?|data:)[^"]*"/g)).toBeNull();
  });
});

describe('pages', () => {
  test('there is one for each project, and none for others', async () => {
    const view = aView([aProject({ orgId: 'org', labels: { team: 'payments' } }, [aConnection('a1')])]);
    const text = textOf(await pageAt(`/projects/${projectId}`, view));
    expect(text).toContain('All projects / payments-prod');
    expect(text).toContain('cluster AWS 1 connection 2 min ago now 0 * * * * * main, v2');
    expect(text).toContain('team=payments');
    for (const path of ['/projects/ffffffffffffffffffffffff', '/projects/x', '/other'])
      expect(await pageAt(path, view)).toBe('');
  });

  test('a removal that was asked for is told in words', async () => {
    const change = aChange({ type: 'delete_requested', interface_endpoint_id: 'vpce-1', from: null, to: null });
    const html = await pageAt('/', aView([aProject({}, [aConnection('a1')])]), [change]);
    expect(textOf(html)).toMatch(/interface endpoint vpce-1 somebody asked for its removal/);
  });

  test('what cannot be read says why and what to do, and leads to the runbook of its alert', async () => {
    const unreadable = 'Atlas lists it and answers 404';
    const view = aView([aProject({}, [{ ...aConnection('a1'), unreadable }])]);
    const answers = { view: () => view, changes: async () => [] };
    const pages = createPages({ answers, runbookBaseUrl: 'https://wiki.example/runbooks/' });
    const html = (await pages.render('/', new URLSearchParams()))?.html ?? '';
    expect(textOf(html)).toContain(unreadable);
    expect(textOf(html)).toContain(`What to do: ${unreadableRemedy}.`);
    expect(html).toContain('href="https://wiki.example/runbooks/AtlasPrivateEndpointUnreadable.md"');
  });

  test('the help page has a place for every runbook', async () => {
    const html = await pageAt('/help', aView([]));
    for (const { slug, runbook } of Object.values(remedies)) {
      expect(html).toContain(`<section id="${slug}"`);
      expect(existsSync(new URL(`../../docs/runbooks/${runbook}.md`, import.meta.url)), runbook).toBe(true);
    }
  });

  test('every id stands once', async () => {
    const connections = ['a1', 'a2', 'a3'].map((id) => aConnection(id, { status: 'FAILED' }));
    const html = await pageAt('/', aView([aProject({}, 'tls'), aProject({ id: '1'.repeat(24) }, connections)]));
    const ids = [...html.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const [, id] of html.matchAll(/aria-labelledby="([^"]*)"/g)) expect(ids).toContain(id);
  });
});

test('every remedy of a connection looks first, and what breaks something stands last, with what it breaks', async () => {
  for (const { title, steps, lastResort } of Object.values<Remedy>(remedies)) {
    expect(steps[0], title).not.toMatch(/\b(?:delete|remove) (?:this|the|a) (?:connection|endpoint|interface)/i);
    if (lastResort !== undefined) expect(lastResort).toContain(removalBreaks);
  }
  expect(textOf(await pageAt('/help', aView([])))).toContain('Last, because it breaks something:');
});
