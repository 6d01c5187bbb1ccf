/** Reads the query of the JSON API. Everything that is wrong is told at once. */

import type { ChangesQuery } from '../../domain/change-log.ts';
import { parseRfc3339 } from './rfc3339.ts';

export type Parsed<T> =
  | { readonly ok: true; readonly query: T }
  | { readonly ok: false; readonly errors: readonly string[] };

/** Which elements of a list are asked for: connections, or clusters. */
export interface ListQuery {
  readonly projectId?: string;
  /** The status of the connection or of one of its interface endpoints, or the state of the cluster, as Atlas gives it; case does not matter. */
  readonly status?: string;
  /** Words that the element holds, as the filter of the status page finds them. */
  readonly words?: string;
  /** The cursor of the page before. */
  readonly after?: string;
  readonly limit: number;
}

const largestLimit = 1_000;
const defaultLimit = 100;

export function parseListQuery(search: URLSearchParams): Parsed<ListQuery> {
  const reader = createReader(search, ['atlas_project_id', 'status', 'q', 'after', 'limit']);
  const after = reader.value('after');
  return reader.finish({
    ...reader.project(),
    ...reader.filter(),
    ...(after !== null && { after }),
    limit: reader.limit(),
  });
}

/** Which changes are asked for: those of the log, and which of them. */
export interface ChangesRequest extends Pick<ListQuery, 'status' | 'words'> {
  readonly log: ChangesQuery;
}

export function parseChangesQuery(search: URLSearchParams): Parsed<ChangesRequest> {
  const reader = createReader(search, ['atlas_project_id', 'status', 'q', 'since', 'before', 'order', 'limit']);
  const log = {
    ...reader.project(),
    ...reader.since(),
    ...reader.before(),
    ...reader.order(),
    limit: reader.limit(),
  };
  return reader.finish({ log, ...reader.filter() });
}

function isId(text: string): boolean {
  return /^\d{1,15}$/.test(text);
}

function createReader(search: URLSearchParams, known: readonly string[]) {
  const errors: string[] = [];
  for (const name of new Set(search.keys())) {
    if (!known.includes(name)) errors.push(`Unknown parameter ${JSON.stringify(name)}: there are ${known.join(', ')}`);
    else if (search.getAll(name).length > 1) errors.push(`Parameter "${name}" stands there more than once`);
  }
  const value = (name: string) => search.get(name);

  return {
    value,
    project() {
      const id = value('atlas_project_id');
      if (id === null) return {};
      if (!/^[0-9a-f]{24}$/i.test(id)) errors.push('"atlas_project_id" is not an id of 24 hex digits');
      return { projectId: id.toLowerCase() };
    },
    filter() {
      const [status, words] = [value('status'), value('q')];
      return { ...(status !== null && { status }), ...(words !== null && { words }) };
    },
    limit() {
      const text = value('limit');
      if (text === null) return defaultLimit;
      const limit = /^\d{1,9}$/.test(text) ? Number(text) : 0;
      if (limit < 1 || limit > largestLimit) errors.push(`"limit" is not a number from 1 to ${largestLimit}`);
      return limit;
    },
    since() {
      const text = value('since');
      if (text === null) return {};
      if (isId(text)) return { sinceId: Number(text) };
      const sinceAt = parseRfc3339(text);
      if (sinceAt !== null) return { sinceAt };
      errors.push('"since" is neither the id of a change nor a moment like 2026-01-31T12:00:00Z');
      return {};
    },
    before() {
      const text = value('before');
      if (text === null) return {};
      if (isId(text)) return { beforeId: Number(text) };
      errors.push('"before" is not the id of a change');
      return {};
    },
    order() {
      const text = value('order');
      if (text === 'newest') return { newestFirst: true };
      if (text !== null && text !== 'oldest') errors.push('"order" is neither newest nor oldest');
      return {};
    },
    finish<T>(query: T): Parsed<T> {
      return errors.length === 0 ? { ok: true, query } : { ok: false, errors };
    },
  };
}
