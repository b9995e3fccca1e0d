// A question of every kind, how it is answered by pointer and by keyboard, and what is sent.
const choices = [
  { id: 'c1', label: 'Price' },
  { id: 'c2', label: 'Speed' },
  { id: 'c3', label: 'Support' },
];
const base = { id: 'q1', title: 'What matters most to you?' };
const must = 'Choose an answer.';
const scale = { ...base, kind: 'scale', must, low: 'Not at all', high: 'Very much' };

export const KINDS = {
  single: {
    question: { ...base, kind: 'single', choices: [...choices, { id: 'other', label: 'Something else', words: true }], comment: 'Anything to add?', must },
    act: (card) => card.getByText('Speed').click(),
    keys: [' ', 'ArrowDown', 'Tab', 'Tab', 'Enter'],
    expected: { c: ['c2'] },
  },
  multi: {
    question: { ...base, kind: 'multi', choices: [...choices, { id: 'none', label: 'None of these', only: true }], must, min: 2, max: 2, wrong: 'Choose 2.' },
    wrong: (card) => card.getByText('Speed').click(),
    act: async (card) => {
      // None of these excludes the others, and the other way round.
      await card.getByText('None of these').click();
      await card.getByText('Speed').click();
      await card.getByText('Support').click();
    },
    keys: ['Tab', ' ', 'Tab', ' ', 'Tab', 'Tab', 'Enter'],
    expected: { c: ['c2', 'c3'] },
  },
  text: {
    question: { ...base, kind: 'text', must: 'Write something first.' },
    act: (card) => card.getByRole('textbox', { name: base.title }).fill('Opening hours'),
    keys: ['Opening hours', 'Tab', 'Enter'].flatMap((key) => (key === 'Opening hours' ? [...key].map((c) => c) : key)),
    expected: { x: 'Opening hours' },
  },
  line: {
    question: { ...base, kind: 'text', input: 'text', must: 'Write something first.' },
    act: (card) => card.getByRole('textbox', { name: base.title }).fill('Hours'),
    keys: [...'Hours', 'Enter'],
    expected: { x: 'Hours' },
  },
  number: {
    question: { ...base, kind: 'text', input: 'number', must: 'Write a number.', wrong: 'Write a number.' },
    act: (card) => card.getByRole('spinbutton', { name: base.title }).fill('12'),
    keys: ['1', '2', 'Enter'],
    expected: { x: '12' },
  },
  url: {
    question: { ...base, kind: 'text', input: 'url', must: 'Write something first.', wrong: 'Write a web address, such as https://example.com.' },
    wrong: (card) => card.getByRole('textbox').fill('example'),
    act: (card) => card.getByRole('textbox').fill('https://example.com'),
    keys: [...'https://example.com', 'Enter'],
    expected: { x: 'https://example.com' },
  },
  email: {
    question: { ...base, kind: 'text', input: 'email', must: 'Write your e-mail address.', wrong: 'Write an e-mail address, such as name@example.com.', note: 'Only to reply to you.' },
    wrong: (card) => card.getByRole('textbox').fill('me'),
    act: (card) => card.getByRole('textbox').fill('me@example.com'),
    keys: [...'me@example.com', 'Enter'],
    expected: { x: 'me@example.com' },
  },
  rating: {
    question: { ...scale, from: 1, to: 5 },
    act: (card) => card.getByText('4', { exact: true }).click(),
    keys: [' ', 'ArrowRight', 'ArrowRight', 'ArrowRight', 'Enter'],
    expected: { n: 4 },
  },
  stars: {
    question: { ...scale, from: 1, to: 5, marks: ['★', '★', '★', '★', '★'] },
    act: (card) => card.getByRole('radio', { name: '3 of 5' }).click({ force: true }),
    keys: [' ', 'ArrowRight', 'ArrowRight', 'Enter'],
    expected: { n: 3 },
  },
  faces: {
    question: { ...scale, from: 1, to: 5, marks: ['😞', '🙁', '😐', '🙂', '😀'] },
    act: (card) => card.getByRole('radio', { name: '5 of 5, Very much' }).click({ force: true }),
    keys: [' ', 'ArrowLeft', 'Enter'],
    expected: { n: 5 },
  },
  thumbs: {
    question: { ...base, kind: 'scale', must, from: 1, to: 2, marks: ['👎', '👍'] },
    act: (card) => card.getByRole('radio', { name: '2 of 2' }).click({ force: true }),
    keys: [' ', 'ArrowRight', 'Enter'],
    expected: { n: 2 },
  },
  nps: {
    question: { ...scale, from: 0, to: 10 },
    act: (card) => card.getByRole('radio', { name: '9 of 10' }).click({ force: true }),
    keys: [' ', 'ArrowLeft', 'ArrowLeft', 'Enter'],
    expected: { n: 9 },
  },
  csat: {
    question: { ...scale, from: 1, to: 5, low: 'Very dissatisfied', high: 'Very satisfied' },
    act: (card) => card.getByRole('radio', { name: '5 of 5, Very satisfied' }).click({ force: true }),
    keys: [' ', 'ArrowLeft', 'Enter'],
    expected: { n: 5 },
  },
  ces: {
    question: { ...scale, from: 1, to: 7 },
    act: (card) => card.getByText('7', { exact: true }).click(),
    keys: [' ', 'ArrowLeft', 'Enter'],
    expected: { n: 7 },
  },
  link: {
    question: { ...base, kind: 'link', button: 'Read the guide', url: 'https://example.com/guide' },
    act: async (card, page) => {
      await page.context().route('https://example.com/**', (route) => route.fulfill({ body: 'A guide' }));
      await card.getByRole('link', { name: 'Read the guide' }).click();
    },
    keys: ['Enter'],
    expected: { n: 1 },
  },
  dropdown: {
    question: { ...base, kind: 'dropdown', choices: [...choices, { id: 'other', label: 'Something else', words: true }], must },
    act: (card) => card.getByRole('combobox', { name: base.title }).selectOption('c3'),
    keys: ['S', 'u', 'Tab', 'Enter'],
    expected: { c: ['c3'] },
  },
  ranking: {
    question: { ...base, kind: 'ranking', choices, up: 'Move up', down: 'Move down' },
    act: (card) => card.getByRole('button', { name: 'Move up: Speed' }).click(),
    expected: { c: ['c2', 'c1', 'c3'] },
    keys: ['Enter', 'Tab', 'Tab', 'Enter'],
  },
  date: {
    question: { ...base, kind: 'date', must: 'Choose a date.', wrong: 'Write a whole date.' },
    act: (card) => card.locator('input[type=date]').fill('2026-03-01'),
    expected: { x: '2026-03-01' },
  },
  consent: {
    question: { ...base, kind: 'consent', note: 'You may quote me.', must: 'Tick the box to go on.' },
    act: (card) => card.getByText('You may quote me.').click(),
    keys: [' ', 'Tab', 'Enter'],
    expected: { n: 1 },
  },
};
