import type { PanelEgg } from '../../panel-types/resources.ts'

/** The panel's rule for the image of a server (`Server::$validationRules`). */
export const imagePattern = /^~?[\w./\-:@ ]*$/
export const imageCharacters = 'letters, digits, blanks and _ . / - : @'

type Image = { docker_image: string | null }
type Startup = { startup: string | null }

/**
 * The plan's image, else the first of the egg's; empty where there is none. The panel sends the first by itself: in its map of images
 * JavaScript moves keys that are numbers (`{"21": …, "8": …}`) to the front, in ascending order.
 */
export function imageOf({ docker_image, docker_images }: PanelEgg, spec: Image): string {
  const own = [docker_image, ...Object.values(docker_images)].find((image) => image?.trim())
  return (spec.docker_image ?? own ?? '').trim()
}

export function startupOf(egg: PanelEgg, spec: Startup): string {
  return spec.startup ?? egg.startup
}

/** Why the panel refuses every server of this plan, whatever an order brings: which of the plan's fields, and what to do. */
export function eggDefects(egg: PanelEgg, spec: Image & Startup): { path: string; message: string }[] {
  const image = imageOf(egg, spec)
  return [
    ...(image === ''
      ? [imageDefect('Neither the plan nor the egg has a docker image: set docker_image.')]
      : []),
    ...(image.length > 191 || !imagePattern.test(image)
      ? [
          imageDefect(
            `The panel refuses the docker image ${JSON.stringify(image)}: it takes 191 ${imageCharacters}. Correct the egg on the panel, or set docker_image.`,
          ),
        ]
      : []),
    ...(startupOf(egg, spec).trim() === ''
      ? [{ path: 'startup', message: 'Neither the plan nor the egg has a startup command: set startup.' }]
      : []),
  ]
}

function imageDefect(message: string) {
  return { path: 'docker_image', message }
}
