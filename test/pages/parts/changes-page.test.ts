import { expect, test } from 'vitest';
import { aConnection, epoch } from '../../support/builders.ts';
import { aChange, aProject, aView, pageAt, projectId, textOf } from '../view.ts';

const day = 24 * 3_600_000;
const view = aView([aProject({}, [aConnection('a1')])], epoch + 2 * day);
const changes = [
  aChange({ id: 1, at: epoch + 60_000, not_before: epoch - 3_600_000 }),
  aChange({
    id: 2,
    at: epoch + day + 72_000_000,
    not_before: epoch + day + 71_820_000,
    from: 'FAILED',
    to: 'AVAILABLE',
  }),
  aChange({ id: 3, at: epoch + 2 * day - 60_000, not_before: epoch + 2 * day - 90_000, connection_id: 'b2' }),
];

test('the newest stand first, below their days, between which polls they happened', async () => {
  const html = await pageAt('/changes', view, changes);
  expect([...html.matchAll(/<h2 id="d-([^"]+)"/g)].map(([, date]) => date)).toEqual(['2026-01-02', '2026-01-01']);
  const text = textOf(html);
  expect(text.indexOf('b2')).toBeLessThan(text.indexOf('a1'));
  expect(text).toContain('between 23:58:30 and 23:59:00 UTC payments-prod');
  expect(text).toContain('between 19:57 and 20:00 UTC payments-prod AWS a1 went from FAILED to AVAILABLE');
  expect(text).toContain('between 2025-12-31 23:00 and 2026-01-01 00:01 UTC payments-prod');
});

test.each([
  ['text=b2+PROD', 1],
  ['text=recovered', 0],
  ['text=available', 3],
  ['type=status', 3],
  ['type=removed', 0],
  ['type=nonsense', 3],
  [`atlas_project_id=${'0'.repeat(24)}`, 0],
  [`atlas_project_id=${projectId}`, 3],
  ['before=3', 2],
])('%s shows %i', async (search, shown) => {
  const html = await pageAt(`/changes?${search}`, view, changes);
  expect(html.match(/class="when"/g) ?? []).toHaveLength(shown);
});

test('older pages begin where the last one ended', async () => {
  const many = Array.from({ length: 130 }, (_, index) => aChange({ id: index + 1, at: epoch + index * 1000 }));
  const first = await pageAt('/changes?type=status', view, many);
  expect(first).toContain('href="?type=status&amp;before=31"');
  const second = await pageAt('/changes?type=status&before=31', view, many);
  expect(second.match(/class="when"/g)).toHaveLength(30);
  expect(second).not.toContain('>Older<');
});
