import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { HttpBindings } from '@hono/node-server';
import { type Context, Hono, type MiddlewareHandler } from 'hono';
import { methodNotAllowed } from 'hono/method-not-allowed';
import type { WebSettings } from '../domain/protection.ts';
import { toNames } from '../domain/view.ts';
import { isForeign } from './access/hosts.ts';
import type { Answers, Pages } from './answers.ts';
import { toChangesJson, toConnectionsJson } from './api/api.ts';
import { toClustersJson } from './api/clusters.ts';
import { type JsonFields, jsonText, textStream } from './api/json.ts';
import { type Parsed, parseChangesQuery, parseListQuery } from './api/query.ts';
import { targetsText } from './api/targets.ts';
import type { Failed } from './door.ts';
import { headersOf } from './headers.ts';
import { acceptsGzip } from './metrics/negotiate.ts';

export interface RouteOptions {
  readonly answers: Answers;
  readonly pages: Pages;
  /** Whether `POST /-/reload` is allowed. */
  readonly lifecycle: boolean;
  readonly externalUrl: URL | null;
  /** Settings as they are now: a reload may change them. */
  readonly web: () => WebSettings;
  readonly failed: Failed;
}

type Routes = Hono<{ Bindings: HttpBindings }>;

const gzipped = promisify<ArrayBuffer, Buffer>(gzip);

/** Compresses pages and JSON, which shrink to a seventh. A stream stays one: it is compressed chunk by chunk. */
const compressed: MiddlewareHandler = async (c, next) => {
  await next();
  const type = c.res.headers.get('Content-Type') ?? '';
  if (!/^(?:text\/html|application\/json)/.test(type) || !c.res.body) return;
  c.res.headers.set('Vary', 'Accept-Encoding');
  if (!acceptsGzip(c.req.header('Accept-Encoding'))) return;
  const whole = type.startsWith('text/html');
  const body = whole
    ? new Uint8Array(await gzipped(await c.res.arrayBuffer()))
    : c.res.body.pipeThrough(new CompressionStream('gzip'));
  c.res = new Response(body, c.res);
  c.res.headers.set('Content-Encoding', 'gzip');
};

/** Every path but that of the metrics, and its answer: a function of the request, for which no socket is needed. */
export function createRoutes(options: RouteOptions): Routes {
  const { answers, pages, web, failed } = options;
  const app: Routes = new Hono();

  app.use(async (c, next) => {
    await next();
    const { headers } = web();
    for (const [name, value] of Object.entries(headersOf(web()))) {
      if (!c.res.headers.has(name) || name in headers) c.res.headers.set(name, value);
    }
  });
  app.use(compressed);
  app.use(
    methodNotAllowed({
      app,
      onMethodNotAllowed: (c, methods) => c.text('Method not allowed\n', 405, { Allow: methods.join(', ') }),
    }),
  );

  addLifecycle(app, options);
  addApi(app, options);
  app.get('/config', (c) => c.body(answers.effectiveConfig(), 200, { 'Content-Type': 'text/plain; charset=utf-8' }));
  for (const path of ['/', '/changes', '/help', '/help/:alert', '/projects/:id'])
    app.get(path, (c) => answerPage(c, pages));

  app.notFound((c) => c.text('Not found\n', 404));
  app.onError((err, c) => {
    const { text, status } = failed(err, c.req.path);
    return c.text(text, status);
  });
  return app;
}

function addLifecycle(app: Routes, { answers, lifecycle, externalUrl }: RouteOptions): void {
  app.get('/-/healthy', (c) => {
    const { healthy, detail } = answers.health();
    return c.text(`${detail}\n`, healthy ? 200 : 503);
  });
  app.get('/-/ready', (c) => {
    const { ready, detail } = answers.readiness();
    return c.text(`${detail}\n`, ready ? 200 : 503);
  });
  app.post('/-/reload', async (c) => {
    if (!lifecycle) return c.text('Reload by HTTP is off: start with --web.enable-lifecycle, or send SIGHUP\n', 403);
    const sender = {
      origin: c.req.header('Origin'),
      host: c.req.header('Host'),
      fetchSite: c.req.header('Sec-Fetch-Site'),
    };
    if (isForeign(sender, externalUrl)) return c.text(foreign, 403);
    const result = await answers.reload();
    return result.ok ? c.text('Reloaded\n') : c.text(`${result.problems}\n`, 500);
  });
}

const foreign =
  'Not from a page of another site: behind a proxy that changes the Host header, start with --web.external-url\n';

function addApi(app: Routes, { answers, failed }: RouteOptions): void {
  app.get('/api/v1/connections', (c) => {
    const parsed = parseListQuery(searchOf(c));
    return parsed.ok ? stream(c, toConnectionsJson(answers.view(), parsed.query)) : refuse(c, parsed);
  });
  app.get('/api/v1/clusters', (c) => {
    const parsed = parseListQuery(searchOf(c));
    return parsed.ok ? stream(c, toClustersJson(answers.view(), parsed.query)) : refuse(c, parsed);
  });
  app.get('/api/v1/changes', async (c) => {
    const parsed = parseChangesQuery(searchOf(c));
    if (!parsed.ok) return refuse(c, parsed);
    return stream(c, await toChangesJson(answers.changes, parsed.query, toNames(answers.view())));
  });
  app.get('/api/v1/targets', (c) => {
    const view = answers.targets();
    // Prometheus keeps the list that it has while there is no new one.
    return view ? send(c, targetsText(view)) : c.text(notYet, 503, { 'Retry-After': '5' });
  });
  const stream = (c: Context, value: JsonFields) => send(c, jsonText(value));
  const send = (c: Context, text: Generator<string>) => {
    const body = textStream(text, (err) => failed(err, c.req.path));
    return c.body(body, 200, { 'Content-Type': 'application/json' });
  };
}

const notYet = 'Some lists of clusters were not read yet\n';

function refuse(c: Context, { errors }: Extract<Parsed<unknown>, { ok: false }>): Response {
  return c.json({ errors }, 400);
}

async function answerPage(c: Context, pages: Pages): Promise<Response> {
  const page = await pages.render(c.req.path, searchOf(c));
  if (!page) return c.notFound();
  return c.html(page.html, page.status, { 'Content-Security-Policy': pages.contentSecurityPolicy });
}

function searchOf(c: Context): URLSearchParams {
  return new URL(c.req.url).searchParams;
}
