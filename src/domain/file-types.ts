// Kinds of files: what they are called, and which may be shown where they were opened. How bytes are told apart is
// files/sniff.ts.

export interface FileType {
  /** Content type, as it is served. */
  readonly mime: string;
  /** Endings of names, the usual one first. A zip file has many: its bytes do not say what is in it. */
  readonly endings: readonly string[];
  /** Content types of the further endings, where they have their own. */
  readonly mimes?: Readonly<Record<string, string>>;
  /** Harmless in a browser: pictures, sound and film run nothing. */
  readonly inline?: true;
}

const OFFICE = 'application/vnd.openxmlformats-officedocument';
const OPEN = 'application/vnd.oasis.opendocument';

/** Every kind that is known by its bytes. */
export const FILE_TYPES = {
  png: { mime: 'image/png', endings: ['png', 'apng'], inline: true },
  jpeg: { mime: 'image/jpeg', endings: ['jpg', 'jpeg', 'jpe', 'jfif'], inline: true },
  gif: { mime: 'image/gif', endings: ['gif'], inline: true },
  webp: { mime: 'image/webp', endings: ['webp'], inline: true },
  bmp: { mime: 'image/bmp', endings: ['bmp'], inline: true },
  tiff: { mime: 'image/tiff', endings: ['tiff', 'tif'] },
  avif: { mime: 'image/avif', endings: ['avif'], inline: true },
  heic: { mime: 'image/heic', endings: ['heic', 'heif'] },
  svg: { mime: 'image/svg+xml', endings: ['svg'] },
  pdf: { mime: 'application/pdf', endings: ['pdf'] },
  rtf: { mime: 'application/rtf', endings: ['rtf'] },
  html: { mime: 'text/html', endings: ['html', 'htm', 'xhtml'] },
  xml: { mime: 'application/xml', endings: ['xml'] },
  text: {
    mime: 'text/plain',
    endings: ['txt', 'log', 'md', 'csv', 'tsv', 'json', 'ics', 'vcf', 'srt', 'js', 'css', 'eml'],
    mimes: {
      csv: 'text/csv',
      json: 'application/json',
      ics: 'text/calendar',
      vcf: 'text/vcard',
      js: 'text/javascript',
      css: 'text/css',
      eml: 'message/rfc822',
    },
  },
  zip: {
    mime: 'application/zip',
    endings: ['zip', 'docx', 'xlsx', 'pptx', 'odt', 'ods', 'odp', 'epub', 'apk', 'jar'],
    mimes: {
      docx: `${OFFICE}.wordprocessingml.document`,
      xlsx: `${OFFICE}.spreadsheetml.sheet`,
      pptx: `${OFFICE}.presentationml.presentation`,
      odt: `${OPEN}.text`,
      ods: `${OPEN}.spreadsheet`,
      odp: `${OPEN}.presentation`,
      epub: 'application/epub+zip',
      apk: 'application/vnd.android.package-archive',
      jar: 'application/java-archive',
    },
  },
  ole: {
    mime: 'application/x-ole-storage',
    endings: ['doc', 'xls', 'ppt', 'msg'],
    mimes: {
      doc: 'application/msword',
      xls: 'application/vnd.ms-excel',
      ppt: 'application/vnd.ms-powerpoint',
      msg: 'application/vnd.ms-outlook',
    },
  },
  sevenZip: { mime: 'application/x-7z-compressed', endings: ['7z'] },
  rar: { mime: 'application/vnd.rar', endings: ['rar'] },
  gzip: { mime: 'application/gzip', endings: ['gz', 'tgz'] },
  mp3: { mime: 'audio/mpeg', endings: ['mp3'], inline: true },
  wav: { mime: 'audio/wav', endings: ['wav'], inline: true },
  flac: { mime: 'audio/flac', endings: ['flac'], inline: true },
  ogg: {
    mime: 'audio/ogg',
    endings: ['ogg', 'oga', 'opus', 'ogv'],
    mimes: { ogv: 'video/ogg' },
    inline: true,
  },
  amr: { mime: 'audio/amr', endings: ['amr'], inline: true },
  aac: { mime: 'audio/aac', endings: ['aac'], inline: true },
  mp4: {
    mime: 'video/mp4',
    endings: ['mp4', 'm4v', 'm4a', '3gp', 'mov'],
    mimes: { m4a: 'audio/mp4', '3gp': 'video/3gpp', mov: 'video/quicktime' },
    inline: true,
  },
  webm: { mime: 'video/webm', endings: ['webm', 'mkv'], mimes: { mkv: 'video/x-matroska' }, inline: true },
  avi: { mime: 'video/x-msvideo', endings: ['avi'] },
  program: { mime: 'application/x-msdownload', endings: ['exe', 'dll', 'scr', 'com'] },
  elf: { mime: 'application/x-executable', endings: ['elf', 'so'] },
} as const satisfies Record<string, FileType>;

