/** Where a link leads. */
export interface Target {
  readonly href: string
  /** The host, mail address or number, to be shown to people. */
  readonly place: string
}

export interface LinkFound extends Target {
  /** Where the link's text has ended, in UTF-16 units. */
  readonly end: number
}

const LONGEST = 2048

/** Nothing that is not seen, or that moves what is seen, and no backslash, which browsers take for a slash. */
const TRICKY = /[\s\\\p{Cc}\p{Cf}\p{Cs}\p{Z}\p{Default_Ignorable_Code_Point}]/u
const MAIL = /^[\w.+-]{1,64}@(?:[\p{L}\p{N}-]{1,63}\.){1,8}\p{L}{2,24}$/u
const TEL = /^\+?[\d().-]{3,40}$/

/**
 * What an address leads to, if it is one that a message may lead to: http, https, mailto with nothing but an address,
 * tel. An address with a name and password before the host is none: its begin is made to be taken for the host.
 */
export function targetOf(address: string): Target | null {
  if (address.length > LONGEST || TRICKY.test(address)) return null
  const [, scheme = '', rest = ''] = /^([a-z]+):(.*)$/i.exec(address) ?? []
  switch (scheme.toLowerCase()) {
    case 'http':
    case 'https':
      return webTarget(address)
    case 'mailto':
      return MAIL.test(rest) ? { href: `mailto:${rest}`, place: rest } : null
    case 'tel':
      return TEL.test(rest) && /\d{3}/.test(rest.replaceAll(/\D/g, ''))
        ? { href: `tel:${rest}`, place: rest }
        : null
    default:
      return null
  }
}

function webTarget(address: string): Target | null {
  if (!/^https?:\/\/[^/?#]/i.test(address)) return null
  try {
    const { href, hostname, host, username, password } = new URL(address)
    if (username !== '' || password !== '' || !/[a-z\d]/i.test(hostname)) return null
    return { href, place: host }
  } catch {
    return null
  }
}

const AFTER = String.raw`\s<>"\x60\p{Cc}\p{Cf}\u3000-\u303F\uFF00-\uFF0F\uFF1A-\uFF20\uFF3B-\uFF40\uFF5B-\uFF65`
const WEB = new RegExp(String.raw`(?:https?:\/\/|www\.)[^${AFTER}]+`, 'iuy')
const MAIL_BARE = /(?:mailto:)?[\w.+-]{1,64}@(?:[\p{L}\p{N}-]{1,63}\.){1,8}\p{L}{2,24}(?![\p{L}\p{N}@_-])/iuy
const TEL_BARE = /tel:\+?\d[\d().-]{2,39}/iuy

/** A run of characters that begins like a web address at `at`. */
export function webRunAt(text: string, at: number): string | undefined {
  const run = match(WEB, text, at)
  // The text of a [text](link) ends here.
  const closed = run?.indexOf('](') ?? -1
  return closed === -1 ? run : run?.slice(0, closed)
}

/** The web address with which a run at `at` begins, without the punctuation of the sentence around it. */
export function webLink(run: string, at: number): LinkFound | undefined {
  const typed = trimAddress(run)
  if (!/^www\./i.test(typed)) return found(typed, typed, at)
  return /^www\.[^./?#]+\.[^./?#]/i.test(typed) ? found(typed, `https://${typed}`, at) : undefined
}

/** The mail address or telephone link that begins at `at`, if one does. */
export function mailLinkAt(text: string, at: number): LinkFound | undefined {
  const mail = match(MAIL_BARE, text, at)
  if (mail !== undefined) return found(mail, /^mailto:/i.test(mail) ? mail : `mailto:${mail}`, at)
  const tel = match(TEL_BARE, text, at)?.replace(/[.-]+$/, '')
  return tel === undefined ? undefined : found(tel, tel, at)
}

function match(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at
  return pattern.exec(text)?.[0]
}

function found(typed: string, address: string, at: number): LinkFound | undefined {
  const target = targetOf(address)
  return target ? { ...target, end: at + typed.length } : undefined
}

const OPENERS: Readonly<Record<string, string>> = { ')': '(', ']': '[', '}': '{' }

/** Leaves off punctuation that belongs to the sentence: a full stop, a bracket that was not opened in the address. */
function trimAddress(address: string): string {
  const excess: Record<string, number> = {}
  for (const character of address) {
    if (character in OPENERS) excess[character] = (excess[character] ?? 0) + 1
    for (const [closer, opener] of Object.entries(OPENERS))
      if (character === opener) excess[closer] = (excess[closer] ?? 0) - 1
  }
  let end = address.length
  for (; end > 0; end--) {
    const last = address[end - 1] ?? ''
    if ((excess[last] ?? 0) > 0) excess[last] = (excess[last] ?? 0) - 1
    else if (!/[.,;:!?'*_~…|]/.test(last)) break
  }
  return address.slice(0, end)
}

/** Latin letters as European names of hosts have them; others can look like them and be none. */
const FAMILIAR = /^[\w.\-à-öø-ıĳ-ĸĺ-ž]*$/u
const LOOK_ALIKES = /[ıĸ]/u

/**
 * What to show beside a link: where it leads, if its text says another host, address or number, or says the right
 * host in letters that may be others than they seem.
 */
export function leadsTo(text: string, { href, place }: Target): string | null {
  const said = text.normalize('NFKC').toLowerCase().replaceAll('。', '.')
  if (href.startsWith('tel:')) {
    const digits = said.replaceAll(/\D/g, '')
    return digits.length > 2 && digits !== place.replaceAll(/\D/g, '') ? place : null
  }
  const isMail = href.startsWith('mailto:')
  if (said.includes('@') && !(isMail && said.includes(place.toLowerCase()))) return place
  const host = isMail ? asHost(place.slice(place.indexOf('@') + 1)) : withoutWww(new URL(href).hostname)
  const hosts = hostsIn(said)
  if (hosts.some((other) => asHost(other) !== host)) return place
  const strange = hosts.some((other) => !FAMILIAR.test(other) || LOOK_ALIKES.test(other))
  return strange ? place : null
}

/** Words of a text that are, or look like, names of hosts. */
function hostsIn(text: string): string[] {
  return text
    .split(/[^\p{L}\p{N}\p{M}.-]+/u)
    .map((word) => word.replace(/^[.-]+/, '').replace(/[.-]+$/, ''))
    .filter((word) => /\.\p{L}[\p{L}\p{N}\p{M}-]*$/u.test(word) || /^\d+(\.\d+){3}$/.test(word))
}

function asHost(name: string): string {
  try {
    return withoutWww(new URL(`http://${name}`).hostname)
  } catch {
    return name
  }
}

const withoutWww = (host: string): string => host.replace(/^www\./, '')
