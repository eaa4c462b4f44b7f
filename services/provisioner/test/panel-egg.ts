import type { EggVariable, PanelEgg } from '../src/panel-types/resources.ts'

/** An egg whose servers a panel takes, but for what is given. */
export function panelEgg({
  variables = [],
  ...changes
}: Partial<Omit<PanelEgg, 'relationships'>> & { variables?: Partial<EggVariable>[] } = {}): PanelEgg {
  return {
    id: 1,
    docker_image: null,
    docker_images: { One: 'example/one' },
    startup: './one',
    relationships: { variables: variables.map(eggVariable) },
    ...changes,
  }
}

export function eggVariable(changes: Partial<EggVariable> = {}): EggVariable {
  return {
    name: changes.env_variable ?? 'Odd',
    env_variable: 'ODD',
    default_value: '',
    user_editable: true,
    rules: 'nullable|string',
    ...changes,
  }
}
