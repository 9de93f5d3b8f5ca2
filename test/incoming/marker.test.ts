// What a bridge of another hub, or of this one, says of a message that it sends to a Slack-shaped hook: by that it is known
// that it has crossed a bridge (contracts/webhooks-bridges-widget.md L5).
import { expect, test } from 'vitest';
import { slackEvent } from '../../src/incoming/slack.ts';

const MARKER = '0123456789ab.7.1';

test.each([
  [
    'Slack’s field for it',
    { metadata: { event_type: 'parlance_message', event_payload: { marker: MARKER } } },
    MARKER,
  ],
  ['Mattermost’s', { props: { parlance: { marker: MARKER } } }, MARKER],
  [
    'metadata of somebody else',
    { metadata: { event_type: 'x', event_payload: { marker: 7 } }, props: [] },
    null,
  ],
  ['nothing', {}, null],
])('%s', (_, more, marker) => {
  expect(slackEvent({ text: 'x', ...more }, {}, 'Hook').marker).toBe(marker);
});
