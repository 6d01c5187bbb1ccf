import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { HttpBindings } from '@hono/node-server';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { type Context, Hono, type MiddlewareHandler } from 'hono';
import { methodNotAllowed } from 'hono/method-not-allowed';
import type { Log } from '../domain/log.ts';
import type { WebSettings } from '../domain/protection.ts';
import type { Admit } from './access/auth.ts';
import type { Answers, Pages } from './answers.ts';
import { toChangesJson, toConnectionsJson } from './api/api.ts';
import { type Parsed, parseChangesQuery, parseConnectionsQuery } from './api/query.ts';
import { headersOf } from './headers.ts';
import { acceptsGzip } from './metrics/negotiate.ts';
import type { Scrape } from './metrics/scrape.ts';
import { internalError, type PlainAnswer } from './plain-answer.ts';

export interface RouteOptions {
  readonly answers: Answers;
  readonly pages: Pages;
  readonly telemetryPath: string;
  /** Whether `POST /-/reload` is allowed. */
  readonly lifecycle: boolean;
  readonly scrape: Scrape;
  readonly admit: Admit;
  /** As they are now: a reload may change them. */
  readonly web: () => WebSettings;
  readonly log: Log;
}

type Routes = Hono<{ Bindings: HttpBindings }>;

const gzipped = promisify<ArrayBuffer, Buffer>(gzip);

/** Pages and JSON are text that shrinks to a seventh. Metrics do it themselves, piece by piece. */
const compressed: MiddlewareHandler = async (c, next) => {
  await next();
  const type = c.res.headers.get('Content-Type') ?? '';
  if (!/^(?:text\/html|application\/json)/.test(type) || !c.res.body) return;
  c.res.headers.set('Vary', 'Accept-Encoding');
  if (!acceptsGzip(c.req.header('Accept-Encoding'))) return;
  c.res = new Response(new Uint8Array(await gzipped(await c.res.arrayBuffer())), c.res);
  c.res.headers.set('Content-Encoding', 'gzip');
};

/** Every path and what answers it. Only `/metrics` needs a real socket: the rest is a function of the request. */
export function createRoutes(options: RouteOptions): Routes {
  const { answers, pages, telemetryPath, scrape, admit, web, log } = options;
  const app: Routes = new Hono();

  // Before what it has no use for: it does all of that by itself.
  app.get(telemetryPath, async ({ env: { incoming, outgoing } }) => {
    await scrape(incoming, outgoing);
    return RESPONSE_ALREADY_SENT;
  });
  app.use(async (c, next) => {
    await next();
    const { headers } = web();
    for (const [name, value] of Object.entries(headersOf(web()))) {
      if (!c.res.headers.has(name) || name in headers) c.res.headers.set(name, value);
    }
  });
  app.use(async (c, next) => {
    const refusal = await admit(c.env.incoming, c.req.path);
    return refusal ? toResponse(c, refusal) : next();
  });
  app.use(compressed);
  app.use(
    methodNotAllowed({
      app,
      onMethodNotAllowed: (c, methods) => c.text('Method not allowed\n', 405, { Allow: methods.join(', ') }),
    }),
  );

  addLifecycle(app, options);
  addApi(app, answers);
  app.get('/config', (c) => c.body(answers.effectiveConfig(), 200, { 'Content-Type': 'text/plain; charset=utf-8' }));
  for (const path of ['/', '/help', '/projects/:id']) app.get(path, (c) => answerPage(c, pages));

  app.notFound((c) => c.text('Not found\n', 404));
  app.onError((err, c) => {
    log.error({ err, path: c.req.path }, 'Request failed');
    return toResponse(c, internalError);
  });
  return app;
}

function toResponse(c: Context, { text, status, headers }: PlainAnswer): Response {
  return c.text(text, status, headers);
}

function addLifecycle(app: Routes, { answers, lifecycle }: RouteOptions): void {
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
    if (isFromElsewhere(c)) return c.text('Not from another site\n', 403);
    const result = await answers.reload();
    return result.ok ? c.text('Reloaded\n') : c.text(`${result.problems}\n`, 500);
  });
}

/** A page of another site, opened by somebody whose browser knows our password, must not do anything here. */
function isFromElsewhere(c: Context): boolean {
  return !['none', 'same-origin', undefined].includes(c.req.header('Sec-Fetch-Site'));
}

function addApi(app: Routes, answers: Answers): void {
  app.get('/api/v1/connections', (c) => {
    const parsed = parseConnectionsQuery(searchOf(c));
    return parsed.ok ? c.json(toConnectionsJson(answers.view(), parsed.query)) : refuse(c, parsed);
  });
  app.get('/api/v1/changes', async (c) => {
    const parsed = parseChangesQuery(searchOf(c));
    if (!parsed.ok) return refuse(c, parsed);
    return c.json(toChangesJson(await answers.changes(parsed.query), parsed.query.sinceId));
  });
}

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
