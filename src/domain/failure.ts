/** A failure, as the log, the page, the JSON API, `poll` and `check` show it; and the one catalogue of what to do about each reason. */

/** One failure. No field ever holds a secret or a stack. */
export interface Failure {
  readonly reason: FailureReason;
  /** What happened, with what the answer told of it: `Atlas answered 403 IP_ADDRESS_NOT_ON_ACCESS_LIST for 203.0.113.24`. */
  readonly detail: string;
  /** What to do about this very failure: it names the credential, the role or the address as far as they are known. */
  readonly remedy: string;
}

export type FailureReason = keyof typeof catalogue;

/** What is known of a reason before anything is known of the failure. */
export interface Guide {
  readonly title: string;
  readonly meaning: string;
  /** What to do, in one sentence: the remedy of every failure that knows no better one. */
  readonly remedy: string;
  /** What else to look at. */
  readonly more: readonly string[];
}

const catalogue = {
  unauthorized: {
    title: 'Atlas refuses the credential',
    meaning: 'The key or secret is wrong, was deleted, or has expired. Everything that this credential reads is blind.',
    remedy: 'Check the key and its secret: Atlas does not accept this pair',
    more: [
      'Make a new API key or service account secret in Atlas and put it where the config points: it is used without a restart.',
      'Run "check --online" with the same config to see which credential it is.',
    ],
  },
  forbidden: {
    title: 'The credential may not read this',
    meaning:
      'The credential is right, but it has no role in the project, or not the role that this kind of endpoint needs.',
    remedy:
      'Give the key the role Project Read Only in the project; encryption at rest, backup and the API v1.0 need Project Owner',
    more: ['If it had the role before, the organization may be suspended: look at its billing page.'],
  },
  ip_access_list: {
    title: 'The address of this exporter is not on the API access list',
    meaning:
      'Atlas takes requests with this credential only from addresses on its own API access list, which is not the IP access list of a project.',
    remedy: "Put this exporter's address on the API access list of the key (not on the project's IP access list)",
    more: ['Behind a NAT gateway the address can change: put every address of the pool on the list.'],
  },
  project_not_found: {
    title: 'Atlas does not know the project',
    meaning: 'The id is wrong, the project was deleted, or this credential cannot see it.',
    remedy: 'Check the project id; remove it from the config if the project was deleted',
    more: ['Compare the id with the one in the project settings in Atlas.'],
  },
  not_supported: {
    title: 'Atlas does not serve this list',
    meaning: 'The resource or the version of the API that was asked for does not exist, or no longer exists.',
    remedy: 'Remove the cloud or kind from providers or kinds; with atlas.api: v1.0 set atlas.api: v2',
    more: ['Look for a newer version of this exporter.'],
  },
  rate_limited: {
    title: 'Atlas limits the requests',
    meaning:
      'More was asked than Atlas allows in this time. The exporter waits as long as Atlas says, and goes on by itself.',
    remedy: 'Poll less often, or poll fewer projects with this credential',
    more: [
      'If it comes back, turn "poll.interfaceEndpoints" off. See which other tools use the same project: they share its limit.',
    ],
  },
  timeout: {
    title: 'Atlas did not answer in time',
    meaning: 'A request or a whole poll took longer than it may.',
    remedy: 'Check the network and the proxy between this machine and Atlas, or raise atlas.timeout',
    more: ['See https://status.mongodb.com. Polling goes on by itself.'],
  },
  network: {
    title: 'Atlas cannot be reached',
    meaning: 'No connection: name not found, refused, reset, or a proxy in between says no.',
    remedy: 'Check DNS, firewall and proxy (HTTPS_PROXY, NO_PROXY) between this machine and Atlas',
    more: ['From this machine, try to reach the base URL of the config with curl.'],
  },
  tls: {
    title: 'The certificate of Atlas cannot be trusted',
    meaning: 'It has expired, is for another host, or is signed by an unknown authority: often a proxy that opens TLS.',
    remedy: 'If a proxy opens TLS on purpose, put its certificate authority into atlas.caFile',
    more: ['Else look at the clock of this machine, and at what atlas.baseUrl points to.'],
  },
  server_error: {
    title: 'Atlas has an error of its own',
    meaning: 'Atlas answered with a server error. Polling goes on by itself.',
    remedy: 'Nothing has to be done here: see https://status.mongodb.com',
    more: [],
  },
  invalid_response: {
    title: 'The answer is not what Atlas documents',
    meaning: 'The answer is not what the API promises: a proxy may have answered instead, or the API has changed.',
    remedy: 'Check atlas.baseUrl and the proxies in between; if the answer came from Atlas, report it with its detail',
    more: [
      'If the detail speaks of HTML, something in between answered. If not, look for a newer version of this exporter.',
    ],
  },
  internal: {
    title: 'The exporter made a mistake',
    meaning: 'Something went wrong in the exporter itself.',
    remedy: 'This is a defect of the exporter: report it with the log line',
    more: [],
  },
} as const satisfies Record<string, Guide>;

/** The catalogue, for every place that says what a reason means or what to do about it. */
export const failureGuide: Readonly<Record<FailureReason, Guide>> = catalogue;

/** The values of the `reason` label, in the order of the catalogue. */
export const failureReasons = Object.keys(catalogue) as readonly FailureReason[];
