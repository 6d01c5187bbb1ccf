/** What lies behind an error that fetch threw: its chain of causes, told as errors and addresses. Pure. */

/** An error or a cause of it, as far as causes can be told apart by it. */
export interface Cause {
  readonly name: string;
  readonly code: string;
  readonly message: string;
  /** `connect ECONNREFUSED 10.0.0.1:3128`; null for what is no error of the system. Holds no text of anybody else. */
  readonly told: string | null;
  /** Where the system call went, as far as it says. */
  readonly peer: Peer | null;
}

export interface Peer {
  readonly host: string;
  readonly port: number | null;
}

const deepest = 8;

/** The error, its causes, and the errors of an aggregate, outermost first. */
export function causesOf(thrown: unknown, depth = 0): readonly Cause[] {
  if (!(thrown instanceof Error) || depth > deepest) return [];
  const fields: Readonly<Record<string, unknown>> = { ...thrown };
  const code = textOf(fields['code']) ?? '';
  const peer = peerOf(fields);
  const syscall = textOf(fields['syscall']);
  const cause: Cause = {
    name: thrown.name,
    code,
    message: thrown.message,
    told: syscall === null ? null : [syscall, code, peer && placeOf(peer)].filter(Boolean).join(' '),
    peer,
  };
  const parts = thrown instanceof AggregateError ? thrown.errors : [];
  // Node gives an aggregate the code and the system call of its first error: the parts say the same with addresses.
  const own = parts.length > 0 ? { ...cause, told: null } : cause;
  return [own, ...parts.flatMap((part) => causesOf(part, depth + 1)), ...causesOf(thrown.cause, depth + 1)];
}

function peerOf(fields: Readonly<Record<string, unknown>>): Peer | null {
  const host = textOf(fields['hostname']) ?? textOf(fields['address']);
  const { port } = fields;
  return host === null ? null : { host, port: typeof port === 'number' ? port : null };
}

function placeOf({ host, port }: Peer): string {
  const name = host.includes(':') ? `[${host}]` : host;
  return port === null ? name : `${name}:${port}`;
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}
