/** What each bad status and each reason of failure means, and what to do about it. */

import { type FailureReason, failureGuide, failureReasons } from '../domain/failure.ts';
import { unreadableRemedy } from '../domain/reading.ts';
import type { Row, Standing } from './facts/standing.ts';

export interface Remedy {
  /** Its place on the help page. */
  readonly slug: string;
  /** The alert that comes of it: its runbook in the documentation is called so. */
  readonly runbook: string;
  readonly title: string;
  readonly meaning: string;
  /** The first one is what the card says: it only looks. */
  readonly steps: readonly string[];
  /** What is left when nothing else helps, and breaks something. */
  readonly lastResort?: string;
}

/** What hangs on an interface endpoint. The sentence is completed by the clusters where they are known. */
export const removalBreaks =
  'with the last interface endpoint of a connection Atlas removes the connection itself, its service name, and the private connection strings that go through it';

const ofStatuses = {
  connectionFailed: {
    slug: 'connection-failed',
    runbook: 'AtlasPrivateEndpointFailed',
    title: 'A connection failed',
    meaning: 'Atlas could not create this connection, or lost it. Whoever uses it cannot reach what is behind it.',
    steps: [
      'Read the message, and look in your cloud account whether the interface endpoints of this connection are still there; looking changes nothing.',
      'See whether other connections in the same region failed at the same time: then it is the cloud or Atlas, and https://status.mongodb.com says more.',
      'Check that the project is not at its limit of private endpoints.',
    ],
    lastResort: `Make a second connection in the region where regional mode allows it, move the applications, and only then delete this one and its interface endpoints: ${removalBreaks}.`,
  },
  endpointFailed: {
    slug: 'interface-endpoint-failed',
    runbook: 'AtlasPrivateEndpointFailed',
    title: 'An interface endpoint failed or was rejected',
    meaning:
      'The connection itself may be well, but one of your endpoints in your cloud account is not connected to it.',
    steps: [
      'Look for this endpoint in your cloud account, and what state it has there; looking changes nothing.',
      'AWS: the endpoint must be in the account and region that Atlas was told, and its security group must let the ports of Atlas pass.',
      'Azure: resource id and IP address given to Atlas must be those of the endpoint. GCP: every forwarding rule of the group must exist.',
      'If it is gone or was made wrong, make another one with the same service name and add it in Atlas first.',
    ],
    lastResort: `When the other one is ready, remove this one in Atlas and in your cloud account; never remove it while it is the only one: ${removalBreaks}.`,
  },
  errorMessage: {
    slug: 'error-message',
    runbook: 'AtlasPrivateEndpointErrorPresent',
    title: 'Atlas reports an error message',
    meaning:
      'Atlas set a message although the status is not a failed one. Often something is about to break, or is being mended.',
    steps: [
      'Read the message: it names the endpoint or the call that failed. Compare with the changes below, what else happened then?',
      'If it stays for more than an hour, look at the endpoint that it names in your cloud account.',
    ],
    lastResort: `Replace the endpoint that it names: add another one, wait until it is ready, then remove this one. Of a single one: ${removalBreaks}.`,
  },
  memberFailed: {
    slug: 'member-failed',
    runbook: 'AtlasPrivateEndpointMemberFailed',
    title: 'A member of an endpoint group failed',
    meaning:
      'One forwarding rule of a group of Google Cloud does not reach Atlas. Nodes of the cluster that are reached through it cannot be reached.',
    steps: [
      'Look for the forwarding rule that is named here in Google Cloud: if it or its address is gone, make it again with the same name and address.',
      'If it is there, remove the endpoint group in Atlas and add it again with all of its rules.',
    ],
  },
  needsUser: {
    slug: 'waiting-for-user',
    runbook: 'AtlasPrivateEndpointWaitingForUser',
    title: 'Atlas waits for you',
    meaning: 'The side of Atlas is done. The next step is yours.',
    steps: [
      'Create the interface endpoint in your cloud account with the service name shown here, then add its id in Atlas.',
    ],
  },
  approve: {
    slug: 'waiting-for-approval',
    runbook: 'AtlasPrivateEndpointWaitingForUser',
    title: 'A connection request waits for your approval',
    meaning:
      'Atlas has asked your cloud for a private endpoint (encryption at rest, backup), and somebody has to allow it.',
    steps: [
      'Approve the pending private endpoint connection in the console of your cloud; of encryption at rest on Azure it is listed at the key vault.',
    ],
  },
  stuck: {
    slug: 'stuck',
    runbook: 'AtlasPrivateEndpointStuck',
    title: 'Something takes too long',
    meaning: 'This step usually takes minutes, and it has been at it for much longer.',
    steps: [
      'Look at the interface endpoint in your cloud account: Atlas may be waiting for something that is not there.',
      'If both sides look right, open a case with MongoDB support with the id of the connection and since when it stands so.',
    ],
  },
  unreadable: {
    slug: 'unreadable',
    runbook: 'AtlasPrivateEndpointUnreadable',
    title: 'Something that cannot be read',
    meaning:
      'Atlas lists this, and its answer about it lacks what the exporter needs. What was last known of it is kept, and everything beside it goes on.',
    steps: [
      `${unreadableRemedy}.`,
      'If it is well in Atlas, open an issue of the exporter with what stands beside it.',
    ],
  },
  unknownStatus: {
    slug: 'unknown-status',
    runbook: 'AtlasPrivateEndpointUnknownStatus',
    title: 'A status that this version does not know',
    meaning: 'Atlas has a new word. The exporter shows it as it is, and counts it as OTHER in the metrics.',
    steps: ['Look the connection up in Atlas, and see whether a newer version of this exporter knows the word.'],
  },
  stale: {
    slug: 'data-stale',
    runbook: 'AtlasPrivateEndpointDataStale',
    title: 'The data is old',
    meaning:
      'This part was not read for so long that its series are no longer exposed. What is shown is what was last seen.',
    steps: ['Mend what makes the polls fail: the reason stands beside it.'],
  },
} as const satisfies Record<string, Remedy>;

