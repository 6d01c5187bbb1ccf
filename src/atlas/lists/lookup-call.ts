import type { GetJson } from './request.ts';

/** Whom a look-up asks about, and how. */
export interface LookupCall {
  readonly get: GetJson;
  /** The id of a project, or the name of a credential. */
  readonly subject: string;
  /** The project, or one of those that the credential reads. */
  readonly projectId: string;
  /** The organization of the project; '' when it is not known. */
  readonly orgId: string;
  /** Public key or client id of the credential. */
  readonly user: string;
  /** Wall ms. */
  readonly now: number;
  /** Since when events are asked for, in wall ms; only after a change. */
  readonly since: number;
}
