/** Who made a change: an event of Atlas' audit log, as it is read and as a change tells it. */

/** One event of the audit log. When Atlas itself acted there is neither a user nor a key. */
export interface AuditEvent {
  readonly id: string;
  /** Wall ms. */
  readonly at: number;
  readonly type: string;
  readonly username: string | null;
  readonly publicKey: string | null;
  readonly address: string | null;
  /** Whether MongoDB's staff did it. */
  readonly mongodbStaff: boolean;
}

/** An event as a change tells it, in the words of `/api/v1/changes`. */
export interface Author {
  readonly event: string;
  /** Wall ms. */
  readonly at: number;
  readonly username?: string;
  readonly public_key?: string;
  readonly address: string | null;
  readonly mongodb_staff: boolean;
}
