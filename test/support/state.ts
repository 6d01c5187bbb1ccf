/** Short ways to say what is stored. */
import type { RecordedChange } from '../../src/domain/change-log.ts';
import type { SourceWrite } from '../../src/domain/stored.ts';
import { aConnection, aLedger } from './builders.ts';

export function aChange(id: number, overrides: Partial<RecordedChange> = {}): RecordedChange {
  return {
    id,
    at: id * 1000,
    not_before: id * 1000 - 60,
    atlas_project_id: 'p1',
    kind: 'cluster',
    cloud_provider: 'AWS',
    connection_id: 'c1',
    type: 'status',
    from: 'INITIATING',
    to: 'AVAILABLE',
    ...overrides,
  };
}

export function aPut(
  key: string,
  changes: readonly RecordedChange[] = [],
  status = 'AVAILABLE',
): Extract<SourceWrite, { type: 'put' }> {
  return { type: 'put', key, ledger: aLedger([aConnection('c1', { status })]), up: true, lastSuccess: 1234, changes };
}
