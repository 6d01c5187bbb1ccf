/** What a person can do about a failure: which key, which role, which address. Pure. */
import { type FailureReason, failureGuide } from '../domain/failure.ts';

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

/**
 * What to do about an answer of Atlas, with the credential that asked and what it asked for. `address` is the one that
 * Atlas saw; null when it did not say.
 */
export function failureRemedy(
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
  return failureGuide[reason].remedy;
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
