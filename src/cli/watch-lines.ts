/** One change as a line for people. */
import type { RecordedChange } from '../domain/change-log.ts';
import { oneLine } from './table.ts';

/** `2026-01-31T03:12:45Z payments-prod AWS 66b1… status: AVAILABLE -> FAILED`. */
export function changeLine(change: RecordedChange, project: string): string {
  const { at, cloud_provider, kind, connection_id, interface_endpoint_id, cluster_name, type, from, to } = change;
  const place = [kind === 'cluster' ? '' : kind, cloud_provider, connection_id, interface_endpoint_id, cluster_name];
  const what = change.change === undefined ? type : `${type} ${change.change}`;
  const words = from === null && to === null ? '' : `: ${from ?? 'none'} -> ${to ?? 'none'}`;
  const moment = new Date(at).toISOString().replace(/\.\d+/, '');
  return oneLine(
    `${[moment, project, ...place, what].filter((part) => part !== undefined && part !== '').join(' ')}${words}`,
  );
}
