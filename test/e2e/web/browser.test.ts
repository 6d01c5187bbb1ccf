import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RecordedChange } from '../../../src/domain/change-log.ts';
import type { FleetView } from '../../../src/domain/view.ts';
import { createPages } from '../../../src/pages/pages.ts';
import { fakeAnswers, fakeServer } from '../../http/fakes.ts';
import { aChange, aProject, aView, projectId } from '../../pages/view.ts';
import { aConnection, anInterfaceEndpoint, epoch, type Poll } from '../../support/builders.ts';
import { axeViolations, launchBrowser, looks, visit } from './browser-support.ts';

const nasty = `<img src=x onerror="alert(1)"></pre><script>alert("2")</script> 'single' & "double" \0\u001b[31m\u202e end`;
const well = aConnection('66b1d2e3f405162738495a01', { region: 'EU_WEST_1' });
const endpoint = anInterfaceEndpoint('vpce-0a1b2c3d4e5f60721', { status: 'REJECTED', errorMessage: 'Not approved' });
const broken = aConnection('66b1d2e3f405162738495a02', {
  status: 'FAILED',
  errorMessage: nasty,
  interfaceEndpoints: [endpoint],
});
const waiting = aConnection('66b1d2e3f405162738495a03', { status: 'INITIATING', cloudProvider: 'AWS' });
const otherProject = '6df264b8f10fab7d2cad2f0d';
const others = Array.from({ length: 40 }, (_, index) => aConnection(`66c1d2e3f40516273849${1000 + index}`));

function aFleet(...polls: readonly Poll[]): FleetView {
  return aView(
    [
      aProject({ labels: { team: 'payments' }, orgId: '65f00a1b2c3d4e5f60718290' }, ...polls),
      aProject({ id: otherProject, name: 'shop-prod', source: { cloudProvider: 'GCP' } }, others),
      aProject({ id: 'f'.repeat(24), name: 'locked' }, [well], 'ip_access_list'),
    ],
    epoch + 3_600_000,
  );
}

const changes: readonly RecordedChange[] = [
  aChange({ id: 1, at: epoch + 600_000, connection_id: broken.id }),
  aChange({
    id: 2,
    at: epoch + 700_000,
    connection_id: broken.id,
    type: 'error_message',
    change: 'set',
    from: null,
    to: nasty,
  }),
];

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());

/** A server whose fleet the test changes under the page. */
async function serve(first: FleetView) {
  const now = { view: first };
  const answers = fakeAnswers({
    view: () => now.view,
    changes: async ({ projectId: id, limit }) =>
      changes
        .filter((change) => id === undefined || id === change.atlas_project_id)
        .toReversed()
        .slice(0, limit),
  });
  const server = await fakeServer({ answers, pages: createPages({ answers }) });
  return Object.assign(server, { show: (view: FleetView) => Object.assign(now, { view }) });
}

/** Every size in light and dark is the matter of browser-sizes.test.ts. */
describe.each([looks[0], looks[3]])('$name', (look) => {
  test.each(['/', `/projects/${projectId}`, `/projects/${'f'.repeat(24)}`, '/help', '/?text=nothing'])(
    '%s: nothing to complain about',
    async (path) => {
      await using server = await serve(aFleet([broken, well, waiting]));
      const { page, complaints } = await visit(browser, `${server.url}${path}`, look);
      for (const summary of await page.locator('summary').all()) await summary.click();
      expect(await axeViolations(page)).toEqual([]);
      expect(complaints).toEqual([]);
      const overflow = await page.evaluate('document.documentElement.scrollWidth - innerWidth');
      expect(overflow).toBeLessThanOrEqual(0);
      await page.context().close();
    },
  );
});

test('axe finds what is to be found', async () => {
  const page = await browser.newPage();
  await page.setContent('<main><h1>x</h1><p style="color:#999;background:#fff">faint</p><img src="data:,"></main>');
  const found = await axeViolations(page);
  expect(found.map((line) => line.split(':')[0])).toEqual(expect.arrayContaining(['color-contrast', 'image-alt']));
  await page.close();
});

