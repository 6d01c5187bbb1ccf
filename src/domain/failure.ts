/** Why a poll failed, in the words of the `reason` label. */
export const failureReasons = [
  'unauthorized',
  'forbidden',
  'ip_access_list',
  'project_not_found',
  'not_supported',
  'rate_limited',
  'timeout',
  'network',
  'tls',
  'server_error',
  'invalid_response',
  'internal',
] as const;

export type FailureReason = (typeof failureReasons)[number];
