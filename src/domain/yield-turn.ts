/** How work that takes long lets in what else the process has to do. */

/** The event loop has one turn. For scrapes, which nothing else goes before. */
export function yieldTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/**
 * Node takes in one new connection in each turn of the event loop (libuv since 1.45). With one turn after each piece of work, a
 * scraper behind five hundred other new connections would wait for five hundred pieces. An empty turn takes some microseconds.
 */
const turnsAtOnce = 16;

/** The event loop has as many turns as it takes to let in a crowd. For polls and pages. */
export async function yieldTurns(): Promise<void> {
  for (let turn = 0; turn < turnsAtOnce; turn++) await yieldTurn();
}
