/**
 * Loads the page anew when the preview says that something changed, and where the reader was is kept by the browser.
 * When the preview was stopped and started again, the page comes back by itself.
 */
export function startReload(): void {
  let broken = false;
  const events = new EventSource('events');
  events.addEventListener('change', () => location.reload());
  events.addEventListener('error', () => {
    broken = true;
    document.documentElement.dataset.offline = '';
  });
  events.addEventListener('open', () => {
    if (broken) location.reload();
  });
}