test('what is broken is in sight at once', async () => {
  await using server = await serve(aFleet([broken, well]));
  const { page } = await visit(browser, server.url, looks[0]);
  expect(await page.title()).toBe('1 broken \u00b7 Atlas private endpoints');
  const first = page.locator('.newest a').first();
  expect(await first.innerText()).toBe('payments-prod, AWS US_EAST_1');
  expect((await first.boundingBox())?.y).toBeLessThan(900);
  await first.click();
  await page.waitForURL(/\/projects\//);
  const card = page.locator('article').filter({ hasText: broken.id }).first();
  expect((await card.boundingBox())?.y).toBeLessThan(900);
});

test('an error message is text, whatever it holds', async () => {
  await using server = await serve(aFleet([broken]));
  const { page, complaints } = await visit(browser, server.url);
  const message = await page.locator('.card pre').first().innerText();
  expect(message).toBe(
    `<img src=x onerror="alert(1)"></pre><script>alert("2")</script> 'single' & "double" \u2400\u241b[31m\u27e8U+202E\u27e9 end`,
  );
  expect(await page.locator('main img, main script').count()).toBe(0);
  expect(complaints).toEqual([]);
});

describe('filters', () => {
  test('work as one types, without another page', async () => {
    await using server = await serve(aFleet([broken, well]));
    const { page, complaints } = await visit(browser, server.url);
    await page.evaluate('window.stayed = true');
    await page.getByRole('searchbox').fill('shop');
    await page.getByRole('heading', { name: '40 of 43 connections' }).waitFor();
    expect(page.url()).toContain('?text=shop');
    await page.getByRole('searchbox').fill('');
    await page.getByLabel('Status').selectOption('failed');
    await page.getByRole('heading', { name: '1 of 43 connections' }).waitFor();
    await page.getByLabel('Cloud').selectOption('AWS');
    await page.waitForURL(/provider=AWS/);
    expect(await page.evaluate('window.stayed')).toBe(true);
    expect(complaints).toEqual([]);
  });

  test('work without JavaScript', async () => {
    await using server = await serve(aFleet([broken, well]));
    const { page } = await visit(browser, server.url, { javaScriptEnabled: false });
    expect(await page.getByRole('button', { name: 'Live' }).count()).toBe(0);
    await page.getByRole('searchbox').fill('shop');
    await page.getByRole('button', { name: 'Filter' }).click();
    await page.getByRole('heading', { name: '40 of 43 connections' }).waitFor();
    await page.getByRole('link', { name: 'Next' }).first().click();
    await page.waitForURL(/page=2/);
    expect(await page.locator('table.connections tbody tr').count()).toBe(10);
    await page.getByRole('link', { name: 'Show all' }).click();
    await page.getByRole('heading', { name: '43 connections' }).waitFor();
  });
});

describe('refreshing', () => {
  const refresh = async (page: import('playwright-core').Page) => {
    const button = page.getByRole('button', { name: 'Live' });
    await button.evaluate((element: { click(): void }) => element.click());
    await button.evaluate((element: { click(): void }) => element.click());
  };

  test('keeps scroll, focus, selection and what was opened', async () => {
    await using server = await serve(aFleet([broken, well]));
    const { page, complaints } = await visit(browser, server.url, looks[0]);
    const summary = page.locator('.card summary').last();
    await summary.click();
    await summary.focus();
    await page.evaluate('scrollTo(0, 600)');
    const top = await page.evaluate('scrollY');

    server.show(
      aFleet([broken, well], [broken, { ...well, status: 'FAILED' }], [broken, { ...well, status: 'FAILED' }]),
    );
    await refresh(page);
    await page.getByRole('heading', { name: '2 connections of 43 are broken' }).waitFor();
    expect(await page.title()).toBe('2 broken \u00b7 Atlas private endpoints');
    expect(await page.locator('.card details[open]').count()).toBe(1);
    expect(await page.evaluate('document.activeElement.tagName')).toBe('SUMMARY');
    expect(await page.evaluate(`document.activeElement.closest('li').id`)).toContain(broken.id);
    expect(await page.evaluate('scrollY')).toBeGreaterThanOrEqual(top as number);

    server.show(aFleet([well]));
    await refresh(page);
    await page.getByRole('heading', { name: 'Some sources cannot be read' }).waitFor();
    expect(await page.locator('.card summary').count()).toBe(0);
    expect(complaints).toEqual([]);
  });

  test('shows the same as a page that was loaded anew', async () => {
    await using server = await serve(aFleet([well]));
    const { page } = await visit(browser, server.url);
    const fleets = [
      aFleet([broken, well]),
      aFleet([waiting, broken]),
      aFleet([]),
      aView([]),
      aFleet('timeout'),
      aFleet([well, waiting]),
    ];
    for (const fleet of fleets) {
      server.show(fleet);
      await refresh(page);
      const anew = (await (await fetch(server.url)).text()).replace(/^.*<main>|<\/main>.*$/gs, '');
      const wanted = await page.evaluate(
        `(() => { const t = document.createElement('template'); t.innerHTML = ${JSON.stringify(anew)}; t.content.querySelector('#filter')?.remove(); return t.innerHTML.trim(); })()`,
      );
      await expect
        .poll(() =>
          page.evaluate(
            `(() => { const m = document.querySelector('main').cloneNode(true); m.querySelector('#filter')?.remove(); return m.innerHTML.trim(); })()`,
          ),
        )
        .toBe(wanted);
    }
  });

  test('says so when the exporter is gone, and goes on when it is paused', async () => {
    const server = await serve(aFleet([well]));
    const { page } = await visit(browser, server.url);
    const button = page.getByRole('button', { name: 'Live' });
    expect(await button.getAttribute('aria-pressed')).toBe('true');
    await button.click();
    expect(await button.getAttribute('aria-pressed')).toBe('false');
    await server.close(0);
    await button.click();
    await page.getByRole('alert').waitFor();
    expect(await page.getByRole('alert').innerText()).toContain('does not answer');
    expect(await page.title()).toContain('No answer');
  });
});

test('the keyboard comes first to the connections', async () => {
  await using server = await serve(aFleet([broken, well]));
  const { page } = await visit(browser, server.url);
  await page.keyboard.press('Tab');
  expect(await page.evaluate('document.activeElement.textContent')).toBe('Skip to the connections');
  await page.keyboard.press('Enter');
  expect(await page.evaluate('document.activeElement.id')).toBe('connections');
});
