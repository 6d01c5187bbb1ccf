import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { provideTool } from '../../tools/provide.ts';

const root = new URL('../../../', import.meta.url).pathname;
const text = readFileSync(`${root}.github/workflows/release.yaml`, 'utf8');

/** What actionlint says of a workflow; '' when nothing. */
function complaints(workflow: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'workflow-'));
  try {
    mkdirSync(join(folder, '.github/workflows'), { recursive: true });
    const file = join(folder, '.github/workflows/release.yaml');
    writeFileSync(file, workflow);
    const { actionlint = '' } = provideTool('actionlint');
    const { stdout, stderr, status } = spawnSync(actionlint, ['-no-color', file], { encoding: 'utf8' });
    expect([0, 1]).toContain(status);
    return stdout + stderr;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test('actionlint finds nothing in the release workflow', () => {
  expect(complaints(text)).toBe('');
});

test('actionlint would find an output that no job has', () => {
  expect(complaints(text.replaceAll('outputs.version }}', 'outputs.edition }}'))).toContain('"edition" is not defined');
});
