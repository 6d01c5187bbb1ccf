/** What a person can do about a failure: which key, which role, which address. Pure. */
import type { FailureReason } from '../domain/failure.ts';

/** Who asks. */
export interface Who {
  /** Name of an entry of `credentials`. */
  readonly credential: string;
  readonly type: 'digest' | 'serviceAccount';
}

/** What was asked for. */
export interface Asked {
  /** The least role that may ask for it, in Atlas' words. */
  readonly role: string;
  /** Where the role is given: `project 5df264b8f10fab7d2cad2f0d`. */
  readonly place: string;
}

/** For each reason, where no more is known than that. */
export const remedies: Readonly<Record<FailureReason, string>> = {
  unauthorized: 'Check the key and its secret: Atlas does not accept this pair',
  forbidden:
    'Give the key a role in the project: Project Read Only is enough on v2, v1.0 and some kinds want Project Owner',
  ip_access_list: "Put this exporter's address on the API access list of the key (not on the project's IP access list)",
  project_not_found: 'Check the project id; remove it from the config if the project was deleted',
  not_supported: 'Atlas no longer serves this version of the API: update the exporter',
  rate_limited: 'Poll less often, or poll fewer projects with this credential',
  timeout: 'Atlas did not answer in time: check the network and the proxy, or raise atlas.timeout',
  network: 'Atlas cannot be reached: check DNS, firewall and proxy',
  tls: "Atlas' certificate is not trusted: behind a proxy that opens TLS set atlas.caFile",
  server_error: 'Atlas has trouble: see its status page; polling goes on',
  invalid_response: 'The answer is not what Atlas documents: check atlas.baseUrl and proxies, else report it',
  internal: 'This is a defect of the exporter: report it with the log line',
};

/** The same where Atlas answered and it is known who asked for what. `address` is the one that Atlas saw. */
export function remedyFor(
  reason: FailureReason,
  { status, address }: { readonly status: number; readonly address: string | null },
  who: Who,
  { role, place }: Asked,
): string {
  const key = keyOf(who);
  if (reason === 'unauthorized') return pairRemedy(who);
  if (status === 402) return 'Atlas suspended the organization, as a rule for an unpaid invoice: settle it in Atlas';
  if (reason === 'forbidden') return `Give ${key} the role ${role} in ${place}`;
  if (reason === 'ip_access_list') {
    const what = address ?? "this exporter's address";
    return `Put ${what} on the API access list of ${key} (not on the project's IP access list)`;
  }
  if (reason === 'project_not_found') {
    return `Check the id of ${place}: it was deleted, or ${key} belongs to another organization`;
  }
  return remedies[reason];
}

/** Which key is wrong. */
export function pairRemedy(who: Who): string {
  const [pair, more] =
    who.type === 'digest'
      ? ['publicKey and privateKey', '']
      : ['clientId and clientSecret', ", or the secret's time is over"];
  return `Check the key and its secret (${pair} of ${nameOf(who)}): Atlas does not accept this pair${more}`;
}

function keyOf(who: Who): string {
  return `the ${who.type === 'digest' ? 'API key' : 'service account'} of ${nameOf(who)}`;
}

function nameOf({ credential }: Who): string {
  return `credential '${credential}'`;
}
