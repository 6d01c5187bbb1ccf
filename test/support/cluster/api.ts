/** The API server, asked by way of `kubectl proxy` where a process of kubectl for each question would take too long. */
import type { Loose } from '../chart.ts';

export interface Api {
  /** The status, and the answer as JSON where it is JSON. */
  ask(
    method: 'GET' | 'POST' | 'DELETE',
    path: string,
    body?: object,
  ): Promise<{ readonly status: number; readonly body: Loose }>;
}

/** `url` is where the proxy listens. */
export function createApi(url: string): Api {
  return {
    async ask(method, path, body) {
      const headers = { 'content-type': 'application/json' };
      const answer = await fetch(`${url}${path}`, {
        method,
        ...(body ? { body: JSON.stringify(body), headers } : {}),
      });
      const text = await answer.text();
      return { status: answer.status, body: text.startsWith('{') ? JSON.parse(text) : text };
    },
  };
}
