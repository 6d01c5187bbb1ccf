import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { axeViolations, launchBrowser, looks, visit } from './browser-support.ts';
import { startDaemon } from './process.ts';

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());

/** `SCREENSHOTS=docs` renews the ones of the documentation. */
const folder = process.env['SCREENSHOTS'] ?? mkdtempSync(join(tmpdir(), 'screenshots-'));

test('the demo breaks something, and the page shows it as it happens', { timeout: 600_000 }, async () => {
  await using demo = await startDaemon('demo');
  const { page, complaints } = await visit(browser, `http://${demo.address}/`, looks[0]);
  // The page refreshes itself; the demo goes through everything in two minutes.
  const card = page.locator('.card.failed:has(pre)').first();
  await page.locator('.changes li').first().waitFor({ timeout: 180_000 });
  await card.waitFor({ timeout: 180_000 });
  expect(await page.getByRole('heading', { level: 1 }).innerText()).toMatch(/ broken$/);
  expect(await card.innerText()).toMatch(
    /for at least \d+ (?:s|min), (?:began (?:between \d{2}:\d{2}|before)|since before we looked)/,
  );
  expect(await card.innerText()).toContain('What to do');
  // The demo breaks links and clusters; every list of it can be read.
  expect(await page.getByText('cannot be read').count()).toBe(0);
  expect(await card.locator('svg.timeline rect').count()).toBeGreaterThan(1);
  expect(await axeViolations(page)).toEqual([]);
  expect(complaints).toEqual([]);

  if (process.env['SCREENSHOTS'] !== undefined) {
    // A history that is worth a picture.
    await page.locator('.changes li').nth(19).waitFor({ timeout: 180_000 });
    await card.waitFor({ timeout: 180_000 });
  }
  for (const look of looks) {
    const { page: shown } = await visit(browser, `http://${demo.address}/`, look);
    await shown.screenshot({ path: join(folder, `status-page-${look.name.replace(' ', '-')}.png`) });
    await shown.context().close();
  }
  await card.locator('h3 a').click();
  await page.waitForURL(/\/projects\/[0-9a-f]{24}$/);
  expect(await axeViolations(page)).toEqual([]);
  expect(complaints).toEqual([]);
});
