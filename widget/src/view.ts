// The second file: what most page views never need.
export { open as start } from './card_view';
