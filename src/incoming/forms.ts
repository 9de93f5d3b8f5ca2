// Calls that bring files: multipart forms, whose files go into the store as they arrive, and their fields.
import { invalid, Refused } from '../domain/errors.ts';
import type { FileNumber } from '../domain/ids.ts';
import { boundaryOf, fieldText, readMultipart } from '../http/multipart.ts';
import { appCaller } from '../hub/apps.ts';
import { removeFile, uploadFile } from '../hub/files.ts';
import { type Knock, MOST_BYTES } from './knock.ts';

/** As much as a request may bring on Cloudflare's smaller plans. */
const MOST_FORM_BYTES = 100 * 1024 * 1024;

export interface Form {
  fields: Record<string, string>;
  files: FileNumber[];
}

/** Null: the call is no such form. Refused: too_large, invalid, forbidden where the app takes no files. */
export async function readForm(knock: Knock): Promise<Form | null> {
  const { request, hub, source } = knock;
  const boundary = boundaryOf(request.headers.get('content-type'));
  if (boundary === null) return null;
  if (!request.body) throw new Refused(invalid('The form is empty.'));
  const form: Form = { fields: {}, files: [] };
  const most = source.app.settings.filesPerMessage;
  try {
    for await (const part of readMultipart(request.body, boundary, MOST_FORM_BYTES)) {
      if (part.filename === null) {
        form.fields[part.name] = await fieldText(part, MOST_BYTES);
        continue;
      }
      if (form.files.length >= most) throw new Refused(invalid(`A message can have ${most} files at most.`));
      const caller = appCaller(source.app, 'bridge');
      const { number } = await uploadFile(hub, caller, part.bytes, { name: part.filename });
      form.files.push(number);
    }
    return form;
  } catch (error) {
    dropFiles(knock, form.files);
    throw error;
  }
}

/** No message will have them. Not waited for: what fails of it, the sweeper does. */
export function dropFiles({ hub, source }: Knock, files: readonly FileNumber[]): void {
  const caller = appCaller(source.app, 'bridge');
  for (const file of files) hub.defer(removeFile(hub, caller, file));
}
