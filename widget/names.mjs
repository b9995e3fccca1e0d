// Looks for the order of variable names with which a file compresses best, and prints each that is better.
//
//   node names.mjs [core|view] [SECONDS] [START]
import { compressed, joined, minified } from './bundle.mjs';

const [name = 'core', seconds = '90', start] = process.argv.slice(2);
const text = await joined(name === 'core' ? { entry: 'src/main.ts', format: 'iife' } : { entry: `src/${name}.ts`, format: 'esm' });
const size = async (names) => compressed(await minified(text, { name, names }));
const letter = () => Math.floor(Math.random() * 52);

let best = start ?? 'etnoirascludfpmhgvbywxkjqzETNOIRASCLUDFPMHGVBYWXKJQZ';
let least = await size(best);
for (const end = Date.now() + Number(seconds) * 1000; Date.now() < end; ) {
  const letters = [...best];
  for (let swaps = Math.random() * 3; swaps >= 0; swaps -= 1) {
    const [one, other] = [letter(), letter()];
    [letters[one], letters[other]] = [letters[other], letters[one]];
  }
  const names = letters.join('');
  const bytes = await size(names);
  if (bytes > least) continue;
  if (bytes < least) console.log(bytes, names);
  [best, least] = [names, bytes];
}
