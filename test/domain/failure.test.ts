import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { failureGuide, failureReasons } from '../../src/domain/failure.ts';

test.each(failureReasons)('%s says what to do in one sentence without a full stop', (reason) => {
  const { title, meaning, remedy, more } = failureGuide[reason];
  expect(remedy).toMatch(/^[A-Z].*[^.]$/);
  expect(title).toMatch(/^[A-Z].*[^.]$/);
  for (const sentence of [meaning, ...more]) expect(sentence).toMatch(/^[A-Z].*\.$/);
});

test.each(['docs/runbooks/AtlasPrivateEndpointPollFailing.md', 'README.md'])(
  '%s says of each reason what the catalogue says',
  (file) => {
    const text = readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');
    const [, table = ''] = text.split('| reason | what it means | what to do |');
    const rows = [...(table.split('\n\n')[0] ?? '').matchAll(/^\| `(\w+)` \| (.+?) \| (.+?) \|$/gm)].map(
      ([, ...cells]) => cells,
    );
    expect(rows).toEqual(
      failureReasons.map((reason) => [reason, failureGuide[reason].title, failureGuide[reason].remedy]),
    );
  },
);

test.each(['README.md', 'docs/kinds.md', 'docs/runbooks/AtlasPrivateEndpointPollFailing.md'])(
  '%s says what to do about a v1.0 that is gone',
  (file) => {
    const text = readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8').replace(/\s+/g, ' ');
    expect(text).toMatch(/v1\.0\b[^:]* 404 or 410[^:]* gone[^:]*: set `atlas\.api: v2`/);
  },
);

const ofDiscovery = ['DiscoveryFailing', 'NoProjects'].map((name) => `docs/runbooks/AtlasPrivateEndpoint${name}.md`);

test.each(['README.md', ...ofDiscovery])(
  '%s names the role that discovery needs, and the one that is too little',
  (file) => {
    const text = readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8').replace(/\s+/g, ' ');
    expect(text).toMatch(
      /\*Organization Read Only\*[^.]*\ban \*Organization Member\* (?:sees|reaches) only the projects that it was added to/,
    );
  },
);
