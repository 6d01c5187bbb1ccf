/** Words of Atlas that this version does not know. */
import type { Snapshot } from './snapshot.ts';
import { connectionStatuses, interfaceEndpointStatuses, type Kind } from './status.ts';

/** How many things entered a status that this version does not know; each entry counts once. */
export function unknownStatusesEntered(before: Snapshot | null, after: Snapshot, kind: Kind): number {
  const was = new Set(before ? unknownStatuses(before, kind) : []);
  return unknownStatuses(after, kind).filter((entry) => !was.has(entry)).length;
}

function unknownStatuses(snapshot: Snapshot, kind: Kind): readonly string[] {
  return snapshot.connections.flatMap(({ id, status, cloudProvider, interfaceEndpoints }) => [
    ...(isUnknown(connectionStatuses(kind), status) ? [JSON.stringify([id, status])] : []),
    ...interfaceEndpoints.flatMap(({ key, detail }) =>
      isUnknown(interfaceEndpointStatuses(kind, cloudProvider), detail?.status)
        ? [JSON.stringify([id, key, detail?.status])]
        : [],
    ),
  ]);
}

/** Whether it is a word of Atlas that this version does not know. OTHER stands for no word at all. */
function isUnknown(statuses: readonly string[], status: string | null | undefined): boolean {
  return status != null && !statuses.includes(status);
}
