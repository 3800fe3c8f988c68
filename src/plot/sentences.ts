/** Sentences without their full stops, as one line of text. */
export function writeSentences(sentences: readonly string[]): string {
  return `${sentences.filter((sentence) => sentence !== '').join('. ')}.`;
}
