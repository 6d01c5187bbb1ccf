/** Accounts of the simulator: credentials, and what each may see. */

export interface Account {
  /** Public key or client id. */
  readonly user: string;
  readonly secret: string;
  readonly type: 'digest' | 'serviceAccount';
  /** Whether it may read what only a Project Owner may. */
  readonly owner: boolean;
  /** The projects that it was added to; null for every project. */
  readonly projects: readonly string[] | null;
  /** A member of an organization lists the projects that it was added to, a reader all of them. */
  readonly organizationRole: 'reader' | 'member' | 'none';
  /** How a missing role is refused; null for the status that Atlas sends most often. */
  readonly refusal: 401 | 403 | null;
  /** Its address, when that is not on the API access list. */
  readonly blockedAddress: string | null;
}

export type AccountOptions = Partial<Account> & Pick<Account, 'user' | 'secret'>;

export function toAccount(options: AccountOptions): Account {
  const projects = options.projects ?? null;
  return {
    type: 'digest',
    owner: true,
    organizationRole: projects === null ? 'reader' : 'none',
    refusal: null,
    blockedAddress: null,
    ...options,
    projects,
  };
}
