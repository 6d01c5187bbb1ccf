/** How Atlas treats a credential, and each exchange with Atlas, as they are counted. */
export interface CredentialState {
  /** Name of an entry of `credentials`. */
  readonly name: string;
  readonly type: 'digest' | 'serviceAccount';
  /** How many secrets it has had since the start. */
  readonly secrets: number;
  /** Wall ms until which Atlas wants to be left alone; null when it does not. */
  readonly backoffUntil: number | null;
  /** Wall ms; null when there is no token. */
  readonly tokenExpiresAt: number | null;
  /** The lowest share of a bucket that was left within the last minute; null when no answer told. */
  readonly remainingRatio: number | null;
}

/** One exchange with Atlas that ended. */
export interface ApiRequest {
  readonly operation: string;
  /** The HTTP status, or `none` when no answer came. */
  readonly code: number | 'none';
  readonly seconds: number;
}

/** Counts exchanges with Atlas. */
export interface ApiObserver {
  request(request: ApiRequest): void;
}
