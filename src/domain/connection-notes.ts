/** What else is to be said of a connection besides its status and message. The page and `poll` tell what is said here. */
import { classOfConnection } from './connection-class.ts';
import type { Connection, InterfaceEndpointDetail } from './snapshot.ts';
import type { Api, Kind } from './status.ts';
import { sunsetWords } from './sunset.ts';

export interface ConnectionNote {
  /** One sentence without a full stop. Texts of Atlas stand in it as they are. */
  readonly words: string;
  /** Whether somebody has to do something, or will have to. */
  readonly isWarning: boolean;
}

/** What needs somebody comes first. Nothing is said of a connection that cannot be read. */
export function connectionNotes(kind: Kind, api: Api, connection: Connection): readonly ConnectionNote[] {
  if (connection.unreadable !== undefined) return [];
  return [
    ...warnings(kind, api, connection).map((words) => ({ words, isWarning: true })),
    ...facts(kind, connection).map((words) => ({ words, isWarning: false })),
  ];
}

function warnings(kind: Kind, api: Api, connection: Connection): readonly string[] {
  const { sunset, connectionName, interfaceEndpoints, cloudProvider, region, endpointServiceName } = connection;
  const meaning = classOfConnection(kind, api, connection);
  const found: string[] = [];
  if (sunset !== undefined) found.push(sunsetWords(sunset));
  if (meaning === 'needs_user' && connectionName !== undefined) {
    found.push(`Approve the private endpoint connection ${connectionName} in the console of your cloud`);
  }
  if (kind === 'cluster' && meaning === 'ready' && interfaceEndpoints.length === 0) {
    found.push('No interface endpoint is attached to it: nothing goes through it');
  }
  if (kind === 'data_federation' && meaning === 'ready' && cloudProvider === 'AWS') {
    const lacking = [region === '' && 'region', endpointServiceName === '' && 'DNS name of the interface endpoint'];
    const words = lacking.filter((word) => word !== false).join(' and ');
    if (words !== '') found.push(`Atlas was told no ${words} and gives no connection string for it: tell it in Atlas`);
  }
  return found;
}

/** The service of a link of Atlas itself says nothing to people; that of the others is what they go to. */
function facts(kind: Kind, { vendor, endpointServiceName, remoteRegions = [] }: Connection): readonly string[] {
  const found: string[] = [];
  if (kind !== 'cluster' && endpointServiceName !== '') {
    found.push(`It goes to ${endpointServiceName}${vendor === undefined ? '' : ` (${vendor})`}`);
  } else if (vendor !== undefined) found.push(`It goes to a service of ${vendor}`);
  if (remoteRegions.length > 0) found.push(`Other regions that may connect: ${remoteRegions.join(', ')}`);
  return found;
}

/** How many members of the group failed; 0 of other clouds. */
export function failedMembers({ members }: Pick<InterfaceEndpointDetail, 'members'>): number {
  return members?.['FAILED'] ?? 0;
}

const mostNamed = 10;

/** `1 of 3 members failed: atlas-psc-grp-1`; null when none did. */
export function failedMembersWords(detail: InterfaceEndpointDetail): string | null {
  const failed = failedMembers(detail);
  if (failed === 0) return null;
  const all = Object.values(detail.members ?? {}).reduce((sum, count) => sum + count, 0);
  const named = detail.failedMembers ?? [];
  const rest = failed - Math.min(named.length, mostNamed);
  const names = [...named.slice(0, mostNamed), ...(rest > 0 && named.length > 0 ? [`and ${rest} more`] : [])].join(
    ', ',
  );
  return `${failed} of ${all} members failed${names === '' ? '' : `: ${names}`}`;
}
