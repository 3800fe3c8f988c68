import { startReload } from './reload.ts';
import { startTheme } from './theme.ts';

startTheme(() => {});
startReload();

const choice = document.querySelector<HTMLSelectElement>('#example');
choice?.addEventListener('change', () => {
  for (const example of document.querySelectorAll<HTMLElement>('[data-example]')) {
    example.hidden = example.dataset.example !== choice.value;
  }
});
