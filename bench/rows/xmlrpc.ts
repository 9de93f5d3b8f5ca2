// The forum door beside the JSON door: the same message of the same person into the same conversation: DESIGN.md 10.
import { type Bench, compare, type Target } from '../bench.ts';
import { ratioOf } from '../figures.ts';
import { Forum } from '../forum.ts';
import { startOurs } from '../servers.ts';
import { type Line, loadOf, times } from '../table.ts';
import { sunshinePost, TEXT } from './posts.ts';

const LEAST_RATIO = 0.9;
const PASSWORD = 'correct horse battery staple';

export async function xmlrpc(bench: Bench): Promise<Line[]> {
  const ours = await startOurs(bench.entry);
  const alice = await ours.createUser({ username: 'alice', displayName: 'Alice', password: PASSWORD });
  await ours.createUser({ username: 'bob', displayName: 'Bob' });
  const forum = await Forum.signIn(ours, 'alice', PASSWORD);
  const number = await forum.newConversation(['bob'], TEXT);
  const [conversation] = await ours.conversationsOf(alice);
  if (!conversation) throw new Error('the conversation is not in the list');
  const { port } = ours;
  const json: Target = {
    port,
    requests: [sunshinePost(ours, conversation.id, alice.sunshineId)],
    expect: { status: 201 },
  };
  const xml: Target = {
    port,
    requests: [forum.rawReply(number, TEXT)],
    expect: { status: 200, text: '<boolean>1</boolean>' },
  };
  const lines: Line[] = [];
  for (const inFlight of [1, 16]) {
    bench.note(`reply_conversation, ${inFlight} in flight`);
    const figures = await compare(bench, inFlight, { json, xml });
    const ratio = ratioOf(figures.xml, figures.json);
    lines.push({
      what: `reply_conversation in XML-RPC, ${inFlight} in flight, against the post in JSON`,
      against: loadOf(figures.json),
      ours: loadOf(figures.xml),
      ratio: times(ratio),
      budget: `>= ${LEAST_RATIO}x`,
      met: ratio >= LEAST_RATIO,
    });
  }
  return lines;
}
