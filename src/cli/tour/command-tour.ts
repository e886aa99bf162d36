export async function runTour(_options: object): Promise<void> {}
