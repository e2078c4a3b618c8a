import sharp from 'sharp'
import { oneAtATime } from './turns.ts'

/** What is known of a picture; nulls where it could not be read. */
export interface Picture {
  /** Pixels, as it is shown: turned as its EXIF data say. */
  width: number | null
  height: number | null
  /** A small WebP of its first frame, without the original's metadata. */
  thumbnail: Uint8Array | null
}

/** The kinds that thumbnails are made of; SVG is never drawn. */
const DRAWN = new Set(['image/jpeg', 'image/png', 'image/gif', 'image/webp', 'image/avif'])
/** A small file may unfold to anything: what is larger is never unpacked. */
const MOST_PIXELS = 64_000_000
/** Pixels of a thumbnail's longer side. */
const SIDE = 480
const MOST_SECONDS = 8

// No other reader of libvips is ever reached by what people send.
sharp.block({ operation: ['VipsForeignLoad'] })
sharp.unblock({
  operation: [
    'VipsForeignLoadJpegFile',
    'VipsForeignLoadPngFile',
    'VipsForeignLoadNsgifFile',
    'VipsForeignLoadWebpFile',
    'VipsForeignLoadHeifFile',
  ],
})
sharp.cache(false)
sharp.concurrency(1)

const inTurn = oneAtATime(20)

/**
 * Looks at a picture. What cannot be drawn in a few seconds and within the limits has no thumbnail; that is no error.
 */
export async function readPicture(file: string, contentType: string): Promise<Picture> {
  const picture: Picture = { width: null, height: null, thumbnail: null }
  if (DRAWN.has(contentType)) await inTurn(() => draw(file, picture))
  return picture
}

async function draw(file: string, picture: Picture): Promise<void> {
  try {
    const source = sharp(file, {
      limitInputPixels: MOST_PIXELS,
      sequentialRead: true,
      failOn: 'error',
      pages: 1,
      autoOrient: true,
    })
    const { width, height } = (await source.metadata()).autoOrient
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
