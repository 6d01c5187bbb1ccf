/** How the reloads of the config went. */
export interface ReloadStatus {
  /** Whether the last reload succeeded in every part; true before the first one. */
  readonly successful: boolean;
  /** Wall ms of the last reload that did; of the start before the first one. */
  readonly lastSuccessAt: number;
}
