// A hub with an app, three people of a forum and their uploads: for tests of files over the network.
import type { AppCredentials } from '../../src/standalone/demo.ts';
import { array } from '../../src/xmlrpc/value.ts';
import { id, text, texts } from '../model/forum.ts';
import type { MadeUser } from '../support/operator.ts';
import { startTestHub, type TestHub } from '../support/server.ts';
import { formOf, forumCookie, sendForm, type Uploaded } from '../support/uploads.ts';
import type { Json } from './calls/answer.ts';
import { send } from './calls/tapatalk.ts';

export interface Person extends MadeUser {
  readonly password: string;
  readonly cookie: string;
}

export class FilesWorld {
  readonly hub: TestHub;
  readonly made: AppCredentials;
  readonly ann: Person;
  readonly ben: Person;
  readonly cat: Person;

  constructor(hub: TestHub, made: AppCredentials, [ann, ben, cat]: [Person, Person, Person]) {
    this.hub = hub;
    this.made = made;
    this.ann = ann;
    this.ben = ben;
    this.cat = cat;
  }

  /** `entry`: the source of another worker than ours. */
  static async start(options: { entry?: string } = {}): Promise<FilesWorld> {
    const hub = await startTestHub(options);
    const made = await hub.createApp();
    const person = async (name: string): Promise<Person> => {
      const known = { username: name, password: `${name}'s password` };
      const user = await hub.createUser(made.app.slug, known);
      return { ...known, ...user, cookie: await forumCookie(made.tapatalk.url, known) };
    };
    return new FilesWorld(hub, made, [await person('ann'), await person('ben'), await person('cat')]);
  }

  get url(): string {
    return this.made.tapatalk.url;
  }

  upload(by: Person | null, ...form: Parameters<typeof formOf>): Promise<Uploaded> {
    return sendForm(this.url, by?.cookie ?? null, formOf(...form));
  }

  async ask(by: Person | null, method: string, ...params: Parameters<typeof send>[3]): Promise<Json> {
    return (await send(this.url, by?.cookie ?? null, method, params)).body;
  }

  /** A conversation of ann and ben that begins with these files of ann's. */
  async open(...files: string[]): Promise<string> {
    const words = [text('Pictures'), text('See')];
    const opened = await this.ask(
      this.ann,
      'new_conversation',
      texts(['ben']),
      ...words,
      array(files.map(id)),
      id(''),
    );
    if (opened.result !== true) throw new Error(JSON.stringify(opened));
    return opened.conv_id;
  }

  reply(by: Person, talk: string, words: string, files: string[], group = ''): Promise<Json> {
    const said = [text(words), text(''), array(files.map(id)), id(group)];
    return this.ask(by, 'reply_conversation', id(talk), ...said);
  }

  async messages(by: Person, talk: string): Promise<Json[]> {
    return (await this.ask(by, 'get_conversation', id(talk))).list;
  }

  /** An upload of ann's in a conversation with ben, and its signed address. */
  async posted(
    bytes: Uint8Array<ArrayBuffer> | string,
    name: string,
  ): Promise<{ talk: string; address: string }> {
    const { attachment_id: file } = await this.upload(this.ann, bytes, { name });
    const talk = await this.open(file);
    const [message] = await this.messages(this.ben, talk);
    return { talk, address: message.attachments[0].url };
  }

  /** Changes settings of the app. */
  async patch(settings: object): Promise<void> {
    const answer = await fetch(`${this.hub.url}/admin/apps/${this.made.app.slug}`, {
      method: 'PATCH',
      headers: { authorization: `Bearer ${this.hub.adminToken}` },
      body: JSON.stringify({ settings }),
    });
    if (!answer.ok) throw new Error(await answer.text());
  }
}
