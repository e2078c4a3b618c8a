import tap from 'tap'
import { eachDatabase } from '../../support/databases.ts'
import { ANN, fileSite, form, PNG, stored, upload, uploaded, UPLOAD } from './support.ts'

await eachDatabase(tap, 'an upload becomes a File with a URL', async (t, db) => {
  const lab = await fileSite(t, db)
  const { ann, guest, ben } = lab
  const doc = await uploaded(ann, 'Plan of 2026.txt', 'plan', { is_private: '1' })
  t.match(doc, {
    doctype: 'File',
    owner: ANN,
    file_name: 'Plan of 2026.txt',
    file_url: '/private/files/Plan of 2026.txt',
    is_private: 1,
    file_size: 4,
    content_type: 'text/plain',
    file_type: 'TXT',
    folder: 'Home',
  })
  t.match(stored(lab), { private: ['Plan of 2026.txt'], public: [], temporary: [] })
  t.match(await ann.get(encodeURI(doc.file_url)), { status: 200, text: 'plan' })
  t.match(await guest.get(encodeURI(doc.file_url)), { status: 403 })
  t.match(await ben.get(encodeURI(doc.file_url)), { status: 403 })

  const open = await uploaded(ann, 'logo.png', PNG)
  t.match(open, { file_url: '/files/logo.png', is_private: 0, content_type: 'image/png' })
  t.match(await guest.get('/files/logo.png'), { status: 200 })
})
