import { find, onceAFrame } from '../dom.ts';

/** Shows the checks of one status that hold the searched words; groups without any are hidden. */
export function startCheckFilter(): void {
  const form = find('#check-filter', HTMLFormElement);
  const groups = [...document.querySelectorAll<HTMLElement>('.group')].map((group) => ({
    group,
    checks: [...group.querySelectorAll<HTMLElement>('.check')].map((check) => ({
      check,
      status: check.dataset.status,
      text: (check.textContent ?? '').toLowerCase(),
    })),
  }));
  const update = onceAFrame(() => {
    const values = new FormData(form);
    const status = values.get('status');
    const words = String(values.get('query') ?? '')
      .toLowerCase()
      .split(/\s+/)
      .filter(Boolean);
    let shown = 0;
    for (const { group, checks } of groups) {
      let here = 0;
      for (const { check, status: own, text } of checks) {
        check.hidden = (status !== 'all' && status !== own) || !words.every((word) => text.includes(word));
        if (!check.hidden) here += 1;
      }
      group.hidden = here === 0;
      shown += here;
    }
    find('#no-checks', HTMLElement).hidden = shown > 0;
  });
  form.addEventListener('input', update);
  form.addEventListener('submit', (event) => event.preventDefault());
  update();
}
