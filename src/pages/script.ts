/**
 * The script of the page. It fetches the page again and changes only the nodes that differ, so that scroll, focus, selection and
 * opened details stay. It applies the filter without loading the page. Without JavaScript all but the refresh works.
 */
export const script = `'use strict';
(() => {
  const everyMs = 15000;
  const byId = (id) => document.getElementById(id);
  const button = byId('refresh');
  const lost = byId('lost');
  let live = true;
  let asked = 0;
  let typing = 0;

  function setAttributes(from, to) {
    for (const { name } of [...from.attributes]) {
      if (!to.hasAttribute(name) && !(name === 'open' && from.tagName === 'DETAILS')) from.removeAttribute(name);
    }
    for (const { name, value } of to.attributes) {
      if (from.getAttribute(name) !== value) from.setAttribute(name, value);
    }
  }

  function morph(from, to) {
    if (from.isEqualNode(to) || from.id === 'filter') return;
    if (from.nodeType !== 1) {
      from.data = to.data;
      return;
    }
    setAttributes(from, to);
    const named = new Map([...from.children].filter((child) => child.id).map((child) => [child.id, child]));
    let at = from.firstChild;
    for (const wanted of [...to.childNodes]) {
      const same = wanted.id ? named.get(wanted.id) : null;
      if (same) {
        while (at && at !== same && !(at.id && to.querySelector('#' + CSS.escape(at.id)))) {
          const gone = at;
          at = at.nextSibling;
          gone.remove();
        }
        if (at === same) at = at.nextSibling;
        else from.insertBefore(same, at);
        morph(same, wanted);
      } else if (at && !at.id && !wanted.id && at.nodeName === wanted.nodeName) {
        const next = at.nextSibling;
        morph(at, wanted);
        at = next;
      } else {
        from.insertBefore(document.importNode(wanted, true), at);
      }
    }
    while (at) {
      const gone = at;
      at = at.nextSibling;
      gone.remove();
    }
  }

  async function refresh() {
    const mine = ++asked;
    try {
      const response = await fetch(location.href, { signal: AbortSignal.timeout(10000) });
      if (!response.ok) throw new Error(response.status);
      const text = await response.text();
      if (mine !== asked) return;
      const next = new DOMParser().parseFromString(text, 'text/html');
      const focused = document.activeElement && document.activeElement.id;
      morph(document.querySelector('main'), next.querySelector('main'));
      morph(byId('foot'), next.getElementById('foot'));
      document.title = next.title;
      byId('favicon').href = next.getElementById('favicon').href;
      if (focused && document.activeElement === document.body && byId(focused)) byId(focused).focus();
      lost.hidden = true;
    } catch {
      if (mine !== asked) return;
      lost.hidden = false;
      document.title = 'No answer \\u00b7 ' + document.title.replace(/^No answer \\u00b7 /, '');
    }
  }

  button.hidden = false;
  button.addEventListener('click', () => {
    live = !live;
    button.setAttribute('aria-pressed', String(live));
    if (live) refresh();
  });
  setInterval(() => {
    if (live && !document.hidden) refresh();
  }, everyMs);
  document.addEventListener('visibilitychange', () => {
    if (live && !document.hidden) refresh();
  });

  const form = byId('filter');
  if (form) {
    const apply = () => {
      const chosen = [...new FormData(form)].filter(([, value]) => value !== '');
      history.replaceState(null, '', '?' + new URLSearchParams(chosen));
      refresh();
    };
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      apply();
    });
    form.addEventListener('change', apply);
    form.addEventListener('input', () => {
      clearTimeout(typing);
      typing = setTimeout(apply, 300);
    });
  }
})();
`;
