import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { renderCard } from '../../src/card/index.ts';
import { writeSmallBundle } from './small-bundle.ts';

describe('renderCard', () => {
  it('writes the card of a whole bundle', async () => {
    const card = await renderCard(writeSmallBundle());
    await expect(card).toMatchFileSnapshot('files/card.md');
  });
});
