/** Every fault that is promised to be survived, and the tests that prove it: the table that `npm run faults` prints. */

export interface Row {
  readonly section: 'A' | 'B' | 'C' | 'D' | 'E' | 'F' | 'M';
  readonly fault: string;
  readonly proofs: readonly Proof[];
}

/** Tests of one file, by a part of their full name. */
export interface Proof {
  readonly file: string;
  readonly test: string;
}

export const sections: Readonly<Record<Row['section'], string>> = {
  A: 'What Atlas and the network answer',
  B: 'Bodies',
  C: 'Process and host',
  D: 'Server',
  E: 'Config and secrets',
  F: 'Time',
  M: 'Everything at once, against an independent count',
};

const files = {
  accept: 'test/http/metrics/scrape.test.ts',
  answers: 'test/e2e/faults/answers.test.ts',
  app: 'test/app/app.test.ts',
  bodies: 'test/e2e/faults/bodies.test.ts',
  checkOnline: 'test/cli/check-online.test.ts',
  cli: 'test/cli/cli.test.ts',
  clock: 'test/e2e/faults/clock.test.ts',
  config: 'test/e2e/faults/config.test.ts',
  cron: 'test/polling/cron.test.ts',
  day: 'test/e2e/faults/day.test.ts',
  discovery: 'test/polling/discovery.test.ts',
  document: 'test/config/document.test.ts',
  estate: 'test/stories/app-estate.test.ts',
  followUps: 'test/config/exporter/follow-ups.test.ts',
  disk: 'test/stories/state-on-a-bad-disk.test.ts',
  kill: 'test/e2e/faults/kill.test.ts',
  labels: 'test/stories/label-texts.test.ts',
  load: 'test/config/exporter/load.test.ts',
  logger: 'test/telemetry/logger.test.ts',
  model: 'test/stories/model.test.ts',
  mutations: 'test/stories/mutations.test.ts',
  negotiate: 'test/http/metrics/negotiate.test.ts',
  network: 'test/e2e/faults/network.test.ts',
  open: 'test/state/file/open.test.ts',
  pages: 'test/atlas/lists/pages.test.ts',
  process: 'test/e2e/faults/process.test.ts',
  property: 'test/domain/poll.property.test.ts',
  read: 'test/atlas/lists/read.test.ts',
  refused: 'test/stories/state-refused.test.ts',
  reload: 'test/app/reload.test.ts',
  reloadStory: 'test/stories/app-reload.test.ts',
  routes: 'test/http/routes.test.ts',
  run: 'test/cli/run.test.ts',
  secret: 'test/config/exporter/secret.test.ts',
  secrets: 'test/e2e/faults/secrets.test.ts',
  server: 'test/http/server.test.ts',
  start: 'test/e2e/faults/start.test.ts',
  stateKill: 'test/stories/state-killed.test.ts',
  textFile: 'test/config/text-file.test.ts',
  transport: 'test/atlas/http/transport.test.ts',
  visit: 'test/atlas/visit.test.ts',
  web: 'test/e2e/web/web.test.ts',
  webFaults: 'test/e2e/web/faults.test.ts',
  yaml: 'test/config/yaml-slips.test.ts',
} as const;

const proof = (file: keyof typeof files, ...tests: readonly string[]): readonly Proof[] =>
  tests.map((test) => ({ file: files[file], test }));
const rowsOf = (section: Row['section'], rows: Readonly<Record<string, readonly Proof[]>>): readonly Row[] =>
  Object.entries(rows).map(([fault, proofs]) => ({ section, fault, proofs }));

const answered = (...tests: readonly string[]) => proof('answers', ...tests.map((test) => `the app survives ${test}`));
const body = (...tests: readonly string[]) => proof('bodies', ...tests.map((test) => `a body that is ${test}`));

