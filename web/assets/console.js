'use strict';
// Pages that show what others may change look again when the server says that something was
// committed. Hidden pages hold no connection: a browser has six for all its tabs.
(function () {
  const k_spread_ms = 500;
  const k_still_ms = 2000;
  const k_unaided_ms = 60000;
  const place = () => document.getElementById('live');
  if (!place() || !window.EventSource) return;
  let events = null;
  let owed = false;

  // Rows do not move under a pointer or a keyboard's focus, nor lose their ticks.
  function is_in_use() {
    const list = place().closest('[data-still]');
    return list && (list.matches(':hover') || list.contains(document.activeElement) ||
      list.querySelector('.tick:checked'));
  }
  function look() {
    if (!owed || document.hidden || is_in_use()) return;
    owed = false;
    htmx.trigger(place(), 'look');
  }
  function change() {
    if (owed) return;
    owed = true;
    setTimeout(look, Math.random() * k_spread_ms);
  }
  function open() {
    events = new EventSource('/console/events');
    events.addEventListener('change', change);
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
