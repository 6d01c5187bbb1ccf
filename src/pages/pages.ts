import { html } from 'hono/html';

export function createPages() {
  return {
    contentSecurityPolicy: "default-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    async render(path: string): Promise<{ status: 200; html: string } | null> {
      if (path !== '/') return null;
      const page = await html`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>MongoDB Atlas private endpoints</title>
<h1>MongoDB Atlas private endpoints</h1>
<ul>
<li><a href="/metrics">Metrics</a></li>
<li><a href="/api/v1/connections">Connections</a></li>
<li><a href="/api/v1/changes">Changes</a></li>
<li><a href="/config">Config</a></li>
</ul>
</html>
`;
      return { status: 200, html: String(page) };
    },
  };
}