export const rows: readonly Row[] = [
  ...rowsOf('A', {
    '401 of a wrong key': answered('401 of a wrong key'),
    '401 with a stale nonce': answered('a stale nonce'),
    '401 USER_CANNOT_ACCESS_GROUP, NOT_IN_GROUP': answered('401 USER_CANNOT_ACCESS_GROUP', '401 NOT_IN_GROUP'),
    '403 of a role': answered('403 of a role'),
    '403 of an access list, in both words': answered('403 IP_ADDRESS', '403 ORG_REQUIRES'),
    '404 of a project': answered('404 of the project'),
    '404 of an interface endpoint between list and detail': [
      ...answered('404 of an interface endpoint', 'an interface endpoint that goes between'),
      ...proof('read', 'an interface endpoint that is listed but answers 404'),
    ],
    '406, 410': answered('406', '410'),
    '401, 403 of a web filter': answered('401 of a web filter', '403 of a web filter'),
    '404 of a list': answered('404 of a list'),
    '429 with Retry-After in seconds': answered('429 with Retry-After in seconds'),
    '429 with Retry-After as a date': answered('429 with Retry-After as a date'),
    '429 without Retry-After': answered('429 without Retry-After'),
    '429 with Retry-After of zero, negative': answered('429 with Retry-After of zero', '429 with a negative'),
    '429 with Retry-After of ten years': [
      ...answered('429 with a Retry-After of ten years'),
      ...proof('visit', 'a rate limit of ten years is asked again after five minutes'),
    ],
    'RateLimit-Remaining of 0 before any 429': answered('RateLimit-Remaining of 0'),
    '500, 504': answered('500', '504'),
    '502, 503 in HTML': answered('502 in HTML', '503 in HTML'),
    'connection refused': proof('network', 'a connection that is refused'),
    'reset before and in the body': answered('a reset before the body', 'a reset in the body'),
    'what a failed connection says of itself': proof('transport', 'names its error and address'),
    'name not found': proof('network', 'a name that is not found'),
    'black hole on connect': proof('network', 'a black hole on connect'),
    'headers that never come': answered('headers that never come'),
    'a body at 1 byte a second': answered('a body at a byte a second'),
    'TLS expired, wrong host, self-signed, unknown CA': proof(
      'network',
      'a certificate that has expired',
      'a certificate of another host',
      'a certificate that is self-signed',
      'a certificate of an authority that nobody knows',
    ),
    'redirect to another host, to http': answered('a redirect to another host', 'a redirect to http'),
    'proxy 407, refused, down': proof('network', 'password (407)', 'a proxy that refuses', 'a proxy that is down'),
    NO_PROXY: proof('network', 'where NO_PROXY goes straight'),
    'a gzip bomb, an unknown encoding': answered('a gzip bomb', 'an encoding that nobody knows'),
  }),
  ...rowsOf('B', {
    '200 with HTML': body('200 with HTML'),
    'wrong content type': body('under a wrong content type'),
    'empty, truncated': body('nothing', 'half of it'),
    'trailing garbage': body('trailing garbage', 'two answers in one'),
    BOM: body('a byte order mark'),
    'invalid UTF-8': body('invalid UTF-8'),
    '50 MB, a million elements': body('50 MB', 'a million elements'),
    'nesting 100,000 deep': body('nesting 100,000 deep'),
    'duplicate keys': body('a key twice'),
    '__proto__ keys': body('keys of prototypes'),
    'huge numbers': body('a huge number for a status', 'a huge number where nobody looks'),
    'unknown status': proof('bodies', 'an unknown status alone is no failed poll'),
    'lower-case status': body('a status in lower case'),
    'null or missing id, status': body('an id of null', 'no id', 'a status of null', 'no status'),
    'null or missing errorMessage, endpointServiceName': proof(
      'bodies',
      'errorMessage that is null or missing',
      'endpointServiceName that is null or missing',
    ),
    'null or missing interfaceEndpoints': body('interface endpoints of null', 'no interface endpoints'),
    'wrong types': body(
      'an interface endpoint of null',
      'a number for an error message',
      'an object for a service name',
      'an object for a list',
      'null for a list',
      'a string in the list',
    ),
    'duplicate ids': body('an id twice'),
    'pages that change while read, a count that lies': proof(
      'pages',
      'the last page',
      'moved to the next page',
      'must say the same twice',
    ),
    'a next link that loops or points elsewhere': proof(
      'pages',
      'pages without end',
      'full pages that never end',
      'names a next',
      'may name a next one that brings nothing',
    ),
    'label text of every awkward sort': [
      ...proof('bodies', 'label text of every awkward sort'),
      ...proof('labels', 'label texts of any sort'),
    ],
    'bodies mutated at random': proof('mutations', 'with a changed value', 'with changed bytes', 'pages of projects'),
  }),
  ...rowsOf('C', {
    'kill -9 at any moment': [
      ...proof('kill', 'kills at random moments'),
      ...proof('stateKill', 'killed at any moment'),
    ],
    'a defect at any step of the start': proof(
      'start',
      'is one line and exit code 70',
      'are one line and exit code 70',
    ),
    'an address that cannot be listened on': proof('run', 'ends it with one sentence and exit code 1'),
    'SIGTERM in a poll': proof('process', 'SIGTERM in a poll'),
    'SIGTERM in a scrape': proof('webFaults', 'a scrape under way is finished'),
    'a second SIGTERM': proof('process', 'a second SIGTERM'),
    'Ctrl+C in check --online': proof('checkOnline', 'Ctrl+C while'),
    'SIGHUP storms': proof('process', 'a storm of SIGHUP'),
    'state on a full disk': [
      ...proof('process', 'a disk that fills while it runs'),
      ...proof('disk', 'that is full takes what waits', 'that is full from the start', 'that is full still gives back'),
    ],
    'state on a read-only disk': proof('disk', 'that is read-only from the start', 'that turns read-only'),
    'state on a failing disk': proof('disk', 'that hangs holds nobody up', 'that hangs holds up the end'),
    'state corrupt, truncated, empty': [
      ...proof('open', 'a file that is no sound state', 'however a file is damaged'),
      ...proof('app', 'a state file that is no state is put aside'),
    ],
    'state of another shape with a right checksum': proof(
      'open',
      'a ledger of another shape',
      'a change of another shape',
    ),
    'state older, newer': proof('open', 'an older version', 'of a newer version'),
    'state of another owner': [...proof('open', 'of another program'), ...proof('refused', 'a user who may not write')],
    'two processes on one state file': proof('process', 'a second process on the same state'),
    'clock jumps of ±1 h': proof('clock', 'by +1 h', 'by -1 h'),
    'clock jumps of ±10 years': proof('clock', 'by +10 years', 'by -10 years'),
    'stdout closed or blocked': proof('process', 'stdout that is closed', 'stdout that nobody reads'),
    'out of file descriptors': proof('process', 'out of file descriptors'),
    'PID 1': proof('process', 'as process 1'),
  }),
  ...rowsOf('D', {
    '1,000 scrapes at once': proof('webFaults', '1,000 scrapes at once'),
    '500 readers that never read': proof('webFaults', '500 readers that never read'),
    'slow headers': proof('webFaults', 'headers that never end', 'a body that never ends'),
    '17 KB of headers': proof('server', 'bad requests 17 KB of headers'),
    'no Host, or two': proof('server', 'bad requests no Host', 'bad requests two Hosts'),
    '/../../etc/passwd, %00, //metrics': proof('server', 'a path that climbs', 'a NUL', 'two slashes'),
    'HEAD, OPTIONS, POST, unknown methods': [
      ...proof('routes', 'methods'),
      ...proof('server', 'an unknown method', 'PROPFIND', 'TRACE'),
    ],
    'random Accept headers': [...proof('negotiate', 'any text has an answer'), ...proof('accept', 'any Accept header')],
    'gzip;q=0': [...proof('negotiate', 'acceptsGzip refused'), ...proof('accept', 'no gzip for those who refuse it')],
    pipelining: proof('accept', 'pipelined scrapes are answered', 'pipelined scrapes are rendered'),
    '10,000 idle connections': proof('webFaults', '10,000 connections that say nothing'),
    'guessing passwords': proof('web', '200 wrong guesses a second'),
    'the method is never a free label': proof('webFaults', 'nobody’s label'),
  }),
  ...rowsOf('E', {
    'reload good and bad': proof(
      'app',
      'a reload adds and removes',
      'a reload that is bad',
      'a reload of what needs a restart',
    ),
    'reload of 2,000 projects': proof('config', '2,000 projects are reloaded'),
    'unknown and duplicate keys': proof('load', 'unknown-key', 'duplicate-key'),
    'duplicate projects, no projects': proof('load', 'duplicate-project', 'no-projects'),
    'a missing secret': proof('load', 'missing-secret-file', 'empty-secret-file', 'half-a-key', 'unset-variable'),
    'secret files that are missing, beside other problems': proof('load', 'missing-files-and-more'),
    'a secret of blanks, JSON, quotes or several lines': proof(
      'secret',
      'a file of blanks',
      'a file of JSON',
      'a value in quotes',
      'a file of several lines',
    ),
    'a slip in YAML': [
      ...proof('yaml', 'a variable in a map of one line', 'a cron expression that begins with a star', 'a tab'),
      ...proof('yaml', 'a quote that the next quote closes', 'a line that is indented too deep', 'a nest without end'),
      ...proof('document', 'an alias without an anchor', 'the braces of a template'),
    ],
    'a misspelt key or name, told once': [
      ...proof('followUps', 'projects is misspelt', 'a part of a credential is misspelt'),
      ...proof('load', 'misspelt-credential-of-many'),
    ],
    'a variable whose value stands in every message': proof('load', 'a variable of', 'variable-in-values'),
    'an organization without a wanted project': [
      ...proof('checkOnline', 'an organization without a project', 'an organization of which no project is wanted'),
      ...proof('discovery', 'no wanted project is told when it begins'),
      ...proof('estate', 'discovery that finds no wanted project'),
    ],
    'a role that is missing in one of many projects': proof('checkOnline', 'one project that fails among many'),
    'a secret rotated by symlink swap': [
      ...proof('config', 'a secret that is rotated by a symlink swap'),
      ...proof('secret', 'when a symlink above it was swapped'),
    ],
    'secrets with a trailing newline, CRLF, BOM': proof('secret', 'with a line end', 'from Windows'),
    'a file of the config that goes, is renamed, comes back, or is something else': [
      ...proof('reloadStory', 'an entry of a Secret that is misspelt', 'a CA file that becomes', 'was renamed is told'),
      ...proof('reload', 'a file that goes is told', 'while the config stops naming it', 'waited for'),
    ],
    'a Secret that moves from an API key to a service account': proof('reloadStory', 'in one write is taken over'),
    'a pipe, a device, a directory or a file without end as config, secret or CA file': [
      ...proof('load', 'as the config or as a secret is one problem', 'that is a device is a problem'),
      ...proof('textFile', 'is a problem in words'),
    ],
    'a key or a name called __proto__': proof('load', 'called __proto__ is one problem'),
    'a schedule that is a nickname, or never runs': [
      ...proof('cron', 'to every function', 'is refused', 'can be worked out and can tick'),
      ...proof('load', 'a nickname is a schedule'),
    ],
    'an empty path on the command line': proof('cli', 'with an empty'),
    'a half-written file': proof('config', 'a file that is half written'),
    '10,000 projects': proof('config', '10,000 projects'),
    'config files mutated at random': proof('load', 'whatever the text, it is loaded or refused'),
    'secrets absent from every output, file and process list': [
      ...proof('secrets', 'no marked secret'),
      ...proof('logger', 'no secret, at any depth'),
      ...proof('secret', 'a secret shows itself to nothing'),
    ],
    'an errorMessage that forges a log line or a label': [
      ...proof('logger', 'a text that tries to forge a line'),
      ...proof('bodies', 'label text of every awkward sort'),
    ],
  }),
  ...rowsOf('F', { 'a compressed day with faults at random': proof('day', 'a compressed day') }),
  ...rowsOf('M', {
    'random histories of one source': proof('property', 'every counter, stamp and tombstone'),
    'random histories of a fleet, its database and its page': proof('model', 'random histories'),
  }),
];
