// The states of the chat that people meet, by name: each brings a fresh page into itself. Checks of accessibility go over all of
// them (widget-a11y.test.ts), and so do the pictures in the docs (test/pictures.ts). One after the other: some change the app.
import type { BrowserContext, FrameLocator, Page } from 'playwright-core';
import { closeChat, loseNetwork, openChat, type WidgetWorld, write } from './widget-world.ts';

export interface Stage {
  widget: WidgetWorld;
  /** A visitor's own, which knows nothing yet. */
  context: BrowserContext;
}

export interface State {
  name: string;
  /** What is to be seen. */
  shows: string;
  /** Brings a new page of the stage there. */
  reach(stage: Stage): Promise<Page>;
}

/** The app as the states take it to be. */
export async function prepareStates({ world }: WidgetWorld): Promise<void> {
  const welcome = 'Hello! Ask us about boots, tents and routes.\nWe are here on weekdays from 9 to 18.';
  const answer = await world.operate('PATCH', '', {
    name: 'Nordlicht Outdoor',
    widget: { greeting: 'ALWAYS' },
    settings: { welcomeMessage: welcome, multiConvo: true },
  });
  if (!answer.ok) throw new Error(await answer.text());
}

/** A page with the chat open, and the conversation that its visitor's first words began. */
async function talking({ widget, context }: Stage, words: string): Promise<Talking> {
  const page = await widget.visit(context);
  const chat = await openChat(page);
  await write(chat, words);
  await chat.getByText('Sent', { exact: true }).waitFor();
  return { page, chat, c: await widget.begun(words), widget };
}

interface Talking {
  widget: WidgetWorld;
  page: Page;
  chat: FrameLocator;
  c: string;
}

/** Mia answers, and the visitor sees it. */
async function answered({ widget, chat, c }: Talking, text: string, more: object = {}): Promise<void> {
  const before = await chat.locator('.theirs').count();
  const answer = await widget.agent.ask({ t: 'send', c, text, markup: 'markdown', ...more });
  if (answer.t !== 'ack') throw new Error(JSON.stringify(answer));
  await chat.locator('.theirs').nth(before).waitFor();
}

/** The conversation read so far, as its visitor is shown it. */
async function read({ widget, chat, c }: Talking): Promise<void> {
  await widget.agent.ask({ t: 'read', c });
  await chat.getByText('Read', { exact: true }).waitFor();
}

/** The id of a file that Mia has ready. */
async function uploaded({ hub, world, mia }: WidgetWorld, name: string, bytes: Buffer): Promise<string> {
  const answer = await fetch(`${hub.url}/realtime/files?name=${name}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${await world.token(mia)}` },
    body: new Uint8Array(bytes),
  });
  return ((await answer.json()) as { file: { id: string } }).file.id;
}

const HILLS = `<svg xmlns="http://www.w3.org/2000/svg" width="480" height="300"><defs><linearGradient id="s" x2="0" y2="1">
<stop stop-color="#8ec5ff"/><stop offset="1" stop-color="#fde6c8"/></linearGradient></defs><rect width="480" height="300" fill="url(#s)"/>
<circle cx="370" cy="80" r="34" fill="#fff3d6"/><path d="M0 230 120 110l80 70 90-110 190 160v70H0z" fill="#5b7fa6"/>
<path d="M0 260 90 190l120 60 110-80 160 100v30H0z" fill="#2f5d50"/></svg>`;

/** A picture, drawn here. */
async function hills(context: BrowserContext): Promise<Buffer> {
  const page = await context.newPage();
  await page.setContent(`<body style="margin:0">${HILLS}`);
  const drawn = await page.locator('svg').screenshot();
  await page.close();
  return drawn;
}

const RICH = `A short list for **two days** in the hills:

1. boots that are *run in*
2. a shell, 300 g or less
3. [the map of the route](https://example.org/map)

> Leave early, be back early.

The code \`HILLS-10\` takes 10 % off:

\`\`\`
total = 129.00 - 12.90
\`\`\``;

