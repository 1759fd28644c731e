'use strict';
// Pages that show what others may change look again when the server says that something was
// committed. Hidden pages hold no connection: a browser has six for all its tabs.
(function () {
  const k_spread_ms = 500;
  const k_still_ms = 2000;
  const k_unaided_ms = 60000;
  const k_prompt_ms = 1000;
  const place = () => document.getElementById('live');
  if (!place() || !window.EventSource) return;
  let events = null;
  let owed = false;

  // Rows do not move under a pointer or a keyboard's focus, nor lose their ticks. Those of a
  // session that has ended are of no use.
  function is_in_use() {
    const list = !document.getElementById('ended') && place().closest('[data-still]');
    return list && (list.matches(':hover') || list.contains(document.activeElement) ||
      list.querySelector('.tick:checked'));
  }
  function look() {
    if (!owed || document.hidden || is_in_use()) return;
    owed = false;
    htmx.trigger(place(), 'look');
  }
  // Rows that came into use, or were searched for, while others were on their way stay, too: then
  // the list asked for may be gone, and hears of its answer alone.
  document.addEventListener('htmx:beforeRequest', (event) => {
    const { elt, target } = event.detail;
    if (elt !== place() || !target.matches('[data-still]') || target.guarded) return;
    target.guarded = true;
    target.addEventListener('htmx:beforeSwap', (swap) => {
      if (swap.detail.requestConfig.elt.id !== 'live') return;
      const is_searched = document.querySelector('.filters.htmx-request');
      if (target.isConnected && !is_in_use() && !is_searched) return;
      swap.detail.shouldSwap = false;
      owed = true;
    });
  });
  function change() {
    if (owed) return;
    owed = true;
    setTimeout(look, Math.random() * k_spread_ms);
  }
  function open() {
    events = new EventSource('/console/events');
    events.addEventListener('change', change);
    // What happened before it stood, at a slow start or while it was lost, nobody told of.
    events.addEventListener('open', () => performance.now() > k_prompt_ms && change());
  }
  function close() {
    if (events) events.close();
    events = null;
  }
  document.addEventListener('visibilitychange', () => {
    close();
    if (document.hidden) return;
    open();
    change();
  });
  window.addEventListener('pagehide', close);
  window.addEventListener('pageshow', (shown) => shown.persisted && !events && open());
  setInterval(look, k_still_ms);
  setInterval(() => {
    if (!document.hidden && events && events.readyState !== EventSource.OPEN) change();
    if (events && events.readyState === EventSource.CLOSED) open();
  }, k_unaided_ms);
  if (!document.hidden) open();
})();
// What was written goes with its files, and is lost where these are refused on arrival, as when
// there is no room for them: it waits in the tab for the next page, which puts it back if it was
// not kept.
(function () {
  const k_sent = 'sent-words';
  const k_longest_ms = 600_000;
  try {
    const sent = JSON.parse(sessionStorage.getItem(k_sent) || '{}');
    sessionStorage.removeItem(k_sent);
    const is_new = Date.now() - sent.at < k_longest_ms;
    const form = is_new && Array.from(document.forms).find((each) =>
      each.getAttribute('action') === sent.action &&
      each.elements.expected_steps?.value === sent.steps);
    const words = form && form.querySelector('textarea');
    if (words && !words.value) {
      words.value = sent.words;
      const act = form.closest('details');
      if (act) act.open = true;
    }
    document.addEventListener('submit', (event) => {
      const from = event.target;
      if (!from.elements.files?.files.length || !from.elements.expected_steps) return;
      sessionStorage.setItem(k_sent, JSON.stringify({
        at: Date.now(),
        action: from.getAttribute('action'),
        steps: from.elements.expected_steps.value,
        words: from.querySelector('textarea')?.value || '',
      }));
    });
  } catch (ignored) { /* storage is off: the browser may keep it itself */ }
})();