/** The alerts of the reasons that have one of their own; every other reason is one of polls that fail. */
const runbooks: Readonly<Partial<Record<FailureReason, string>>> = {
  unauthorized: 'AtlasPrivateEndpointCredentialsRejected',
  ip_access_list: 'AtlasPrivateEndpointIpAccessList',
  rate_limited: 'AtlasPrivateEndpointRateLimited',
};

/** A reason of the catalogue, in the shape of the help page. */
function ofReason(reason: FailureReason): Remedy {
  const { title, meaning, remedy, more } = failureGuide[reason];
  const runbook = runbooks[reason] ?? 'AtlasPrivateEndpointPollFailing';
  return { slug: reason.replaceAll('_', '-'), runbook, title, meaning, steps: [`${remedy}.`, ...more] };
}

export const remedies = {
  ...ofStatuses,
  ...(Object.fromEntries(failureReasons.map((reason) => [reason, ofReason(reason)])) as Record<FailureReason, Remedy>),
};

const byStanding: Readonly<Partial<Record<Standing, Remedy>>> = {
  failed: remedies.connectionFailed,
  error: remedies.errorMessage,
  member_failed: remedies.memberFailed,
  needs_user: remedies.needsUser,
  stuck: remedies.stuck,
  unreadable: remedies.unreadable,
  unknown: remedies.unknownStatus,
};

/** null when there is nothing to do. */
export function remedyFor({
  standing,
  byEndpoint,
  worst,
}: Pick<Row, 'standing' | 'byEndpoint' | 'worst'>): Remedy | null {
  if (standing === 'failed' && byEndpoint) return remedies.endpointFailed;
  if (standing === 'needs_user' && worst.status === 'PENDING_ACCEPTANCE') return remedies.approve;
  return byStanding[standing] ?? null;
}