const BOOTS = [
  { title: 'Ridge Mid GTX', description: 'For long days and wet grass. 129 €', actions: ['Choose Ridge'] },
  { title: 'Fjell Light', description: 'Light and quick, 410 g a boot. 99 €', actions: ['Choose Fjell'] },
  { title: 'Alp Pro', description: 'Takes crampons. 219 €', actions: ['Choose Alp'] },
].map(({ actions, ...card }) => ({
  ...card,
  actions: actions.map((text) => ({ type: 'reply', text, payload: text })),
}));

export const STATES: readonly State[] = [
  {
    name: 'launcher',
    shows: 'closed, with two messages that were not read',
    reach: async (stage) => {
      const talk = await talking(stage, 'Do you repair tents?');
      await answered(talk, 'We do.');
      await closeChat(talk.page);
      const { agent } = stage.widget;
      for (const text of ['Which one is it?', 'A picture helps.'])
        await agent.ask({ t: 'send', c: talk.c, text });
      await talk.page.locator('.badge', { hasText: '2' }).waitFor();
      return talk.page;
    },
  },
  {
    name: 'greeting',
    shows: 'closed, with a greeting beside the launcher',
    reach: async ({ widget, context }) => {
      const page = await widget.visit(context);
      await page.locator('.greeting').waitFor();
      return page;
    },
  },
  {
    name: 'welcome',
    shows: 'opened for the first time',
    reach: async ({ widget, context }) => {
      const page = await widget.visit(context);
      await openChat(page);
      return page;
    },
  },
  {
    name: 'conversation',
    shows: 'words of both sides, how far they have come, and somebody who writes',
    reach: async (stage) => {
      const talk = await talking(stage, 'Hi! Do you ship to Norway?');
      await answered(talk, 'Hello, good to hear from you. Yes, we do: 3 to 5 days to Oslo.');
      await answered(talk, 'Where should it go?');
      await write(talk.chat, 'To Tromsø. Is that a problem? 🙂');
      await talk.chat.getByText('Sent', { exact: true }).waitFor();
      await read(talk);
      stage.widget.agent.send({ t: 'typing', c: talk.c, on: true });
      await talk.chat.getByText(/is writing/).waitFor();
      return talk.page;
    },
  },
  {
    name: 'rich',
    shows: 'lists, a quote, code and a link',
    reach: async (stage) => {
      const talk = await talking(stage, 'What do I need for two days?');
      await answered(talk, RICH);
      return talk.page;
    },
  },
  {
    name: 'cards',
    shows: 'a carousel, and buttons below the newest message',
    reach: async (stage) => {
      const talk = await talking(stage, 'I am looking for boots');
      await answered(talk, '', { type: 'carousel', payload: { items: BOOTS } });
      const actions = ['A day', 'A weekend', 'Longer'].map((text) => ({
        type: 'reply',
        text,
        payload: text,
      }));
      await answered(talk, 'How long is your tour?', { payload: { actions } });
      return talk.page;
    },
  },
  {
    name: 'form',
    shows: 'a form to fill in, with a field that is not right yet',
    reach: async (stage) => {
      const talk = await talking(stage, 'Please call me back');
      const fields = [
        { type: 'text', name: 'name', label: 'Your name', minSize: 2 },
        { type: 'email', name: 'mail', label: 'Your e-mail' },
        {
          type: 'select',
          name: 'when',
          label: 'When',
          options: ['In the morning', 'In the afternoon'].map((label) => ({ name: label.slice(7), label })),
        },
      ];
      const text = 'With pleasure. How do we reach you?';
      await stage.widget.say(talk.c, { type: 'form', text, fields });
      const { page, chat } = talk;
      await chat.getByLabel('Your name').fill('Ann Berg');
      await chat.getByLabel('Your e-mail').fill('ann@');
      await chat.getByLabel('When').selectOption('In the morning');
      await chat.locator('article').getByRole('button', { name: 'Send' }).click();
      await chat.getByText('Please give an e-mail address.').waitFor();
      return page;
    },
  },
  {
    name: 'files',
    shows: 'a picture, a file, one that goes up, and one that is chosen',
    reach: async (stage) => {
      const drawn = await hills(stage.context);
      const talk = await talking(stage, 'How far is it?');
      const { widget, page, chat } = talk;
      await answered(talk, 'This is the view from there.', {
        files: [await uploaded(widget, 'view.png', drawn)],
      });
      const route = Buffer.from('A route, kilometre by kilometre. '.repeat(400));
      await answered(talk, 'And the way to it:', { files: [await uploaded(widget, 'route.txt', route)] });
      // Held on its way, as on a slow line.
      await page.route('**/realtime/files?*', () => undefined);
      const choose = (name: string) =>
        chat.locator('input[type=file]').setInputFiles({ name, mimeType: 'text/plain', buffer: route });
      await choose('packing-list.txt');
      await write(chat, 'My list');
      await chat.getByRole('progressbar').waitFor();
      await choose('questions.txt');
      await chat.getByText(/questions\.txt/).waitFor();
      return page;
    },
  },
  {
    name: 'offline',
    shows: 'no connection: what was written waits',
    reach: async (stage) => {
      const { page, chat } = await talking(stage, 'Is the shop open on Sunday?');
      await loseNetwork(stage.context, chat);
      await write(chat, 'I am on a train now');
      await write(chat, 'and lose the connection all the time');
      await chat.getByText('Waiting for a connection').first().waitFor();
      return page;
    },
  },
  {
    name: 'failed',
    shows: 'a message that was refused, to be tried again or discarded',
    reach: async (stage) => {
      const { page, chat } = await talking(stage, 'Can you look at this track?');
      const bytes = Buffer.from('\x7fELF\x02\x01\x01\0\0\0', 'latin1');
      await chat
        .locator('input[type=file]')
        .setInputFiles({ name: 'track.bin', mimeType: 'application/octet-stream', buffer: bytes });
      await write(chat, 'Here it is');
      await chat.getByRole('button', { name: 'Try again' }).waitFor();
      return page;
    },
  },
  {
    name: 'conversations',
    shows: 'the list of a visitor’s conversations, one with news',
    reach: async (stage) => {
      const talk = await talking(stage, 'Where is my parcel?');
      await answered(talk, 'It is in Oslo, and comes tomorrow.');
      const { page, chat, widget } = talk;
      await chat.getByRole('button', { name: 'All conversations' }).click();
      await chat.getByRole('button', { name: 'New conversation' }).click();
      await write(chat, 'Which gas fits the small stove?');
      await chat.getByText('Sent', { exact: true }).waitFor();
      await chat.getByRole('button', { name: 'All conversations' }).click();
      await widget.agent.ask({ t: 'send', c: talk.c, text: 'The driver rings at noon.' });
      await chat.locator('.talks').getByText('The driver rings at noon.').waitFor();
      return page;
    },
  },
  {
    name: 'away',
    shows: 'nobody of the team is there, and when they are again',
    reach: async ({ widget, context }) => {
      const { world } = widget;
      // Open on the day after tomorrow, whatever day it is.
      const day = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'][
        (new Date().getUTCDay() + 2) % 7
      ] as string;
      const hours = { zone: 'UTC', week: { [day]: ['09:00-18:00'] } };
      const offlineMessage = 'We are outside ourselves. Leave us a line!';
      await world.operate('PATCH', '', { settings: { hours, offlineMessage } });
      const page = await widget.visit(context);
      const chat = await openChat(page);
      await chat.getByText(/^Back: /).waitFor();
      await world.operate('PATCH', '', { settings: { hours: null } });
      return page;
    },
  },
  {
    name: 'emoji',
    shows: 'the picker of emoji',
    reach: async ({ widget, context }) => {
      const page = await widget.visit(context);
      const chat = await openChat(page);
      await chat.getByRole('button', { name: 'Emoji', exact: true }).click();
      await chat.getByRole('searchbox').waitFor();
      return page;
    },
  },
  {
    name: 'arabic',
    shows: 'from right to left',
    reach: async ({ widget, context }) => {
      const page = await widget.visit(context, { locale: 'ar' });
      await page.getByRole('button', { name: 'Chat' }).click();
      const chat = page.frameLocator('iframe');
      await write(chat, 'مرحبا، هل لديكم خيام خفيفة؟');
      await chat.locator('.mark', { hasText: 'أُرسلت' }).waitFor();
      const talk = { widget, page, chat, c: await widget.begun('مرحبا، هل لديكم خيام خفيفة؟') };
      await answered(talk, 'أهلاً! نعم، **Fjell Light 2** تزن 1.4 كغ.');
      return page;
    },
  },
];