export type FileKind = keyof typeof FILE_TYPES;

const BY_ENDING: ReadonlyMap<string, FileType> = new Map(
  Object.values(FILE_TYPES).flatMap((type: FileType) => type.endings.map((ending) => [ending, type])),
);

/** What bytes that are none of the above are served as. */
export const UNKNOWN_MIME = 'application/octet-stream';

/** Taken unless an app says otherwise: what people show each other, and nothing that runs when it is opened. */
export const DEFAULT_FILE_TYPES: string[] = [
  ...['jpg', 'png', 'gif', 'webp', 'bmp', 'heic', 'avif', 'pdf', 'txt', 'log', 'md', 'csv', 'rtf', 'zip'],
  ...['doc', 'docx', 'xls', 'xlsx', 'ppt', 'pptx', 'odt', 'ods', 'odp'],
  ...['mp3', 'm4a', 'wav', 'ogg', 'mp4', 'mov', '3gp', 'webm'],
];

/** Other spellings of an ending, as the one that settings and rules use. */
const SAME: Readonly<Record<string, string>> = {
  jpeg: 'jpg',
  jpe: 'jpg',
  jfif: 'jpg',
  tif: 'tiff',
  htm: 'html',
};
const plainEnding = (ending: string): string => SAME[ending] ?? ending;

/** The ending of a name in small letters, '' when it has none. */
export const endingOf = (name: string): string =>
  /[^.]\.([a-z0-9]{1,10})$/i.exec(name)?.[1]?.toLowerCase() ?? '';

/** What a file is, decided by its bytes: `type` null when they are of no known kind. */
export interface Judged {
  /** The name with an ending that fits what the file is. */
  name: string;
  mime: string;
  ending: string;
}

/**
 * What a file is taken for, or null when it is not of the kinds that `allowed` lists by ending. The bytes decide; of a
 * kind with several endings the name may choose one. Bytes of no known kind go by their name, unless the name says a
 * kind whose bytes look otherwise.
 */
export function judge(type: FileType | null, name: string, allowed: readonly string[]): Judged | null {
  const given = endingOf(name);
  const ending = type ? (type.endings.includes(given) ? given : (type.endings[0] as string)) : given;
  if (!type && BY_ENDING.has(given)) return null;
  if (ending === '' || !allowed.some((one) => plainEnding(one) === plainEnding(ending))) return null;
  return {
    name:
      ending === given ? name : `${BY_ENDING.has(given) ? name.slice(0, -given.length - 1) : name}.${ending}`,
    mime: type?.mimes?.[ending] ?? type?.mime ?? UNKNOWN_MIME,
    ending,
  };
}

const INLINE: ReadonlySet<string> = new Set(
  Object.values(FILE_TYPES).flatMap((type: FileType) =>
    type.inline ? [type.mime, ...Object.values(type.mimes ?? {})] : [],
  ),
);

/** Whether a browser may show a file of this content type from the hub's own address. HTML and SVG never. */
export const mayShow = (mime: string): boolean => INLINE.has(mime);

/** Characters of a file's name, code points. */
const NAME_LENGTH = 200;

/** A name as people may have it: the last step of a path, on one line, no longer than {@link NAME_LENGTH}. */
export function plainName(given: string): string {
  const last = given.split(/[/\\]/).at(-1) ?? '';
  // Control and direction characters could make an ending look like another one.
  const clean = last
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, '')
    .replace(/\s+/g, ' ')
    .trim()
    .replace(/^\.+/, '');
  const points = [...clean];
  if (points.length <= NAME_LENGTH) return clean || 'file';
  const ending = endingOf(clean);
  return `${points.slice(0, NAME_LENGTH - ending.length - 1).join('')}${ending ? `.${ending}` : ''}`;
}
