// What can stand where a Sunshine call takes the id of an integration or of something that is one's. The rest is forms.ts.
import { NOWHERE, type TwoApps } from '../../support/two-apps.ts';
import { type Forms, GARBAGE, variantsOf } from './forms.ts';

export type DeskKind =
  | 'integration'
  | 'integration to link'
  | 'webhook'
  | 'integration key'
  | 'switchboard'
  | 'switchboard integration'
  | 'place among integrations';

/** `others`: ids of other things that are in the caller's own app. */
export function deskForms(
  { ids, here, there }: TwoApps,
  kind: DeskKind,
  others: Record<string, string>,
): Forms {
  switch (kind) {
    case 'switchboard':
    case 'switchboard integration': {
      const [tag, own, theirs] =
        kind === 'switchboard'
          ? (['switchboard', here.desk.switchboardId, there.desk.switchboardId] as const)
          : (['line', here.desk.otherLineId, there.desk.otherLineId] as const);
      return [
        {
          'exists nowhere': ids.hex(tag, NOWHERE.desk),
          'of the other app': theirs,
          'an integration': here.desk.integrationId,
          ...GARBAGE,
          ...others,
          ...variantsOf(own),
        },
      ];
    }
    case 'integration':
    case 'integration to link':
      return [
        {
          'exists nowhere': ids.hex('integration', NOWHERE.desk),
          'of the other app': there.desk.integrationId,
          'its own webhook': here.desk.webhookId,
          'the word for oneself': 'me',
          ...GARBAGE,
          ...others,
          ...variantsOf(here.desk.integrationId),
        },
      ];
    case 'webhook':
      return [
        {
          'exists nowhere': ids.hex('webhook', NOWHERE.desk),
          'of the other app': there.desk.webhookId,
          'its own integration': here.desk.integrationId,
          ...GARBAGE,
          ...others,
          ...variantsOf(here.desk.webhookId),
        },
      ];
    case 'integration key':
      return [
        {
          'exists nowhere': `int_${ids.hex('key', NOWHERE.key)}`,
          'of the other app': there.desk.key.keyId,
          'a key of the app': here.made.sunshine.keyId,
          'a key of the app under another scope': here.made.sunshine.keyId.replace('app_', 'int_'),
          'without its scope': here.desk.key.keyId.slice(4),
          ...GARBAGE,
          ...others,
          ...variantsOf(here.desk.key.keyId),
        },
      ];
    case 'place among integrations':
      // Integrations are listed by number: a number is a place, whoever has it.
      return [
        {
          'exists nowhere': ids.hex('integration', NOWHERE.desk),
          'of the other app': there.desk.integrationId,
        },
        { ...GARBAGE, ...others, ...variantsOf(here.desk.integrationId) },
      ];
  }
}
