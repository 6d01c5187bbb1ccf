/** Atlas' error bodies: https://www.mongodb.com/docs/atlas/reference/api-errors/ */

export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
}

/** One line of JSON, and the code once more in a header. */
export function errorReply(
  status: number,
  errorCode: string,
  detail: string,
  parameters: readonly unknown[] | null = [],
  headers: Readonly<Record<string, string>> = {},
): Reply {
  const body = JSON.stringify({ detail, error: status, errorCode, parameters, reason: reasons[status] ?? 'Error' });
  return { status, headers: { 'Content-Type': 'application/json', 'X-Error-Code': errorCode, ...headers }, body };
}

const reasons: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  402: 'Payment Required',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  406: 'Not Acceptable',
  410: 'Gone',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
  504: 'Gateway Timeout',
};

export const replies = {
  noGroup: (id: string) => errorReply(404, 'GROUP_NOT_FOUND', `No group with ID ${id} exists.`, [id]),
  noAccess: (status: 401 | 403) => errorReply(status, 'USER_CANNOT_ACCESS_GROUP', 'User cannot access this group.'),
  noOrganization: (id: string) => errorReply(404, 'RESOURCE_NOT_FOUND', `Cannot find resource ${id}.`, [id]),
  noOrgAccess: (status: 401 | 403) =>
    errorReply(status, 'USER_CANNOT_ACCESS_ORG', 'User cannot access this organization.'),
  notOwner: (status: 401 | 403) =>
    errorReply(status, 'USER_UNAUTHORIZED', 'Current user is not authorized to perform this action.'),
  notListed: (address: string) =>
    errorReply(403, 'IP_ADDRESS_NOT_ON_ACCESS_LIST', `IP address ${address} is not allowed to access this resource.`, [
      address,
    ]),
  noService: (id: string) =>
    errorReply(404, 'PRIVATE_ENDPOINT_SERVICE_NOT_FOUND', 'Private endpoint service not found.', [id]),
  noCluster: (id: string, name: string) =>
    errorReply(404, 'CLUSTER_NOT_FOUND', `No cluster named ${name} exists in group ${id}.`, [name, id]),
  notOptedIn: () =>
    errorReply(400, 'FEATURE_NOT_ENABLED', 'Private endpoint connection strings are not enabled for this project.'),
  noResource: () => errorReply(404, 'RESOURCE_NOT_FOUND', 'Cannot find resource.', null),
  badQuery: (parameter: string) =>
    errorReply(400, 'VALIDATION_ERROR', `The value of the query parameter ${parameter} is not valid.`, [parameter]),
  /** The simulator's world is changed by tests and scenes, never through the API. */
  readOnly: () =>
    errorReply(405, 'METHOD_NOT_ALLOWED', 'The simulator answers reads only.', [], { Allow: 'GET, HEAD' }),
  badVersion: () => errorReply(406, 'INVALID_VERSION_DATE', 'Invalid accept header or version date.'),
  unexpected: () => errorReply(500, 'UNEXPECTED_ERROR', 'Unexpected error.'),
  limited(path: string, retrySeconds: number, capacity: number, refillSeconds: number): Reply {
    const detail = `Rate limit exceeded for ${path}. Please retry after ${retrySeconds} seconds. Request capacity: ${capacity}. Refill rate: ${capacity} per ${refillSeconds} seconds.`;
    return errorReply(
      429,
      'RATE_LIMITED_TOKEN_BUCKET',
      detail,
      [path, retrySeconds, capacity, capacity, refillSeconds],
      {
        'RateLimit-Limit': String(capacity),
        'RateLimit-Remaining': '0',
        'Retry-After': String(retrySeconds),
      },
    );
  },
  /** The answer of a proxy in front of Atlas. */
  proxyUnavailable: (): Reply => ({
    status: 503,
    headers: { 'Content-Type': 'text/html' },
    body: '<html><head><title>503</title></head><body><h1>503 Service Temporarily Unavailable</h1></body></html>\n',
  }),
} as const;
