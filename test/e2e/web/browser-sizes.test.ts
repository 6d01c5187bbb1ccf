import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { FleetView } from '../../../src/domain/view.ts';
import { createPages } from '../../../src/pages/pages.ts';
import { fakeAnswers, fakeServer } from '../../http/fakes.ts';
import { aChange, aProject, aView, projectId } from '../../pages/view.ts';
import { aConnection, anInterfaceEndpoint, epoch } from '../../support/builders.ts';
import { axeViolations, launchBrowser, visit } from './browser-support.ts';

/** Where the pictures of the last run lie, for people. */
const folder = join(import.meta.dirname, '../../../coverage/screenshots');

const hour = 3_600_000;
const longName = 'a'.repeat(64);
const longId = `/subscriptions/${'0a'.repeat(16)}/resourceGroups/${longName}/providers/Microsoft.Network/privateEndpoints/${longName}`;
const named = aConnection(longName.replaceAll('a', 'b'), {
  status: 'FAILED',
  region: longName.toUpperCase(),
  errorMessage: `Interface endpoint ${longId} was not found`,
  endpointServiceName: longId,
  interfaceEndpoints: [anInterfaceEndpoint(longId, { status: 'REJECTED', errorMessage: longName })],
});
const well = aConnection('66b1d2e3f405162738495a01');
const many = Array.from({ length: 500 }, (_, n) =>
  aConnection(`66c1d2e3f40516273849${1000 + n}`, {
    status: 'FAILED',
    errorMessage: `Endpoint vpce-${1000 + n} is gone`,
  }),
);
const view = (projects: Parameters<typeof aView>[0]) => aView(projects, epoch + hour);

const states: readonly (readonly [string, FleetView, RegExp])[] = [
  [
    'names',
    view([aProject({ name: longName, labels: { team: longName } }, [named, well])]),
    /1 connection of 2 is broken/,
  ],
  ['500-failures', view([aProject({}, many)]), /and 497 more/],
  ['blind', view([aProject({}, [well], 'timeout')]), /Blind/],
  ['fresh', view([aProject({})]), /Waiting for the first poll/],
  ['empty', view([aProject({}, [])]), /Looked for cluster \(AWS\)/],
];
const changes = [
  aChange({ at: epoch + 600_000, not_before: epoch, connection_id: named.id, to: longName.toUpperCase() }),
  aChange({ id: 2, at: epoch + 700_000, type: 'error_message', change: 'set', from: null, to: longId }),
];

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());

const looks = [320, 768, 1280].flatMap((width) =>
  (['light', 'dark'] as const).map((colorScheme) => ({ viewport: { width, height: 900 }, colorScheme })),
);

test.each(looks)('$viewport.width px, $colorScheme: nothing runs out of the page, axe is content', async (look) => {
  const shown = { view: view([]) };
  const answers = fakeAnswers({
    view: () => shown.view,
    changes: async ({ limit }) => changes.toReversed().slice(0, limit),
  });
  const atlasUrl = () => 'https://cloud.mongodb.com';
  await using server = await fakeServer({ answers, pages: createPages({ answers, atlasUrl }) });
  const { page, complaints } = await visit(browser, server.url, look);
  const check = async (name: string, words: RegExp) => {
    expect(await page.locator('main').innerText(), name).toMatch(words);
    expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth'), name).toBeLessThanOrEqual(0);
    // A column that leaves the screen inside its table widens no page.
    expect(
      await page.evaluate(
        `[...document.querySelectorAll('td, th, .card *')].filter((part) => part.getBoundingClientRect().right > innerWidth + 1).length`,
      ),
      name,
    ).toBe(0);
    expect(await axeViolations(page), name).toEqual([]);
    await page.screenshot({ path: join(folder, `${look.viewport.width}-${look.colorScheme}-${name}.png`) });
  };
  for (const [name, state, words] of states) {
    shown.view = state;
    await page.goto(server.url);
    for (const summary of await page.locator('summary').all()) await summary.click();
    await check(name, words);
  }
  shown.view = states[0]?.[1] ?? shown.view;
  await page.goto(`${server.url}/changes`);
  await check('changes', /between .* and .* UTC/);
  await page.goto(
    `${server.url}/help/AtlasPrivateEndpointFailed?atlas_project_id=${projectId}&connection_id=${named.id}`,
  );
  await check('runbook', /PROJECT=/);
  expect(complaints).toEqual([]);
  await page.context().close();
});
