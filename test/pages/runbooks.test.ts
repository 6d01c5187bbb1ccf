import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { fillIn, runbookNames, withoutBlocks } from '../../src/pages/runbooks.ts';
import { aConnection } from '../support/builders.ts';
import { aProject, aView, pageAt, projectId, textOf } from './view.ts';

const folder = new URL('../../docs/runbooks/', import.meta.url);
const endpoint = '/subscriptions/0a/resourceGroups/rg-(1)/providers/Microsoft.Network/privateEndpoints/pe';
const view = aView([
  aProject({}, [aConnection('66b1d2e3f405162738495a01', { status: 'FAILED', errorMessage: 'No quota' })]),
]);
const search = (values: Readonly<Record<string, string>>) => new URLSearchParams(values);

test('every runbook is a page', async () => {
  const names = await runbookNames();
  expect(names).toHaveLength(readdirSync(folder).filter((file) => file !== 'README.md').length);
  for (const name of names) {
    const html = await pageAt(`/help/${name}`, view);
    expect(html, name).toContain(`<h1>${readFileSync(new URL(`${name}.md`, folder), 'utf8').match(/^# (.*)/)?.[1]}`);
    expect(html, name).not.toMatch(/href="[^"]*\.md/);
  }
});

test('the ids of the query stand in the commands, and the connection above them as it is now', async () => {
  const ids = search({ atlas_project_id: projectId, connection_id: '66b1d2e3f405162738495a01', cloud_provider: 'GCP' });
  const text = textOf(await pageAt(`/help/AtlasPrivateEndpointFailed?${ids}`, view));
  expect(text).toContain(`PROJECT=${projectId} # label atlas_project_id`);
  expect(text).toContain('CONNECTION=66b1d2e3f405162738495a01 # label connection_id');
  expect(text).toContain('CLOUD=GCP # label cloud_provider');
  expect(text).toContain('About payments-prod, AWS US_EAST_1 : now failed (FAILED)');
  expect(text).toContain('No quota');
});

describe('commands on an interface endpoint', () => {
  const names = readdirSync(folder).filter((file) =>
    readFileSync(new URL(file, folder), 'utf8').includes('where the alert has the label'),
  );
  const ofConnection = { atlas_project_id: projectId, connection_id: '66b1d2e3f405162738495a01' };
  const page = (name: string, ids: Readonly<Record<string, string>>) =>
    pageAt(`/help/${name.replace('.md', '')}?${search(ids)}`, view);

  test('stand in some runbooks', () => expect(names.length).toBeGreaterThan(5));

  test.each(names)('%s: only where the alert has one, and where it is about no alert', async (name) => {
    const [without, of, about] = await Promise.all([
      page(name, { ...ofConnection, interface_endpoint_id: '' }),
      page(name, { ...ofConnection, interface_endpoint_id: endpoint }),
      page(name, {}),
    ]);
    expect(textOf(without)).not.toMatch(/\bENDPOINT\b|where the alert has the label/);
    expect(textOf(without)).toContain('CONNECTION=66b1d2e3f405162738495a01');
    expect(textOf(of)).toContain(`ENDPOINT='${endpoint}'`);
    expect(textOf(about)).toContain('ENDPOINT=vpce-0123456789abcdef0');
    // What comes after the block stays.
    const text = readFileSync(new URL(name, folder), 'utf8');
    const mitigation = (part: string) => part.slice(part.indexOf('## Mitigation'));
    expect(mitigation(withoutBlocks(text, search(ofConnection)))).toBe(mitigation(text));
  });
});

test.each(['/help/AtlasPrivateEndpointNothing', '/help/README', '/help/..%2f..%2fpackage', '/help/constructor'])(
  '%s is no page',
  async (path) => {
    expect(await pageAt(path, view)).toBe('');
  },
);

describe('a value in a command', () => {
  const line = 'ENDPOINT=vpce-0123456789abcdef0       # label interface_endpoint_id, if it has one';
  test.each([
    ['a word stays a word', 'vpce-1', 'ENDPOINT=vpce-1 #'],
    ['one with signs of the shell is in quotes', endpoint, `ENDPOINT='${endpoint}' #`],
    ['a command is in quotes', '$(rm -rf /)', "ENDPOINT='$(rm -rf /)' #"],
    ['one that could leave the quotes is left out', "x' ; rm -rf / #", 'ENDPOINT=vpce-0123456789abcdef0'],
    ['one of two lines is left out', 'x\nrm -rf /', 'ENDPOINT=vpce-0123456789abcdef0'],
    ['none is left out', '', 'ENDPOINT=vpce-0123456789abcdef0'],
  ])('%s', (_, value, expected) => {
    expect(fillIn(line, search({ interface_endpoint_id: value })).startsWith(expected)).toBe(true);
  });
});

test('what breaks something comes last in a runbook, and says for whom', () => {
  const destructive = /\b(?:delete|remove|removing|detach|pause)\b/;
  const ofTheConfig = /`projects`|from providers or kinds/;
  const found: string[] = [];
  for (const name of readdirSync(folder).filter((file) => file !== 'README.md')) {
    const sections = readFileSync(new URL(name, folder), 'utf8').split(/^## /m);
    const mitigation = sections.find((section) => section.startsWith('Mitigation')) ?? '';
    const steps = mitigation.split(/^\d+\. /m).slice(1);
    for (const [index, step] of steps.entries()) {
      if (!destructive.test(step) || ofTheConfig.test(step)) continue;
      found.push(name);
      expect([name, index + 1, step.startsWith('Last')]).toEqual([name, steps.length, true]);
      expect(step, name).toMatch(/clusters?|applications?|connection strings?/);
    }
  }
  expect(found.length).toBeGreaterThan(6);
});

test('no value becomes a tag', async () => {
  const html = await pageAt(`/help/AtlasPrivateEndpointFailed?${search({ connection_id: '<img src=x>' })}`, view);
  expect(html).not.toContain('<img');
  expect(html).toContain('&lt;img src=x&gt;');
});

/** Steps that take something away from whoever uses it. */
const destructive = /\b(?:delet(?:e|ing)|remov(?:e|ing)) (?:the|this|it|a|one|old)\b/i;

test.each(['Failed', 'Stuck', 'ErrorPresent', 'WaitingForUser'])(
  'the mitigation of %s does not begin with what breaks something, and says what that breaks',
  (name) => {
    const text = readFileSync(new URL(`AtlasPrivateEndpoint${name}.md`, folder), 'utf8').replace(/\n {2,}/g, ' ');
    const steps =
      text
        .split('## Mitigation')[1]
        ?.split('\n##')[0]
        ?.match(/^\d\. .*$/gm) ?? [];
    expect(steps.length).toBeGreaterThan(1);
    expect(steps[0]).not.toMatch(destructive);
    const breaking = steps.filter((step) => destructive.test(step) && !/what is left/.test(step));
    for (const step of breaking) expect(step).toMatch(/cluster|connection string/);
  },
);
