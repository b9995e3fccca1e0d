// The second file: what most page views never need.
export { open } from './card_view';
