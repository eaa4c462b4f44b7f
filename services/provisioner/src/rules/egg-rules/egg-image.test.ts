import { expect, test } from 'vitest'
import { panelEgg } from '../../../test/panel-egg.ts'
import { planSpecSchema } from '../plan-spec.ts'
import { eggDefects, imageOf } from './egg-image.ts'

const spec = planSpecSchema.parse({ ptero_egg_id: 1, limits: { memory: 1, disk: 1 } })

test("a server gets the egg's first image, also where its keys are numbers", () => {
  const docker_images: Record<string, string> = JSON.parse('{"21":"java_21","17":"java_17","8":"java_8"}')
  expect(imageOf(panelEgg({ docker_image: 'java_21', docker_images }), spec)).toBe('java_21')
  expect(imageOf(panelEgg({ docker_image: '', docker_images: { a: ' ', b: 'java_17' } }), spec)).toBe(
    'java_17',
  )
  expect(imageOf(panelEgg({ docker_image: 'java_21' }), { docker_image: 'mine' })).toBe('mine')
})

test.each([
  ['no image at all', panelEgg({ docker_images: {} }), 'docker_image', 'Neither the plan nor the egg'],
  [
    'a blank image',
    panelEgg({ docker_images: { One: ' ' } }),
    'docker_image',
    'Neither the plan nor the egg',
  ],
  // As in exports that were edited by hand.
  [
    'a label in its image',
    panelEgg({ docker_images: { One: 'a/b:c|Java' } }),
    'docker_image',
    '"a/b:c|Java"',
  ],
  [
    'an address as image',
    panelEgg({ docker_images: { One: 'https://a.b/c?d=e' } }),
    'docker_image',
    'refuses',
  ],
  ['a long image', panelEgg({ docker_images: { One: 'x'.repeat(192) } }), 'docker_image', '191'],
  ['no startup', panelEgg({ startup: ' ' }), 'startup', 'set startup'],
])('an egg with %s is named before the sale', (_, egg, path, message) => {
  expect(eggDefects(egg, spec)).toEqual([{ path, message: expect.stringContaining(message) }])
  expect(eggDefects(egg, { docker_image: 'example/one', startup: './one' })).toEqual([])
})

test.each(['~local/image', 'ghcr.io/pterodactyl/yolks:java_21', 'host:5000/a@sha256:abc', 'quay.io/a b'])(
  'the panel takes the image %s',
  (image) => {
    expect(eggDefects(panelEgg({ docker_images: { One: image } }), spec)).toEqual([])
  },
)
