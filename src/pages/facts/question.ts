/** The filter of a page, read from its URL. Values that make no sense are left out: a page never answers 400. */
import { holdsWords } from '../../domain/search.ts';
import type { Row } from './standing.ts';
import { isTroubled } from './standing.ts';
import { type Range, ranges } from './timeline.ts';

export interface Question {
  /** Words to find in the connection, as `holdsWords` does. */
  readonly text: string;
  /** `troubled`, a standing, or a status of Atlas; '' for any. */
  readonly status: string;
  readonly provider: string;
  readonly kind: string;
  /** Counted from 1. */
  readonly page: number;
  readonly projects: number;
  readonly range: Range | 'auto';
}

export const everything: Question = {
  text: '',
  status: '',
  provider: '',
  kind: '',
  page: 1,
  projects: 1,
  range: 'auto',
};

export function parseQuestion(search: URLSearchParams): Question {
  const words = (name: string) => (search.get(name) ?? '').trim().slice(0, 200);
  const number = (name: string) => (/^[1-9]\d{0,5}$/.test(search.get(name) ?? '') ? Number(search.get(name)) : 1);
  return {
    text: words('text'),
    status: words('status'),
    provider: words('provider'),
    kind: words('kind'),
    page: number('page'),
    projects: number('projects'),
    range: ranges.find(({ name }) => name === search.get('range'))?.name ?? 'auto',
  };
}

/** A link to the same page with another value. A changed filter begins at its first page. */
export function link(question: Question, changed: Partial<Question>): string {
  const restart = 'text' in changed || 'status' in changed || 'provider' in changed || 'kind' in changed;
  const asked = { ...question, ...(restart && { page: 1 }), ...changed };
  const search = new URLSearchParams(
    Object.entries(asked).flatMap(([name, value]) =>
      value === everything[name as keyof Question] ? [] : [[name, String(value)]],
    ),
  );
  return `?${search}`;
}

export function isFiltered({ text, status, provider, kind }: Question): boolean {
  return text + status + provider + kind !== '';
}

export function matches(row: Row, { text, status, provider, kind }: Question): boolean {
  return (
    (provider === '' || row.connection.cloudProvider === provider) &&
    (kind === '' || row.source.source.kind === kind) &&
    (status === '' || hasStatus(row, status)) &&
    (text === '' || holdsWords(text, row.project, row.source.source, row.connection))
  );
}

function hasStatus(row: Row, status: string): boolean {
  return (
    row.standing === status ||
    row.own.status === status ||
    (status === 'troubled' && isTroubled(row.standing)) ||
    row.endpoints.some(({ part }) => part?.status === status)
  );
}
