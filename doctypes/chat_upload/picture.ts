import type Sharp from 'sharp'
import { oneAtATime } from './turns.ts'

/** What is known of a picture; nulls where it could not be read. */
export interface Picture {
  /** Pixels, as it is shown: turned as its EXIF data say. */
  width: number | null
  height: number | null
  /** A small WebP of its first frame, without the original's metadata. */
  thumbnail: Uint8Array | null
}

/** The kinds that thumbnails are made of, as libvips names them; SVG is never drawn. */
const DRAWN: Readonly<Record<string, string>> = {
  'image/jpeg': 'jpeg',
  'image/png': 'png',
  'image/gif': 'gif',
  'image/webp': 'webp',
  'image/avif': 'heif',
}
/** A small file may unfold to anything: what is larger is never unpacked. */
const MOST_PIXELS = 64_000_000
/** Pixels of a thumbnail's longer side. */
const SIDE = 480
const MOST_SECONDS = 8

let library: Promise<typeof Sharp> | undefined

/** Loaded with the first picture: no start of a server or of a command waits for it. */
function loadSharp(): Promise<typeof Sharp> {
  library ??= import('sharp').then(({ default: sharp }) => {
    // Files come once and go: remembering them would only keep them open.
    sharp.cache(false)
    return sharp
  })
  return library
}

const inTurn = oneAtATime(15)

/**
 * Looks at a picture. What cannot be drawn in a few seconds and within the limits has no thumbnail; that is no error.
 */
export async function readPicture(file: string, contentType: string): Promise<Picture> {
  const picture: Picture = { width: null, height: null, thumbnail: null }
  const format = DRAWN[contentType]
  if (format) await inTurn(() => draw(file, format, picture))
  return picture
}

async function draw(file: string, expected: string, picture: Picture): Promise<void> {
  const sharp = await loadSharp()
  try {
    const source = sharp(file, {
      limitInputPixels: MOST_PIXELS,
      sequentialRead: true,
      failOn: 'error',
      pages: 1,
      autoOrient: true,
    })
    const { format, autoOrient } = await source.metadata()
    // What two readers take for different things is made to deceive one of them.
    if ((format as string) !== expected) return
    const { width, height } = autoOrient
    Object.assign(picture, { width, height })
    picture.thumbnail = await source
      .resize({ width: SIDE, height: SIDE, fit: 'inside', withoutEnlargement: true })
      .webp({ quality: 72, effort: 3 })
      .timeout({ seconds: MOST_SECONDS })
      .toBuffer()
  } catch {
    // Broken, too large, too slow, or made to harm.
  }
}
