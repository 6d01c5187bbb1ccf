/** The words of every kind as Atlas documents them, written out once more: what each means, and what follows from it. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { inTransition } from '../../src/domain/poll.ts';
import {
  type CloudProvider,
  type ConnectionKind,
  connectionClass,
  connectionKinds,
  connectionStatuses,
  interfaceEndpointStatuses,
  listsOf,
  type StatusClass,
  stuckAfterMs,
} from '../../src/domain/status.ts';
import { toRows } from '../../src/pages/facts/standing.ts';
import { aView, aProject as projectOf } from '../pages/view.ts';
import { aConnection, aSource, at, epoch, polled } from '../support/builders.ts';

interface Documented {
  readonly lists: readonly string[];
  readonly words: Readonly<Record<string, StatusClass>>;
  /** How long it may take when all is well. */
  readonly usualMinutes: number;
}

const approved = {
  INITIATING: 'progressing',
  PENDING_ACCEPTANCE: 'needs_user',
  ACTIVE: 'ready',
  FAILED: 'failed',
  PENDING_RECREATION: 'progressing',
  DELETING: 'deleting',
} as const;

const documented: Readonly<Record<ConnectionKind, Documented>> = {
  cluster: {
    lists: ['AWS', 'AZURE', 'GCP'],
    words: {
      INITIATING: 'progressing',
      WAITING_FOR_USER: 'needs_user',
      AVAILABLE: 'ready',
      FAILED: 'failed',
      DELETING: 'deleting',
    },
    usualMinutes: 5,
  },
  managed_connection_strings: {
    lists: [''],
    words: { PENDING: 'progressing', AVAILABLE: 'ready', FAILED: 'failed' },
    usualMinutes: 20,
  },
  data_federation: {
    lists: [''],
    words: { PENDING: 'progressing', OK: 'ready', FAILED: 'failed', DELETING: 'deleting' },
    usualMinutes: 10,
  },
  streams: {
    lists: [''],
    words: {
      IDLE: 'progressing',
      WORKING: 'progressing',
      DONE: 'ready',
      FAILED: 'failed',
      DELETE_REQUESTED: 'deleting',
      DELETING: 'deleting',
    },
    usualMinutes: 35,
  },
  encryption_at_rest: { lists: ['AWS', 'AZURE'], words: approved, usualMinutes: 10 },
  backup: { lists: ['AWS'], words: approved, usualMinutes: 10 },
};

const hour = 60 * 60_000;
const sourceOf = (kind: ConnectionKind) =>
  aSource({ kind, cloudProvider: (listsOf(kind)[0] ?? '') as CloudProvider | '' });
const words = connectionKinds.flatMap((kind) =>
  Object.entries(documented[kind].words).map(([status, meaning]) => [kind, status, meaning] as const),
);

test.each(connectionKinds)('%s: its lists and its words, and OTHER for what Atlas invents later', (kind) => {
  const { lists, words } = documented[kind];
  expect(listsOf(kind)).toEqual(lists);
  expect(connectionStatuses(kind)).toEqual([...Object.keys(words), 'OTHER']);
  expect(connectionClass(kind, 'v2', 'HIBERNATING', 0)).toBe('unknown');
  if (kind !== 'cluster') expect(interfaceEndpointStatuses(kind, 'AWS')).toEqual(['OTHER']);
});

describe.each(words)('%s %s', (kind, status, meaning) => {
  const source = sourceOf(kind);
  const poll = [aConnection('c1', { status })];
  const passing = meaning === 'progressing' || meaning === 'deleting';

  test(`is ${meaning}`, () => {
    expect(connectionClass(kind, 'v2', status, 0)).toBe(meaning);
  });

  test(passing ? 'is polled by the fast schedule for as long as is usual' : 'needs no fast schedule', () => {
    const state = polled(source, poll);
    expect(inTransition(source, state, at(documented[kind].usualMinutes * 60_000), hour)).toBe(passing);
    expect(inTransition(source, state, at(hour), hour)).toBe(false);
  });

  test('stands on the status page by what it means, and is stuck in its time', async () => {
    const standing = async (ageMs: number) => {
      const rows = await toRows(aView([projectOf({ source: { ...source } }, poll)], epoch + ageMs));
      return rows.map((row) => row.standing);
    };
    const usual = passing ? 'moving' : meaning;
    expect(await standing(0)).toEqual([usual]);
    const limit = meaning === 'deleting' ? 2 * hour : stuckAfterMs(kind);
    expect(await standing(limit)).toEqual([usual]);
    expect(await standing(limit + 60_000)).toEqual([passing ? 'stuck' : usual]);
  });
});

test.each(connectionKinds)('%s is stuck only after much more than is usual', (kind) => {
  expect(stuckAfterMs(kind)).toBeGreaterThan(2 * documented[kind].usualMinutes * 60_000);
});

test('the table in docs/kinds.md is the one of the code', async () => {
  const path = new URL('../../docs/kinds.md', import.meta.url);
  const text = readFileSync(path, 'utf8');
  const classes = ['progressing', 'needs_user', 'ready', 'failed', 'deleting'] as const;
  const rows = connectionKinds.map((kind) => {
    const cells = classes.map((meaning) =>
      connectionStatuses(kind)
        .filter((status) => connectionClass(kind, 'v2', status, 0) === meaning)
        .map((status) => `\`${status}\``)
        .join(', '),
    );
    return [`\`${kind}\``, listsOf(kind).join(', ') || 'one list', ...cells, `${stuckAfterMs(kind) / 60_000} min`];
  });
  const header = ['kind', 'clouds', 'in progress', 'needs you', 'ready', 'failed', 'being deleted', 'stuck after'];
  const table = [header, header.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |\n`).join('');
  const between = /(<!-- words -->\n)[\s\S]*(<!-- \/words -->)/;
  expect(text).toMatch(between);
  await expect(text.replace(between, (_, before, after) => `${before}${table}${after}`)).toMatchFileSnapshot(
    path.pathname,
  );
});
