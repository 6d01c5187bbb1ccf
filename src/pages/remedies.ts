/** What each bad status and each reason of failure means, and what to do about it. */

import type { FailureReason } from '../domain/failure.ts';
import type { Row, Standing } from './facts/standing.ts';

export interface Remedy {
  /** Its place on the help page. */
  readonly slug: string;
  /** The alert that comes of it: its runbook in the documentation is called so. */
  readonly runbook: string;
  readonly title: string;
  readonly meaning: string;
  /** The first one is what the card says. */
  readonly steps: readonly string[];
}

export const remedies = {
  connectionFailed: {
    slug: 'connection-failed',
    runbook: 'AtlasPrivateEndpointFailed',
    title: 'A connection failed',
    meaning: 'Atlas could not create this connection, or lost it. Whoever uses it cannot reach what is behind it.',
    steps: [
      'Read the message, then delete the connection in Atlas (that of a cluster: Network Access, Private Endpoint) and create it again. Its interface endpoints have to be made anew as well.',
      'See whether other connections in the same region failed at the same time: then it is the cloud or Atlas, and https://status.mongodb.com says more.',
      'Check that the project is not at its limit of private endpoints.',
    ],
  },
  endpointFailed: {
    slug: 'interface-endpoint-failed',
    runbook: 'AtlasPrivateEndpointFailed',
    title: 'An interface endpoint failed or was rejected',
    meaning:
      'The connection itself may be well, but one of your endpoints in your cloud account is not connected to it.',
    steps: [
      'Look for this endpoint in your cloud account. If it is gone, remove it in Atlas; if it is there, remove it on both sides and add it again.',
      'AWS: the endpoint must be in the account and region that Atlas was told, and its security group must let the ports of Atlas pass.',
      'Azure: resource id and IP address given to Atlas must be those of the endpoint. GCP: every forwarding rule of the group must exist.',
    ],
  },
  errorMessage: {
    slug: 'error-message',
    runbook: 'AtlasPrivateEndpointErrorPresent',
    title: 'Atlas reports an error message',
    meaning:
      'Atlas set a message although the status is not a failed one. Often something is about to break, or is being mended.',
    steps: [
      'Read the message: it names the endpoint or the call that failed. Compare with the changes below, what else happened then?',
      'If it stays for more than an hour, edit or remove the endpoint that it names.',
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
  unauthorized: {
    slug: 'unauthorized',
    runbook: 'AtlasPrivateEndpointCredentialsRejected',
    title: 'Atlas refuses the credential',
    meaning: 'The key or secret is wrong, was deleted, or has ended. Everything that this credential reads is blind.',
    steps: [
      'Make a new API key or service account secret in Atlas and put it where the config points: it is used without a restart.',
      'Run "check --online" with the same config to see which credential it is.',
    ],
  },
  forbidden: {
    slug: 'forbidden',
    runbook: 'AtlasPrivateEndpointPollFailing',
    title: 'The credential may not read this',
    meaning:
      'The credential is right, but it has no role in the project, or not the role that this kind of endpoint needs.',
    steps: [
      'Give the key or service account the role Project Read Only in this project; encryption at rest, backup and the API v1.0 need Project Owner.',
      'If it had the role before, the organisation may be suspended: look at its billing page.',
    ],
  },
  ip_access_list: {
    slug: 'ip-access-list',
    runbook: 'AtlasPrivateEndpointIpAccessList',
    title: 'The address of this exporter is not on the API access list',
    meaning:
      'Atlas takes requests with this credential only from addresses on its own API access list, which is not the access list of the database.',
    steps: ['Add the address that the message names to the API access list of the key or service account.'],
  },
  project_not_found: {
    slug: 'project-not-found',
    runbook: 'AtlasPrivateEndpointPollFailing',
    title: 'Atlas does not know the project',
    meaning: 'The id is wrong, the project was deleted, or this credential cannot see it.',
    steps: [
      'Compare the id with the one in the project settings. If the project is gone on purpose, take it out of the config.',
    ],
  },
  not_supported: {
    slug: 'not-supported',
    runbook: 'AtlasPrivateEndpointPollFailing',
    title: 'Atlas no longer answers this version of its API',
    meaning: 'The resource or the version asked for does not exist any more.',
    steps: ['Set "api: v2", or look for a newer version of this exporter.'],
  },
  rate_limited: {
    slug: 'rate-limited',
    runbook: 'AtlasPrivateEndpointRateLimited',
    title: 'Atlas limits our requests',
    meaning:
      'More was asked than Atlas allows in this time. The exporter waits as long as Atlas says, and goes on by itself.',
    steps: [
      'If it comes back, poll less often or turn "poll.interfaceEndpoints" off. See who else uses the same project.',
    ],
  },
  timeout: {
    slug: 'timeout',
    runbook: 'AtlasPrivateEndpointPollFailing',
    title: 'Atlas did not answer in time',
    meaning: 'A request or a whole poll took longer than it may.',
    steps: ['Look at the network between here and Atlas, and at https://status.mongodb.com. It goes on by itself.'],
  },
  network: {
    slug: 'network',
    runbook: 'AtlasPrivateEndpointPollFailing',
    title: 'Atlas cannot be reached',
    meaning: 'No connection: name not found, refused, reset, or a proxy in between says no.',
    steps: [
      'From this machine, try to reach the base URL of the config with curl. Check DNS, firewall, HTTPS_PROXY and NO_PROXY.',
    ],
  },
  tls: {
    slug: 'tls',
    runbook: 'AtlasPrivateEndpointPollFailing',
    title: 'The certificate of Atlas cannot be trusted',
    meaning: 'It ended, is for another host, or was signed by somebody unknown: often a proxy that opens TLS.',
    steps: [
      'If a proxy of yours opens TLS on purpose, give its CA in "atlas.caFile". Else look at the clock of this machine.',
    ],
  },
  server_error: {
    slug: 'server-error',
    runbook: 'AtlasPrivateEndpointPollFailing',
    title: 'Atlas has an error of its own',
    meaning: 'Atlas answered with a server error. It goes on by itself.',
    steps: ['See https://status.mongodb.com. Nothing has to be done here.'],
  },
  invalid_response: {
    slug: 'invalid-response',
    runbook: 'AtlasPrivateEndpointPollFailing',
    title: 'Atlas answered something that cannot be understood',
    meaning: 'The answer is not what the API promises: a proxy may have answered instead, or the API has changed.',
    steps: [
      'Look at the detail. If it is HTML, something in between answered. If not, look for a newer version of this exporter.',
    ],
  },
  internal: {
    slug: 'internal-error',
    runbook: 'AtlasPrivateEndpointPollFailing',
    title: 'The exporter made a mistake',
    meaning: 'Something went wrong in the exporter itself.',
    steps: ['Please report it with the lines of the log around "Poll failed".'],
  },
} as const satisfies Record<FailureReason, Remedy> & Record<string, Remedy>;

const byStanding: Readonly<Partial<Record<Standing, Remedy>>> = {
  failed: remedies.connectionFailed,
  error: remedies.errorMessage,
  needs_user: remedies.needsUser,
  stuck: remedies.stuck,
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
